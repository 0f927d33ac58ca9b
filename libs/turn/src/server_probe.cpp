#include "turn/server_probe.hpp"

#include <utility>

#include "turn/credentials.hpp"

namespace p2p::turn {
namespace {

// RFC 8489, 14.8 and RFC 8656, 19.
constexpr std::uint16_t kUnauthenticated = 401;
constexpr std::uint16_t kForbidden = 403;
constexpr std::uint16_t kStaleNonce = 438;
constexpr std::uint16_t kWrongCredentials = 441;
constexpr std::uint16_t kQuotaReached = 486;
constexpr std::uint16_t kInsufficientCapacity = 508;

constexpr int kStaleNoncesMax = 3;   // a server that finds every nonce stale would keep us here

}  // namespace

ServerProbe::ServerProbe(Options options) : options_{std::move(options)}, transaction_{options_.first_transaction} { ask(Step::kBinding); }

void ServerProbe::ask(Step step) {
  step_ = step;
  request_.clear();
  // One number for all twelve bytes: no two requests of a probe share it.
  for (std::size_t i = transaction_.size(); i-- > 0;) {
    transaction_[i] = static_cast<std::byte>(std::to_integer<unsigned>(transaction_[i]) + 1);
    if (transaction_[i] != std::byte{0}) break;
  }
  const StunMethod method = step == Step::kBinding ? StunMethod::kBinding : step == Step::kGiveBack ? StunMethod::kRefresh : StunMethod::kAllocate;
  StunWriter writer{request_, StunClass::kRequest, method, transaction_};
  if (step == Step::kBinding) return;
  if (step == Step::kGiveBack) {
    writer.lifetime(0);
  } else {
    writer.udp_transport();
  }
  if (step == Step::kChallenge) return;
  writer.username(options_.username).realm(realm_).nonce(nonce_);
  writer.integrity(integrity_key(options_.username, realm_, options_.password));
}

ServerProbe::State ServerProbe::fail(std::uint16_t code, std::string what) {
  findings_.error_code = code;
  findings_.error = std::move(what);
  request_.clear();
  return state_ = State::kFailed;
}

ServerProbe::State ServerProbe::handle(BytesView message) {
  if (state_ != State::kAsking) return state_;
  const auto answer = parse_stun(message);
  if (!answer || answer->transaction != transaction_) return state_;
  if (answer->kind != StunClass::kSuccess && answer->kind != StunClass::kError) return state_;
  if (answer->malformed) return fail(0, "answers with messages that are not as RFC 8489 says");
  if (answer->kind == StunClass::kError) return handle_error(*answer);
  // Only who knows the password may say yes (RFC 8489, 9.2.5).
  if (step_ == Step::kAllocate && (!answer->integrity_at || !integrity_holds(message, *answer, integrity_key(options_.username, realm_, options_.password)))) {
    return fail(0, "does not prove that it knows the password");
  }
  return handle_success(*answer);
}

ServerProbe::State ServerProbe::handle_error(const StunMessage& answer) {
  const std::uint16_t code = answer.error_code.value_or(0);
  if (step_ == Step::kGiveBack) {   // it ends by itself
    request_.clear();
    return state_ = State::kDone;
  }
  if (step_ == Step::kChallenge && code == kUnauthenticated && !answer.nonce.empty() && !answer.realm.empty()) {
    realm_ = answer.realm;
    nonce_ = answer.nonce;
    ask(Step::kAllocate);
    return state_;
  }
  if (step_ == Step::kAllocate && code == kStaleNonce && !answer.nonce.empty() && ++stale_nonces_ <= kStaleNoncesMax) {
    nonce_ = answer.nonce;
    ask(Step::kAllocate);
    return state_;
  }
  const std::string number = " (" + std::to_string(code) + ")";
  if (step_ == Step::kBinding) return fail(code, "refuses to answer a STUN binding" + number);
  switch (code) {
    case kUnauthenticated:
    case kWrongCredentials:
      return fail(code, "refuses the credentials" + number);
    case kForbidden:
      return fail(code, "forbids relaying" + number);
    case kQuotaReached:
    case kInsufficientCapacity:
      return fail(code, "has no relayed address left" + number);
    default:
      return fail(code, "gives no relayed address" + number);
  }
}

ServerProbe::State ServerProbe::handle_success(const StunMessage& answer) {
  switch (step_) {
    case Step::kBinding:
      if (!answer.mapped) return fail(0, "answers a binding without an address");
      findings_.mapped = answer.mapped;
      if (!options_.username.empty()) {
        ask(Step::kChallenge);
        return state_;
      }
      break;
    case Step::kChallenge:   // it relays for everybody
    case Step::kAllocate:
      if (!answer.relayed) return fail(0, "gives an allocation without an address");
      findings_.relayed = answer.relayed;
      if (answer.lifetime_s) findings_.lifetime = std::chrono::seconds{*answer.lifetime_s};
      if (step_ == Step::kChallenge) return fail(0, "relays for everybody without credentials");
      ask(Step::kGiveBack);
      return state_;
    case Step::kGiveBack:
      break;
  }
  request_.clear();
  return state_ = State::kDone;
}

}  // namespace p2p::turn
