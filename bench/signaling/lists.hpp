#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "cast.hpp"
#include "server_process.hpp"

namespace p2p::bench {

/// What watchers of the list want.
enum class Filters : std::uint8_t {
  kSame,   ///< all the same: what a page shows first
  kSome,   ///< one of a hundred: categories, tags
  kOwn,    ///< each its own: a search
};

struct ListsPlan {
  std::size_t watchers = 5'000;
  Filters filters = Filters::kSame;
  std::uint32_t updates_per_s = 20;   ///< titles changed
  std::uint32_t moves_per_s = 200;    ///< viewers who leave, or come back
  Duration warm_up = 3s;
  Duration measured = 10s;
};

struct ListsOutcome {
  Duration cpu{};  ///< of the server
  Duration wall{};
  std::uint64_t deltas = 0;
  std::uint64_t bytes = 0;   ///< of these
  Duration p50{};   ///< from an update until its acknowledgement: the work on the list holds it up
  Duration p99{};
};

/// Watchers of the list, with connections of their own, while they change: titles, and the watchers themselves come to streams and go. The cast are
/// sources alone.
class Lists final : public ClientOwner, public Scenario {
 public:
  Lists(Net& net, Cast& cast, const ServerProcess& server, ListsPlan plan);

  [[nodiscard]] Result<ListsOutcome> run();

  void on_hello(Client& client, std::string_view hello) override;
  void on_event(Client& client, std::string_view name, std::string_view json) override;
  void on_ack(Client& client, std::uint64_t id, std::string_view json) override;
  void on_lost(Client& client, std::string_view why) override;

 private:
  [[nodiscard]] std::string filter_of(std::size_t watcher) const;
  [[nodiscard]] Result<void> open_watchers();
  void change();
  void update();
  void move();

  Net& net_;
  Cast& cast_;
  const ServerProcess& server_;
  ListsPlan plan_;
  std::vector<std::shared_ptr<Client>> watchers_;
  std::vector<bool> inside_;   // a stream, each watcher
  std::vector<Instant> asked_;
  std::vector<std::int64_t> latencies_;  // microseconds
  Instant began_{};
  std::size_t watching_ = 0;
  std::size_t opened_ = 0;
  std::uint64_t updates_ = 0;
  std::uint64_t moves_ = 0;
  std::uint64_t deltas_ = 0;
  std::uint64_t bytes_ = 0;
  bool measuring_ = false;
  bool stopping_ = false;
};

}  // namespace p2p::bench
