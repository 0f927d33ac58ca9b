#include "turn/stun_message.hpp"

#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "turn/credentials.hpp"

namespace p2p::turn {
namespace {

TransactionId transaction() { return {std::byte{1}, std::byte{2}, std::byte{3}}; }
Endpoint at(std::string_view text, std::uint16_t port) { return {parse_ip(text).value(), port}; }

TEST(StunMessage, OfTheRfcsSampleHoldsWithItsPassword) {
  // RFC 5769, 2.4, byte by byte.
  const auto datagram = from_hex(
      "000100602112a44278ad3433c6ad72c029da412e"
      "00060012e3839ee38388e383aae38383e382afe382b90000"
      "0015001c662f2f3439396b39353464364f4c33346f4c39465354767936347341"
      "0014000b6578616d706c652e6f726700"
      "00080014f67024656dd64a3e02b8e0712e85c9a28ca89666");
  ASSERT_TRUE(datagram);
  const auto message = parse_stun(*datagram);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->kind, StunClass::kRequest);
  EXPECT_EQ(message->method, StunMethod::kBinding);
  EXPECT_EQ(message->realm, "example.org");
  EXPECT_EQ(message->nonce, "f//499k954d6OL34oL9FSTvy64sA");
  EXPECT_TRUE(integrity_holds(*datagram, *message, integrity_key(message->username, message->realm, "TheMatrIX")));
  EXPECT_FALSE(integrity_holds(*datagram, *message, integrity_key(message->username, message->realm, "TheMatrix")));
}

TEST(StunMessage, IsReadAsItWasWritten) {
  Bytes datagram;
  const IntegrityKey key = integrity_key("user", "realm", "password");
  StunWriter writer{datagram, StunClass::kRequest, StunMethod::kChannelBind, transaction()};
  writer.channel(0x4abc).peer(at("8.8.4.4", 53)).peer(at("2001:4860::8888", 5353)).lifetime(600).udp_transport().data(as_bytes("five!"));
  writer.username("user").realm("realm").nonce("nonce").integrity(key);
  const auto message = parse_stun(datagram);
  ASSERT_TRUE(message);
  EXPECT_FALSE(message->malformed);
  EXPECT_EQ(message->method, StunMethod::kChannelBind);
  EXPECT_EQ(message->transaction, transaction());
  EXPECT_EQ(message->channel, 0x4abc);
  ASSERT_EQ(message->peers().size(), 2U);
  EXPECT_EQ(message->peers()[0], at("8.8.4.4", 53));
  EXPECT_EQ(message->peers()[1], at("2001:4860::8888", 5353));
  EXPECT_EQ(message->lifetime_s, 600U);
  EXPECT_EQ(message->transport, 17);
  EXPECT_EQ(as_text(*message->data), "five!");
  EXPECT_EQ(message->username, "user");
  EXPECT_TRUE(integrity_holds(datagram, *message, key));
  datagram[30] ^= std::byte{1};
  EXPECT_FALSE(integrity_holds(datagram, *parse_stun(datagram), key));
}

TEST(StunMessage, DoesNotTakeIPv4SpelledAsIPv6) {
  Bytes datagram;
  StunWriter writer{datagram, StunClass::kIndication, StunMethod::kSend, transaction()};
  writer.peer(at("2001:4860::1", 80));
  // The same 16 bytes with another address behind the mask: ::ffff:127.0.0.1.
  const auto original = at("2001:4860::1", 80).ip.bytes;
  const auto mapped = at("127.0.0.1", 80).ip.bytes;
  for (std::size_t i = 0; i < 16; ++i) datagram[28 + i] ^= static_cast<std::byte>(original[i] ^ mapped[i]);
  const auto message = parse_stun(datagram);
  ASSERT_TRUE(message);
  EXPECT_TRUE(message->malformed);
  EXPECT_TRUE(message->peers().empty());
}

TEST(StunMessage, NamesWhatItMustUnderstandAndDoesNot) {
  Bytes datagram;
  StunWriter{datagram, StunClass::kRequest, StunMethod::kAllocate, transaction()}.udp_transport();
  const auto add = [&](std::uint16_t type) {
    append_big_endian(datagram, type);
    append_big_endian(datagram, std::uint16_t{0});
    datagram[3] = static_cast<std::byte>(datagram.size() - 20);
  };
  add(0x0018);   // EVEN-PORT
  add(0x8022);   // SOFTWARE, which may be passed over
  const auto message = parse_stun(datagram);
  ASSERT_TRUE(message);
  ASSERT_EQ(message->unknown().size(), 1U);
  EXPECT_EQ(message->unknown()[0], 0x0018);
}

TEST(StunMessage, IsNoneWhenItsFrameIsBroken) {
  Bytes good;
  StunWriter{good, StunClass::kRequest, StunMethod::kBinding, transaction()}.lifetime(1);
  ASSERT_TRUE(parse_stun(good));
  for (std::size_t bytes = 0; bytes < good.size(); ++bytes) EXPECT_FALSE(parse_stun(BytesView{good}.first(bytes))) << bytes;
  Bytes longer = good;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(parse_stun(longer));
  Bytes cookie = good;
  cookie[4] = std::byte{0};
  EXPECT_FALSE(parse_stun(cookie));
  Bytes overlong = good;
  overlong[23] = std::byte{5};   // the attribute's length goes beyond the datagram
  EXPECT_TRUE(parse_stun(overlong)->malformed);
  Bytes channel = good;
  channel[0] = std::byte{0x40};
  EXPECT_FALSE(parse_stun(channel));
  EXPECT_TRUE(looks_like_channel_data(channel));
}

}  // namespace
}  // namespace p2p::turn
