#include "udp_batch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "testing/turn_client.hpp"

namespace p2p::net {
namespace {

using testing::kLoopback;
using testing::next;

UdpSocket socket_on(const turn::IpAddress& ip) { return UdpSocket::bind(ip, 0).value(); }
turn::Endpoint endpoint_of(const UdpSocket& socket) { return {.ip = kLoopback, .port = socket.port()}; }

std::vector<std::string> read(const UdpSocket& socket, std::size_t count) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) texts.emplace_back(as_text(next(socket).value_or(Bytes{})));
  return texts;
}

TEST(SendBatch, KeepsBoundsAndOrderOfDatagramsOfAllLengths) {
  const UdpSocket from = socket_on(kLoopback);
  const UdpSocket other = socket_on(kLoopback);
  const UdpSocket left = socket_on(kLoopback);
  const UdpSocket right = socket_on(kLoopback);
  SendBatch batch;
  std::vector<std::string> to_left;
  std::vector<std::string> to_right;
  // Runs of one length with a shorter one behind, a longer one behind, an empty one, and two streams mixed.
  const std::vector<std::size_t> sizes{1'200, 1'200, 1'200, 300, 300, 1'200, 1'200, 0, 0, 7, 1'400, 1'400, 1, 2, 2};
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const std::string text(sizes[i], static_cast<char>('a' + i));
    batch.add(from, endpoint_of(left), std::nullopt, as_bytes(text));
    to_left.push_back(text);
    const std::string same(1'000, static_cast<char>('a' + i));
    batch.add(i % 2 == 0 ? from : other, endpoint_of(right), kLoopback, as_bytes(same));
    to_right.push_back(same);
  }
  batch.flush();
  EXPECT_EQ(read(left, to_left.size()), to_left);
  std::vector<std::string> came = read(right, to_right.size());   // from two sockets, each in its order
  std::ranges::sort(came);
  EXPECT_EQ(came, to_right);
  batch.flush();   // nothing is left in it
  batch.add(from, endpoint_of(left), std::nullopt, as_bytes("last"));
  batch.flush();
  EXPECT_EQ(read(left, 1), std::vector<std::string>{"last"});
}

TEST(SendBatch, LeavesByItselfWhenItIsFull) {
  const UdpSocket from = socket_on(kLoopback);
  const UdpSocket to = socket_on(kLoopback);
  SendBatch batch;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i <= SendBatch::kDatagramsMax; ++i) {
    texts.push_back(std::to_string(1'000 + i));
    batch.add(from, endpoint_of(to), std::nullopt, as_bytes(texts.back()));
  }
  EXPECT_EQ(read(to, SendBatch::kDatagramsMax), (std::vector<std::string>{texts.begin(), texts.end() - 1}));
  batch.flush();
  EXPECT_EQ(read(to, 1), std::vector<std::string>{texts.back()});
}

TEST(SendBatch, ReachesIPv4OverASocketForBoth) {
  const UdpSocket both = socket_on(turn::IpAddress{});
  const UdpSocket to = socket_on(kLoopback);
  SendBatch batch;
  for (int i = 0; i < 3; ++i) batch.add(both, endpoint_of(to), kLoopback, as_bytes("abc"));
  batch.flush();
  EXPECT_EQ(read(to, 3), (std::vector<std::string>(3, "abc")));
  const UdpSocket v4_only = socket_on(kLoopback);
  batch.add(v4_only, {.ip = turn::parse_ip("::1").value(), .port = to.port()}, std::nullopt, as_bytes("there is no way"));
  batch.flush();
}

TEST(ReceivedBatch, TellsWhoSentWhatToWhichAddressAndLeavesOutWhatIsTooLong) {
  const UdpSocket here = socket_on(turn::IpAddress::v4(0, 0, 0, 0));
  const UdpSocket from = socket_on(kLoopback);
  const turn::Endpoint second{.ip = turn::IpAddress::v4(127, 0, 0, 2), .port = here.port()};
  from.send(endpoint_of(here), std::nullopt, as_bytes("one"));
  from.send(second, std::nullopt, as_bytes(std::string(3'000, 'x')));
  from.send(second, std::nullopt, as_bytes("two"));
  ReceivedBatch batch;
  ASSERT_EQ(batch.read(here), 3U);
  ASSERT_EQ(batch.datagrams().size(), 2U);
  EXPECT_EQ(as_text(batch.datagrams()[0].data), "one");
  EXPECT_EQ(batch.datagrams()[0].from, endpoint_of(from));
  EXPECT_EQ(batch.datagrams()[0].local, kLoopback);
  EXPECT_EQ(as_text(batch.datagrams()[1].data), "two");
  EXPECT_EQ(batch.datagrams()[1].local, second.ip);
  EXPECT_EQ(batch.read(here), 0U);
  EXPECT_TRUE(batch.datagrams().empty());
}

}  // namespace
}  // namespace p2p::net
