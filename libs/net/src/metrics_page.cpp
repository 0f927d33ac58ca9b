#include "metrics_page.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <vector>

#include "engine_hub.hpp"
#include "socketio/engine_server.hpp"

namespace p2p::net {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

/// Families in the order in which they are added.
class Page {
 public:
  void gauge(std::string name, std::string help, double value) { family(std::move(name), std::move(help), MetricType::Gauge).metric.push_back(one(value, {}, false)); }
  void counter(std::string name, std::string help, double value) {
    family(std::move(name), std::move(help), MetricType::Counter).metric.push_back(one(value, {}, true));
  }
  /// A value for each label, in the order of the enumeration or list that names them.
  template <typename Values, typename NameOf>
  void each(MetricType type, std::string name, std::string help, std::string label, const Values& values, NameOf name_of) {
    MetricFamily& made = family(std::move(name), std::move(help), type);
    for (std::size_t i = 0; i < values.size(); ++i) {
      made.metric.push_back(one(static_cast<double>(values[i]), {{label, std::string{name_of(i)}}}, type == MetricType::Counter));
    }
  }
  MetricFamily& family(std::string name, std::string help, MetricType type) {
    MetricFamily& made = families_.emplace_back();
    made.name = std::move(name);
    made.help = std::move(help);
    made.type = type;
    return made;
  }
  [[nodiscard]] std::string text() const { return prometheus::TextSerializer{}.Serialize(families_); }

 private:
  static ClientMetric one(double value, std::vector<ClientMetric::Label> labels, bool counter) {
    ClientMetric metric;
    metric.label = std::move(labels);
    (counter ? metric.counter.value : metric.gauge.value) = value;
    return metric;
  }

  std::vector<MetricFamily> families_;
};

void add_lag(Page& page, const ServerMetrics& metrics) {
  ClientMetric lag;
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < metrics.lag.size(); ++i) {
    count += metrics.lag[i];
    const double bound = i < kLagBounds.size() ? kLagBounds[i] : std::numeric_limits<double>::infinity();
    lag.histogram.bucket.push_back({.cumulative_count = count, .upper_bound = bound});
  }
  lag.histogram.sample_count = count;
  lag.histogram.sample_sum = metrics.lag_seconds;
  page.family("p2p_event_loop_lag_seconds", "How late the event loop was for its tick", MetricType::Histogram).metric.push_back(lag);
}

void add_server(Page& page, const Gate& gate) {
  const ServerMetrics& metrics = gate.metrics;
  const auto count = [&](const char* name, const char* help, const char* label, const auto& values, auto name_of) {
    page.each(MetricType::Counter, name, help, label, values, name_of);
  };
  page.counter("p2p_sockets_accepted_total", "TCP connections that came", static_cast<double>(metrics.sockets_accepted));
  page.gauge("p2p_sockets", "TCP connections that are open", static_cast<double>(metrics.sockets_open));
  page.gauge("p2p_sockets_silent", "TCP connections that have sent no request yet", static_cast<double>(metrics.sockets_silent));
  page.counter("p2p_received_bytes_total", "Bytes read from clients", static_cast<double>(metrics.received_bytes));
  page.counter("p2p_sent_bytes_total", "Bytes written to clients", static_cast<double>(metrics.sent_bytes));
  page.gauge("p2p_queued_bytes", "Bytes that wait for slow readers and for polls", static_cast<double>(metrics.queued_bytes));
  count("p2p_http_responses_total", "Answers by class of status", "class", metrics.responses, [](std::size_t i) { return std::to_string(i) + "xx"; });
  page.each(MetricType::Gauge, "p2p_sessions", "Engine.IO sessions by transport", "transport", metrics.sessions,
            [](std::size_t i) { return static_cast<socketio::Transport>(i) == socketio::Transport::kPolling ? "polling" : "websocket"; });
  page.counter("p2p_sessions_opened_total", "Engine.IO sessions that were opened", static_cast<double>(metrics.sessions_opened));
  count("p2p_sessions_ended_total", "Engine.IO sessions that ended, and why", "why", metrics.sessions_ended,
        [](std::size_t i) { return to_text(static_cast<SessionEnd>(i)); });
  count("p2p_events_total", "Events of clients (docs/signaling.md)", "event", metrics.events,
        [](std::size_t i) { return i < kEventNames.size() ? kEventNames[i] : std::string_view{"unknown"}; });
  count("p2p_event_errors_total", "Events that were answered with an error", "code", metrics.errors, [](std::size_t i) { return kErrorCodes[i]; });
  count("p2p_limits_hit_total", "Refused because of what comes from one network", "limit", metrics.limited,
        [](std::size_t i) { return to_text(static_cast<Limit>(i)); });
  count("p2p_cut_off_total", "Connections that the server ended, and why", "why", metrics.cut_off,
        [](std::size_t i) { return to_text(static_cast<CutOff>(i)); });
  count("p2p_turned_away_total", "Connections and sessions that were not let in, and why", "why", metrics.turned_away,
        [](std::size_t i) { return to_text(static_cast<TurnedAway>(i)); });
  page.gauge("p2p_networks_remembered", "Hosts and sites whose limits are counted", static_cast<double>(gate.admission.places()));
  add_lag(page, metrics);
}

