#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "p2p-core/engine.hpp"
#include "transport/crypto.hpp"
#include "transport/links.hpp"
#include "transport/signal.hpp"

namespace p2p::transport {

/// Runs one mesh::Engine and its Links on a thread of its own: tells the engine what happened, carries out what it asks.
///
/// Always holds: the engine and the host are called on that thread alone; post() and post_signal() never block; after stop()
/// the host is not called any more.
///
/// Out of scope: the directory (the host passes signals, candidates and reports on), players and files.
class Driver {
 public:
  /// Whoever uses the peer. Called on the driver's thread: be brief, and never call stop() from here.
  class Host {
   public:
    virtual ~Host() = default;
    virtual void send_signal(PeerId to, const Signal& signal) = 0;   ///< through the server
    virtual void find_candidates(const mesh::FindCandidates& wish) = 0;
    virtual void send_report(const mesh::SendReport& report) = 0;
    virtual void play_rendition(const mesh::PlayRendition& rendition) = 0;
    virtual void play_part(const mesh::PlayPart& part) = 0;
    virtual void misbehaved(const mesh::Misbehaved& peer) = 0;
    virtual void decided(const mesh::Decision& decision) = 0;
    virtual void chat_shown(const mesh::ChatShown& shown) { (void)shown; }
    virtual void link_changed(PeerId peer, bool up, const std::string& why) = 0;
  };

  struct Options {
    mesh::Engine::Options engine;
    Links::Options links;                     ///< `self` is this peer's id; `wake` is the driver's
    mesh::PublicKey stream_key{};             ///< what signatures are checked against
    std::optional<SigningKey> signing_key;    ///< the source's
    std::optional<SigningKey> author_key;     ///< of whoever speaks in the chat: post ChatAs with its public key
    std::optional<SignalText> signal_text;    ///< without it every signal goes through the server, and none is carried by neighbors
    std::size_t inputs_max = 4096;            ///< posts that wait at once; beyond, post() says no
    std::function<void(mesh::Send&)> tamper;  ///< tests play a hostile peer with it; nothing else sets it
  };

  Driver(Options options, Host& host);
  ~Driver();
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  /// False when the queue is full or the driver has stopped: the input is lost. From any thread.
  bool post(mesh::Input input);
  bool post_signal(PeerId from, Signal signal);
  /// For links that begin from then on.
  bool post_ice_servers(std::vector<IceServer> servers);

  /// Of now while it runs, of the end after stop(). From any thread; waits for the driver's one.
  [[nodiscard]] mesh::EngineStats stats();

  /// Says goodbye to the neighbors, brings out what was sent to them (at most 2 s) and ends the thread.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace p2p::transport
