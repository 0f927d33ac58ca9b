#include "wire/message.hpp"

#include <gtest/gtest.h>

#include "base/hex.hpp"

namespace p2p::wire {
namespace {

template <typename T>
T round_trip(const T& message) {
  const auto decoded = decode(encode(Message{message}));
  EXPECT_TRUE(decoded.has_value());
  return std::get<T>(*decoded);
}

Status a_status() {
  return {.rendition = 1, .role = 2, .giving = false, .slots = 9, .slots_free = 4, .gives_kbit_per_s = 70'000, .full_below = 300,
          .stripes = {{.delay_ms = 120, .hop = 2, .wanted = 3}, {}}};
}

ManifestEntry an_entry() {
  ManifestEntry entry{.rendition = 1, .segment = 7, .part = 3, .independent = true, .media_time_us = 14'600'000,
                      .duration_us = 200'000, .captured_us = 1'700'000'000'000'000, .size = 25'000, .first = 900};
  entry.digests.resize(3);
  entry.digests[2].fill(std::byte{0xab});
  return entry;
}

TEST(Message, SurvivesTheRoundTrip) {
  const Have have = round_trip(Have{.rendition = 2, .oldest = 5, .base = 64, .bits = Bytes{std::byte{0x81}}, .clock_ms = 9, .echo_ms = 8,
                                    .queue_ms = 6});
  EXPECT_EQ(have.base, 64u);
  EXPECT_EQ(to_hex(have.bits), "81");
  EXPECT_EQ(have.queue_ms, 6);
  EXPECT_EQ(round_trip(Subscribed{.stripe = 3, .from = 12, .path = {1, 2, 3}}).path, (std::vector<std::uint32_t>{1, 2, 3}));
  EXPECT_EQ(round_trip(Denied{.stripe = kManifestStripe, .hints = {PeerId{77}}}).hints.at(0), PeerId{77});
  EXPECT_FALSE(have.status);
  const Have both = round_trip(Have{.bits = Bytes{std::byte{0x81}}, .status = a_status()});
  EXPECT_EQ(to_hex(both.bits), "81");
  ASSERT_TRUE(both.status);
  for (const Status& status : {round_trip(a_status()), *both.status}) {
    EXPECT_EQ(status.rendition, 1);
    EXPECT_EQ(status.role, 2);
    EXPECT_FALSE(status.giving);
    EXPECT_EQ(status.slots, 9);
    EXPECT_EQ(status.slots_free, 4);
    EXPECT_EQ(status.gives_kbit_per_s, 70'000u);
    EXPECT_EQ(status.full_below, 300u);
    ASSERT_EQ(status.stripes.size(), 2u);
    EXPECT_TRUE(status.stripes[0].delay_ms == 120 && status.stripes[0].hop == 2 && status.stripes[0].wanted == 3);
    EXPECT_EQ(status.stripes[1].delay_ms, StripeState::kUnfed);
  }
  EXPECT_EQ(round_trip(Bye{.reason = "done"}).reason, "done");
  const Peers peers = round_trip(Peers{.peers = {{.peer = PeerId{9}, .giving = true, .room = true}, {.peer = PeerId{8}, .receiving = true}}});
  ASSERT_EQ(peers.peers.size(), 2u);
  EXPECT_TRUE(peers.peers[0].peer == PeerId{9} && peers.peers[0].giving && !peers.peers[0].receiving && peers.peers[0].room);
  EXPECT_TRUE(peers.peers[1].peer == PeerId{8} && !peers.peers[1].giving && peers.peers[1].receiving && !peers.peers[1].room);
  (void)round_trip(PeersRequest{});
  EXPECT_EQ(to_hex(round_trip(Carry{.to = PeerId{7}, .signal = Bytes(2, std::byte{0xab})}).signal), "abab");
  EXPECT_EQ(round_trip(Carried{.from = PeerId{7}, .signal = Bytes(1)}).from, PeerId{7});
  EXPECT_EQ(round_trip(Uncarried{.to = PeerId{7}}).to, PeerId{7});
}

TEST(Message, BytesStayTheSameFromVersionToVersion) {
  EXPECT_EQ(to_hex(encode(Message{Subscribe{.stripe = 5, .from = 258, .gives_kbit_per_s = 3000}})),
            "0c00000008000c00070008000800000000000002100000000c0010000000070008000c000c0000000000000502010000b80b0000");
  const Have have{.rendition = 2, .oldest = 0x0504, .base = 0x0840, .bits = Bytes{std::byte{0x81}}, .clock_ms = 0x0a0b0c0d, .echo_ms = 9,
                  .queue_ms = 0x0607};
  EXPECT_EQ(to_hex(encode(Message{have})), "03" "02070604050000400800000d0c0b0a09000000" "81");
  const std::string status = "010209000400701101002c010000" "02" "78000203" "ffff0000";
  EXPECT_EQ(to_hex(encode(Message{a_status()})), "05" + status);
  Have with_status = have;
  with_status.status = a_status();
  EXPECT_EQ(to_hex(encode(Message{with_status})), "07" "02070604050000400800000d0c0b0a09000000" + status + "81");
}

TEST(Message, FixedLayoutsAreReadToTheirEndAndNoFurther) {
  const Bytes have = encode(Message{Have{.status = a_status()}});
  const Bytes status = encode(Message{a_status()});
  for (const Bytes& whole : {have, status}) {
    for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(decode(BytesView{whole}.first(size))) << size;
  }
  Bytes longer = status;
  longer.push_back({});
  EXPECT_FALSE(decode(longer));
  const auto with = [](Bytes bytes, std::size_t at, unsigned value) {
    bytes.at(at) = static_cast<std::byte>(value);
    return bytes;
  };
  EXPECT_FALSE(decode(with(status, 0, 9))) << "no such kind";
  EXPECT_FALSE(decode(with(status, 1, kRenditionsMax)));
  EXPECT_FALSE(decode(with(status, 2, 8))) << "a flag that means nothing";
  EXPECT_FALSE(decode(with(status, 15, 3))) << "more stripes than follow";
  EXPECT_FALSE(decode(with(have, 1, kRenditionsMax)));
  Bytes many = with(status, 15, kStripesMax + 1);
  many.resize(16 + (kStripesMax + 1) * 4);
  EXPECT_FALSE(decode(many));
}

TEST(Message, AFullManifestFitsInOneMessage) {
  ManifestEntry entry = an_entry();
  entry.digests.resize(kPiecesPerPartMax);
  entry.size = kPartBytesMax;
  EXPECT_LE(encode(Message{Manifest{.batch = encode(std::vector{entry})}}).size(), kMessageBytesMax);
}

TEST(Message, AFullHeaderFitsInOneMessage) {
  const RenditionHeader header{.codecs = std::string(kCodecsBytesMax, 'x'), .init = Bytes(kInitBytesMax)};
  EXPECT_LE(encode(Message{Header{.blob = encode(header)}}).size(), kMessageBytesMax);
}

TEST(Message, TheLongestSignalFitsInOneMessage) {
  EXPECT_LE(encode(Message{Carry{.signal = Bytes(kCarriedBytesMax)}}).size(), kMessageBytesMax);
  EXPECT_LE(encode(Message{Carried{.signal = Bytes(kCarriedBytesMax)}}).size(), kMessageBytesMax);
}

TEST(Message, WhatIsBeyondALimitIsRefused) {
  EXPECT_FALSE(decode(encode(Message{Subscribe{.stripe = 17}})));
  EXPECT_FALSE(decode(encode(Message{Status{.rendition = kRenditionsMax}})));
  EXPECT_FALSE(decode(encode(Message{Cancel{.rendition = 255, .pieces = {1}}})));
  EXPECT_FALSE(decode(encode(Message{Path{.path = std::vector<std::uint32_t>(kPathLengthMax + 1)}})));
  EXPECT_FALSE(decode(encode(Message{Request{.pieces = std::vector<std::uint32_t>(kPiecesPerRequestMax + 1)}})));
  EXPECT_FALSE(decode(encode(Message{Have{.base = UINT32_MAX}})));
  EXPECT_TRUE(decode(encode(Message{Have{.bits = Bytes(kHaveBytesMax)}})));
  EXPECT_FALSE(decode(encode(Message{Have{.bits = Bytes(kHaveBytesMax + 1)}})));
  EXPECT_FALSE(decode(encode(Message{Carry{.signal = Bytes(kCarriedBytesMax + 1)}})));
  EXPECT_FALSE(decode(encode(Message{Carry{}}))) << "nothing to carry";
  EXPECT_FALSE(decode(encode(Message{Carried{.signal = Bytes(kCarriedBytesMax + 1)}})));
  EXPECT_FALSE(decode(encode(Message{Peers{.peers = std::vector<Peers::Named>(kPeersMax + 1)}})));
  EXPECT_FALSE(decode(Bytes(3)));
  EXPECT_FALSE(decode(Bytes(64)));
}

TEST(Message, TruncationIsRefusedNotRead) {
  const Bytes whole = encode(Message{Manifest{.batch = encode(std::vector{an_entry()})}});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto decoded = decode(BytesView{whole}.first(size));
    if (decoded) EXPECT_TRUE(std::holds_alternative<Manifest>(*decoded));
  }
}

TEST(Manifest, SurvivesTheRoundTrip) {
  const auto entries = decode_manifest(encode(std::vector{an_entry()}));
  ASSERT_TRUE(entries);
  EXPECT_EQ(entries->at(0).segment, 7u);
  EXPECT_EQ(entries->at(0).end(), 903u);
  EXPECT_EQ(entries->at(0).digests.at(2)[0], std::byte{0xab});
}

TEST(Manifest, PiecesCoverThePartWithoutGap) {
  const ManifestEntry entry = an_entry();
  EXPECT_EQ(entry.piece_offset(900), 0u);
  EXPECT_EQ(entry.piece_offset(903), entry.size);
  std::uint32_t sum = 0;
  for (std::uint32_t piece = 900; piece < 903; ++piece) sum += entry.piece_size(piece);
  EXPECT_EQ(sum, entry.size);
}

TEST(Manifest, ImpossibleSizesAreRefused) {
  ManifestEntry entry = an_entry();
  entry.size = 2;  // less than a byte a piece
  EXPECT_FALSE(decode_manifest(encode(std::vector{entry})));
  entry.size = 4 * kPieceBytesMax;  // more than its three pieces can hold
  EXPECT_FALSE(decode_manifest(encode(std::vector{entry})));
  EXPECT_FALSE(decode_manifest(encode(std::vector<ManifestEntry>{})));
}

TEST(Manifest, ASignatureForAManifestIsNoneForAHeader) {
  const Bytes bytes = encode(std::vector{an_entry()});
  EXPECT_NE(signed_manifest(bytes), signed_header(bytes));
}

}  // namespace
}  // namespace p2p::wire
