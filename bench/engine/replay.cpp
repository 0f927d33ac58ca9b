#include "replay.hpp"

#include <ctime>
#include <memory>
#include <utility>

#include "base/check.hpp"
#include "counted_memory.hpp"
#include "transport/crypto.hpp"

namespace p2p::bench {
namespace {

std::int64_t thread_cpu_ns() {
  std::timespec time{};
  CHECK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0, "this system counts no CPU time");
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

class Replay {
 public:
  Replay(const Trace& trace, const Answers* known, Answers* noted) : trace_{trace}, known_{known}, noted_{noted} {}

  Cost run() {
    const std::size_t held_before = memory_held();
    engine_ = std::make_unique<mesh::Engine>(trace_.options, Instant{});
    std::int64_t started_ns = 0;
    for (const Trace::Fact& fact : trace_.facts) {
      if (!measuring_ && fact.at >= trace_.measured_from) {
        measuring_ = true;
        started_ns = thread_cpu_ns();
      }
      now_ = fact.at;
      if (const auto* message = std::get_if<mesh::MessageReceived>(&fact.input)) {
        // A driver's bytes come fresh from the network.
        engine_->handle(now_, mesh::MessageReceived{.from = message->from, .channel = message->channel, .bytes = Payload::copy_of(message->bytes.view())});
      } else {
        engine_->handle(now_, fact.input);
      }
      while (auto output = engine_->poll()) std::visit([this](const auto& wish) { carry_out(wish); }, *output);
      next_wake_ = engine_->next_wake();
    }
    const Cost cost{.pieces = pieces_, .cpu_ns = thread_cpu_ns() - started_ns, .bytes_held = memory_held() - held_before};
    CHECK(pieces_ == trace_.pieces && sent_bytes_ == trace_.sent_bytes, "the engine did other work than when the trace was recorded");
    return cost;
  }

 private:
  void carry_out(const mesh::Send& send) {
    if (measuring_) sent_bytes_ += send.header.size() + send.body.size();
  }
  void carry_out(const mesh::HashPiece& question) {
    if (measuring_) ++pieces_;
    const mesh::PieceDigest digest = known_ ? known_->digests[next_digest_++] : transport::piece_digest(question.bytes.view());
    if (noted_) noted_->digests.push_back(digest);
    engine_->handle(now_, mesh::PieceHashed{question.request, digest});
  }
  void carry_out(const mesh::CheckSignature& question) {
    const bool valid = known_ ? known_->valid[next_valid_++] : transport::verify(trace_.key, question.message, question.signature);
    if (noted_) noted_->valid.push_back(valid);
    engine_->handle(now_, mesh::SignatureChecked{question.request, valid});
  }
  void carry_out(const auto&) {}   // not the relay's daily work

  const Trace& trace_;
  const Answers* known_;
  Answers* noted_;
  std::unique_ptr<mesh::Engine> engine_;
  Instant now_{};
  Instant next_wake_{};
  bool measuring_ = false;
  std::uint64_t pieces_ = 0;
  std::uint64_t sent_bytes_ = 0;
  std::size_t next_digest_ = 0;
  std::size_t next_valid_ = 0;
};

}  // namespace

Cost replay(const Trace& trace, const Answers* known, Answers* noted) { return Replay{trace, known, noted}.run(); }

}  // namespace p2p::bench
