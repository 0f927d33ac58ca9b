#pragma once

#include <cstddef>
#include <cstdint>

namespace p2p::wire {

inline constexpr std::uint16_t kVersion = 2;

inline constexpr std::size_t kMessageBytesMax = 4096;   ///< on either channel
inline constexpr std::size_t kFragmentHeaderBytes = 12;
inline constexpr std::size_t kFragmentBytesMax = kMessageBytesMax - kFragmentHeaderBytes;

/// A piece leaves as at most three messages, so that it fits in what a browser's SCTP sends at once: a hop then costs half a round
/// trip, not one and a half (ADR 0003).
inline constexpr std::size_t kPieceBytesMax = 3 * kFragmentBytesMax;

inline constexpr std::size_t kDigestBytes = 16;
inline constexpr std::size_t kPiecesPerPartMax = 172;        ///< a part of 2 MiB
inline constexpr std::size_t kPartBytesMax = 2 * 1024 * 1024;
inline constexpr std::size_t kInitBytesMax = 3 * 1024;
inline constexpr std::size_t kCodecsBytesMax = 128;
inline constexpr std::size_t kManifestEntriesMax = 16;       ///< of one batch
inline constexpr std::size_t kHaveBytesMax = 512;            ///< 4,096 pieces: two minutes at 3 Mbit/s
inline constexpr std::size_t kPiecesPerRequestMax = 64;
inline constexpr std::size_t kPathLengthMax = 64;            ///< hops; deeper trees mean a loop
inline constexpr std::size_t kStripesMax = 16;
inline constexpr std::size_t kPeersMax = 32;
/// A signal that a neighbor carries fits in one message, so that a relay keeps nothing: an offer without media has 500 bytes.
inline constexpr std::size_t kCarriedBytesMax = 3 * 1024;
inline constexpr std::size_t kReasonBytesMax = 200;
inline constexpr std::uint8_t kManifestStripe = 255;         ///< the stripe number by which manifests are subscribed
inline constexpr std::uint8_t kRenditionsMax = 8;
inline constexpr std::int64_t kPartDurationUsMax = 30'000'000;

// Chat. Characters are code points.
inline constexpr std::size_t kChatTextCharactersMax = 500;
inline constexpr std::size_t kChatTextBytesMax = 4 * kChatTextCharactersMax;
inline constexpr std::size_t kChatNameCharactersMax = 24;
inline constexpr std::size_t kChatNameBytesMax = 4 * kChatNameCharactersMax;
inline constexpr std::size_t kChatBlobBytesMax = 3 * 1024;   ///< with its signature within one message
inline constexpr std::size_t kChatSignedMax = 16;            ///< messages or reactions in one message
/// What a blob takes of a message beside its own bytes: signature, tables, lengths. All together stay below what a message holds.
inline constexpr std::size_t kChatSignedOverhead = 100;
inline constexpr std::size_t kChatSignedBytesMax = kMessageBytesMax - 96;
inline constexpr std::size_t kChatIdsMax = 200;
inline constexpr std::size_t kChatPagesMax = 9;              ///< of the source's rules
inline constexpr std::size_t kChatListedMax = 128;           ///< authors, and messages, on one page
inline constexpr std::uint16_t kChatSlowSMax = 3600;
inline constexpr std::uint8_t kChatReactionsMax = 5;         ///< kinds
inline constexpr std::int64_t kChatTimeMsMax = std::int64_t{1} << 52;   ///< since 1970; exact in a double, far from the end

}  // namespace p2p::wire