void add_directory(Page& page, const directory::Census& census) {
  page.gauge("p2p_streams", "Live streams", static_cast<double>(census.streams));
  page.gauge("p2p_list_watchers", "Connections that follow the list of streams", static_cast<double>(census.watchers));
  page.each(MetricType::Gauge, "p2p_members", "Members of streams by role", "role", census.members,
            [](std::size_t i) { return scoring::to_text(static_cast<scoring::Role>(i)); });
}

void add_relay(Page& page, const turn::RelayStats& relay) {
  const auto count = [&]<typename Label>(Label, const char* name, const char* help, const char* label, const auto& values) {
    page.each(MetricType::Counter, name, help, label, values, [](std::size_t i) { return turn::to_text(static_cast<Label>(i)); });
  };
  page.gauge("p2p_turn_allocations", "Relayed addresses (TURN allocations) that are open", static_cast<double>(relay.allocations));
  page.counter("p2p_turn_allocations_opened_total", "Relayed addresses that were opened", static_cast<double>(relay.allocations_made));
  page.counter("p2p_turn_allocations_given_up_total", "Relayed addresses that were idle and gave way to others when all were taken",
               static_cast<double>(relay.allocations_given_up));
  count(turn::AllocationRefusal{}, "p2p_turn_allocations_refused_total", "Relayed addresses that were not given to a good credential, and why", "why",
        relay.allocations_refused);
  count(turn::AuthenticationFailure{}, "p2p_turn_authentication_failures_total", "TURN requests that were not believed, and why", "why",
        relay.authentication_failed);
  page.counter("p2p_turn_refused_addresses_total", "Permissions that were refused for addresses that are not relayed to", static_cast<double>(relay.refused_addresses));
  count(turn::RelayedWay{}, "p2p_turn_relayed_bytes_total", "Bytes relayed, by way; without headers", "way", relay.relayed_bytes);
  count(turn::RelayedWay{}, "p2p_turn_relayed_datagrams_total", "Datagrams relayed, by way", "way", relay.relayed_datagrams);
  page.counter("p2p_turn_dropped_bytes_total", "Bytes above a peer's quota of bandwidth", static_cast<double>(relay.dropped_bytes));
  page.counter("p2p_turn_dropped_datagrams_total", "Datagrams above a peer's quota of bandwidth", static_cast<double>(relay.dropped_datagrams));
  page.counter("p2p_turn_bindings_total", "STUN binding requests answered", static_cast<double>(relay.bindings_answered));
  page.counter("p2p_turn_challenges_total", "TURN requests answered with a nonce", static_cast<double>(relay.challenges));
  count(turn::Unanswered{}, "p2p_turn_unanswered_total", "STUN and TURN requests without proof of address that were not answered: too many for that network, or for all",
        "limit", relay.unanswered);
}

/// The names that Prometheus' own client libraries use.
void add_process(Page& page) {
  const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; };
  page.counter("process_cpu_seconds_total", "CPU time of the process", seconds(usage.ru_utime) + seconds(usage.ru_stime));
  std::ifstream memory{"/proc/self/statm"};
  std::uint64_t pages = 0;
  std::uint64_t resident = 0;
  if (memory >> pages >> resident) {
    page.gauge("process_resident_memory_bytes", "Resident memory", static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)));
    page.gauge("process_virtual_memory_bytes", "Virtual memory", static_cast<double>(pages) * static_cast<double>(sysconf(_SC_PAGESIZE)));
  }
  std::error_code none;
  std::size_t files = 0;
  for (std::filesystem::directory_iterator file{"/proc/self/fd", none}, end; !none && file != end; file.increment(none)) ++files;
  page.gauge("process_open_fds", "Open file descriptors", static_cast<double>(files));
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) page.gauge("process_max_fds", "Limit of open file descriptors", static_cast<double>(limit.rlim_cur));
  // proc(5): the 22nd field of stat is the start, in ticks since boot; the second holds a name with anything in it.
  std::ifstream stat_file{"/proc/self/stat"};
  std::ifstream uptime_file{"/proc/uptime"};
  std::string stat;
  double uptime = 0;
  std::getline(stat_file, stat);
  if (uptime_file >> uptime && stat.rfind(')') != std::string::npos) {
    std::istringstream fields{stat.substr(stat.rfind(')') + 2)};
    std::string skipped;
    for (int field = 3; field < 22; ++field) fields >> skipped;
    double started = 0;
    fields >> started;
    const double now = std::chrono::duration<double>{std::chrono::system_clock::now().time_since_epoch()}.count();
    page.gauge("process_start_time_seconds", "Start of the process, since 1970", now - uptime + started / ticks);
  }
}

}  // namespace

std::string metrics_page(const Gate& gate, const directory::Census& census, const std::optional<turn::RelayStats>& relay, const std::string& version) {
  Page page;
  page.each(MetricType::Gauge, "p2p_build_info", "The program; always 1", "version", std::array{1}, [&](std::size_t) { return version; });
  add_server(page, gate);
  add_directory(page, census);
  if (relay) add_relay(page, *relay);
  add_process(page);
  return page.text();
}

}  // namespace p2p::net
