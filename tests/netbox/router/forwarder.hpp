#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "file_descriptor.hpp"
#include "lateness.hpp"
#include "network.hpp"
#include "router.hpp"

namespace p2p::netbox {

/// Moves packets between the hosts' TUN devices and the Router, and applies changes: those of the scenario at their time, and
/// those that come on standard input, a JSON object a line (README.md). Ends with SIGINT, SIGTERM or the end of standard input.
class Forwarder {
 public:
  /// `tuns` in the order of addresses_of(network). SIGINT and SIGTERM must be blocked.
  Forwarder(const Network& network, std::vector<FileDescriptor> tuns);

  [[nodiscard]] int run();

 private:
  [[nodiscard]] Instant now() const;
  void wait();
  void rest();
  void deliver();
  void apply_due_events();
  void read_tun(std::size_t host);
  void read_control();
  void obey(const std::string& line);
  void print_stats() const;

  const Network& network_;
  Router router_;
  std::vector<FileDescriptor> tuns_;
  FileDescriptor epoll_, signals_;
  std::int64_t began_ns_ = 0;
  std::int64_t rests_until_ns_ = 0;
  std::size_t next_event_ = 0;
  std::string control_;          ///< the beginning of a line on standard input
  bool over_ = false;
  Lateness lateness_;
  std::uint64_t undelivered_ = 0;   ///< the kernel took no more
};

}  // namespace p2p::netbox
