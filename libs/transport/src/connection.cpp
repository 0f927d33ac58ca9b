#include "connection.hpp"

#include <atomic>
#include <exception>
#include <utility>

#include "remote_sdp.hpp"

namespace p2p::transport {
namespace {

std::size_t index_of(mesh::Channel channel) { return static_cast<std::size_t>(channel); }

template <typename Call>
std::optional<Error> attempt(const char* what, Call call) {
  try {
    call();
    return std::nullopt;
  } catch (const std::exception& error) {
    return Error{std::string{what} + ": " + error.what()};
  }
}

}  // namespace

Connection::Connection(const rtc::Configuration& configuration, std::shared_ptr<LinkInbox> inbox, ConnectionNumber number)
    : inbox_{std::move(inbox)}, number_{number}, connection_{std::make_shared<rtc::PeerConnection>(configuration)} {
  connection_->onLocalDescription([inbox = inbox_, number](const rtc::Description& description) {
    const bool offers = description.type() == rtc::Description::Type::Offer;
    const std::string sdp{description};
    inbox->put(number, offers ? Signal{SignalOffer{sdp}} : Signal{SignalAnswer{sdp}});
  });
  auto left = std::make_shared<std::atomic<int>>(kLocalCandidatesMax);
  connection_->onLocalCandidate([inbox = inbox_, number, left](const rtc::Candidate& candidate) {
    if ((*left)-- > 0) inbox->put(number, Signal{SignalCandidate{candidate.candidate(), candidate.mid()}});
  });
  connection_->onStateChange([inbox = inbox_, number](rtc::PeerConnection::State state) {
    using State = rtc::PeerConnection::State;
    if (state == State::Failed) inbox->put(number, LinkInbox::Ended{"no way to the peer was found, or it fell silent"});
    if (state == State::Closed) inbox->put(number, LinkInbox::Released{});
  });
  // The two channels are agreed on beforehand; a third would be a queue that nobody reads.
  auto told = std::make_shared<std::atomic<bool>>(false);
  connection_->onDataChannel([inbox = inbox_, number, told](const std::shared_ptr<rtc::DataChannel>& channel) {
    channel->close();
    if (!told->exchange(true)) inbox->put(number, LinkInbox::Ended{"the peer opened a channel of its own"});
  });
  for (const mesh::Channel channel : {mesh::Channel::kControl, mesh::Channel::kPieces}) listen(channel);
}

// A thread of libdatachannel may wait for room in a full channel, and the connection cannot end before that thread goes on.
Connection::~Connection() {
  for (const auto& channel : channels_) {
    if (!channel) continue;
    channel->close();
    while (channel->receive()) {}
  }
}

void Connection::listen(mesh::Channel channel) {
  rtc::DataChannelInit init;
  init.negotiated = true;
  init.id = static_cast<std::uint16_t>(index_of(channel));
  init.reliability.unordered = channel == mesh::Channel::kPieces;
  auto& slot = channels_[index_of(channel)];
  slot = connection_->createDataChannel(channel == mesh::Channel::kControl ? "control" : "pieces", init);
  slot->onOpen([inbox = inbox_, number = number_, channel] { inbox->put(number, LinkInbox::Opened{channel}); });
  slot->onClosed([inbox = inbox_, number = number_] { inbox->put(number, LinkInbox::Ended{"the peer closed the link"}); });
  slot->onAvailable([inbox = inbox_, number = number_, channel] { inbox->put(number, LinkInbox::Readable{channel}); });
}

std::optional<Error> Connection::offer() {
  return attempt("the offer could not be made", [&] { connection_->setLocalDescription(rtc::Description::Type::Offer); });
}

std::optional<Error> Connection::describe(const rtc::Description& remote) {
  auto error = attempt("the peer's description was not accepted", [&] { connection_->setRemoteDescription(remote); });
  if (error) return error;
  described_ = true;
  for (const SignalCandidate& candidate : std::exchange(early_, {})) add_candidate(candidate);
  return std::nullopt;
}

std::optional<Error> Connection::answer(const rtc::Description& offer) {
  if (auto error = describe(offer)) return error;
  return attempt("the answer could not be made", [&] { connection_->setLocalDescription(rtc::Description::Type::Answer); });
}

std::optional<Error> Connection::take_answer(const rtc::Description& answer) { return describe(answer); }

void Connection::add_candidate(const SignalCandidate& candidate) {
  if (!described_) {
    if (early_.size() < kRemoteCandidatesMax) early_.push_back(candidate);
    return;
  }
  if (candidates_ >= kRemoteCandidatesMax) return;
  const auto parsed = parse_remote_candidate(candidate.candidate, candidate.mid);
  if (!parsed) return;
  ++candidates_;
  // A candidate that does not fit is one way fewer, not the end: the others may do.
  (void)attempt("candidate", [&] { connection_->addRemoteCandidate(*parsed); });
}

std::optional<Error> Connection::send(mesh::Channel channel, rtc::binary bytes) {
  return attempt("sending failed", [&] { channels_[index_of(channel)]->send(std::move(bytes)); });
}

std::optional<Bytes> Connection::receive(mesh::Channel channel) {
  auto message = channels_[index_of(channel)]->receive();
  if (!message) return std::nullopt;
  if (auto* bytes = std::get_if<rtc::binary>(&*message)) return std::move(*bytes);
  const BytesView text = as_bytes(std::get<std::string>(*message));
  return Bytes{text.begin(), text.end()};
}

std::size_t Connection::queued_bytes() const { return channels_[0]->bufferedAmount() + channels_[1]->bufferedAmount(); }

std::size_t Connection::unsent_bytes() const { return queued_bytes() + connection_->unsentBytes(); }

bool Connection::relayed() const {
  rtc::Candidate local, remote;
  if (!connection_->getSelectedCandidatePair(&local, &remote)) return false;
  return local.type() == rtc::Candidate::Type::Relayed || remote.type() == rtc::Candidate::Type::Relayed;
}

void Connection::close() { connection_->close(); }

}  // namespace p2p::transport
