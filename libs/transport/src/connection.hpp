#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <rtc/configuration.hpp>
#include <rtc/datachannel.hpp>
#include <rtc/description.hpp>
#include <rtc/peerconnection.hpp>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "link_inbox.hpp"

namespace p2p::transport {

/// One WebRTC connection with its two channels, as docs/links.md describes it. Used by the owner thread; what happens on
/// libdatachannel's threads goes into the inbox under `number`.
class Connection {
 public:
  Connection(const rtc::Configuration& configuration, std::shared_ptr<LinkInbox> inbox, ConnectionNumber number);
  ~Connection();
  Connection(Connection&&) noexcept = default;
  Connection& operator=(Connection&&) = delete;

  [[nodiscard]] ConnectionNumber number() const { return number_; }

  // Each says what went wrong, or nothing.
  [[nodiscard]] std::optional<Error> offer();
  [[nodiscard]] std::optional<Error> answer(const rtc::Description& offer);
  [[nodiscard]] std::optional<Error> take_answer(const rtc::Description& answer);
  [[nodiscard]] std::optional<Error> send(mesh::Channel channel, rtc::binary bytes);

  /// What the other side sends before its answer waits; what it sends beyond kRemoteCandidatesMax is dropped.
  void add_candidate(const SignalCandidate& candidate);

  [[nodiscard]] bool has_answer() const { return described_; }

  /// The next message; a text message counts as its bytes.
  [[nodiscard]] std::optional<Bytes> receive(mesh::Channel channel);

  [[nodiscard]] std::size_t unsent_bytes() const;
  [[nodiscard]] std::size_t queued_bytes() const;   ///< of those, what SCTP did not take yet
  [[nodiscard]] std::size_t remote_message_bytes_max() const { return connection_->remoteMaxMessageSize(); }
  [[nodiscard]] bool relayed() const;

  /// Sends what is queued, then closes; Released follows unless the other side is gone.
  void close();

 private:
  void listen(mesh::Channel channel);
  [[nodiscard]] std::optional<Error> describe(const rtc::Description& remote);

  std::shared_ptr<LinkInbox> inbox_;
  ConnectionNumber number_;
  std::shared_ptr<rtc::PeerConnection> connection_;
  std::array<std::shared_ptr<rtc::DataChannel>, 2> channels_;
  bool described_ = false;
  std::vector<SignalCandidate> early_;
  std::size_t candidates_ = 0;
};

}  // namespace p2p::transport
