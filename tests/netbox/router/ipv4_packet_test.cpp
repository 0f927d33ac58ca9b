#include "ipv4_packet.hpp"

#include <gtest/gtest.h>

#include "base/prng.hpp"
#include "checksum.hpp"
#include "testing/packets.hpp"

namespace p2p::netbox {
namespace {

using namespace testing;

const Endpoint kInside{address("10.1.0.2"), 40000};
const Endpoint kOutside{address("198.19.0.1"), 1025};
const Endpoint kRemote{address("198.18.0.7"), 3478};

TEST(Checksum, IsThatOfTheRfcsExample) {
  const Bytes words{std::byte{0x00}, std::byte{0x01}, std::byte{0xf2}, std::byte{0x03}, std::byte{0xf4}, std::byte{0xf5}, std::byte{0xf6}, std::byte{0xf7}};
  EXPECT_EQ(internet_checksum(words), static_cast<std::uint16_t>(~0xddf2));   // RFC 1071, section 3
}

TEST(Checksum, AdjustedIsTheSameAsComputedAnew) {
  Prng prng{7};
  for (int i = 0; i < 2000; ++i) {
    Bytes bytes;
    append_big_endian(bytes, prng.next());
    append_big_endian(bytes, prng.next());
    const std::uint16_t before = internet_checksum(bytes);
    const auto old_word = static_cast<std::uint16_t>(read_big_endian(bytes, 4, 2));
    const auto new_word = static_cast<std::uint16_t>(prng.next());
    bytes[4] = static_cast<std::byte>(new_word >> 8);
    bytes[5] = static_cast<std::byte>(new_word & 0xff);
    EXPECT_EQ(adjusted_checksum(before, old_word, new_word), internet_checksum(bytes));
  }
}

TEST(Ipv4Packet, UdpAndTcpKeepRightChecksumsWhenRewritten) {
  for (Bytes packet : {udp_packet(kInside, kRemote, 11), tcp_packet(kInside, kRemote, 0x02)}) {
    ASSERT_TRUE(checksums_right(packet));
    Ipv4Packet view = view_of(packet);
    EXPECT_EQ(view.source(), kInside);
    EXPECT_EQ(view.destination(), kRemote);
    view.set_source(kOutside);
    view.set_destination(kInside);
    EXPECT_EQ(view.source(), kOutside);
    EXPECT_EQ(view.destination(), kInside);
    EXPECT_TRUE(checksums_right(packet));
  }
}

TEST(Ipv4Packet, AUdpPacketWithoutAChecksumStaysWithout) {
  Bytes packet = udp_packet(kInside, kRemote);
  packet[26] = packet[27] = std::byte{0};
  view_of(packet).set_source(kOutside);
  EXPECT_EQ(read_big_endian(packet, 26, 2), 0u);
  EXPECT_TRUE(checksums_right(packet));
}

TEST(Ipv4Packet, TheIdentifierOfAnEchoStandsForAPort) {
  Bytes request = echo_request(kInside.address, kRemote.address, 77);
  Ipv4Packet view = view_of(request);
  EXPECT_EQ(view.source(), (Endpoint{kInside.address, 77}));
  EXPECT_EQ(view.destination(), (Endpoint{kRemote.address, 0}));
  view.set_source({kOutside.address, 5});
  EXPECT_EQ(view.source(), (Endpoint{kOutside.address, 5}));
  EXPECT_TRUE(checksums_right(request));
}

TEST(Ipv4Packet, AnErrorQuotesThePacketItIsAbout) {
  Bytes about = udp_packet(kInside, kRemote);
  Bytes error = port_unreachable(kRemote.address, about);
  Ipv4Packet view = view_of(error);
  auto quoted = view.quoted();
  ASSERT_TRUE(quoted);
  EXPECT_EQ(quoted->source(), kInside);
  quoted->set_source(kOutside);
  view.seal_icmp();
  EXPECT_TRUE(checksums_right(error));
  EXPECT_EQ(view_of(error).quoted()->source(), kOutside);
}

TEST(Ipv4Packet, AnUnreachableIsAWholePacketToTheSender) {
  Bytes about = udp_packet(kInside, kRemote, 1400);
  Bytes error = icmp_unreachable(address("198.18.0.0"), view_of(about));
  EXPECT_LE(error.size(), 576u);
  EXPECT_TRUE(checksums_right(error));
  EXPECT_EQ(view_of(error).destination_address(), kInside.address);
  EXPECT_EQ(view_of(error).quoted()->destination(), kRemote);
}

TEST(Ipv4Packet, FragmentsHaveNoPorts) {
  Bytes packet = udp_packet(kInside, kRemote, 100);
  packet[6] = std::byte{0x20};   // more fragments
  EXPECT_TRUE(view_of(packet).is_fragment());
  EXPECT_FALSE(view_of(packet).source());
}

TEST(Ipv4Packet, WhatDoesNotHoldTogetherIsNoPacket) {
  const Bytes good = tcp_packet(kInside, kRemote, 0x02);
  for (std::size_t size = 0; size < good.size(); ++size) {
    Bytes cut{good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)};
    EXPECT_FALSE(Ipv4Packet::parse(cut)) << size;
  }
  Bytes version = good;
  version[0] = std::byte{0x65};
  EXPECT_FALSE(Ipv4Packet::parse(version));
  Bytes header = good;
  header[0] = std::byte{0x44};
  EXPECT_FALSE(Ipv4Packet::parse(header));
  Bytes padded = good;
  padded.resize(200);
  ASSERT_TRUE(Ipv4Packet::parse(padded));
  EXPECT_EQ(Ipv4Packet::parse(padded)->size(), good.size());
}

}  // namespace
}  // namespace p2p::netbox
