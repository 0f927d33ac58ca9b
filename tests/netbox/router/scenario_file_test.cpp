#include "scenario_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace p2p::netbox {
namespace {

using ::testing::HasSubstr;

std::string error_of(std::string_view text) {
  const auto network = parse_scenario(text);
  return network ? "it was accepted" : network.error().text;
}

TEST(Scenario, ReadsAllThatTheReadmeSays) {
  const auto network = parse_scenario(R"({
    "seed": 9,   // comments are welcome
    "grain_us": 500,
    "sites": [
      {"name": "server"},
      {"name": "home", "hosts": ["a", "b"], "at_ms": [3, 4], "udp": "blocked",
       "nat": {"mapping": "address-dependent", "filtering": "address-and-port-dependent", "hairpin": true, "udp_timeout_s": 30, "mappings_max": 5},
       "up": {"bits_per_s": 2000000, "queue_bytes": 9000, "delay_ms": 10.5, "jitter_ms": 2, "loss": 0.01,
              "bursts": {"enter": 0.001, "leave": 0.2, "loss": 0.5}, "duplicate": 0.002, "reorder": 0.003, "reorder_ms": 7},
       "down": {"queue_ms": 50}}
    ],
    "events": [{"at_s": 9, "site": "home", "line": "alive"}, {"at_s": 1.5, "site": "home", "line": "dead", "down": {"bits_per_s": 5000}}]
  })");
  ASSERT_TRUE(network) << network.error().text;
  EXPECT_EQ(network->seed, 9u);
  EXPECT_EQ(network->grain, 500us);
  ASSERT_EQ(network->sites.size(), 2u);
  EXPECT_EQ(network->sites[0].hosts, std::vector<std::string>{"server"});
  EXPECT_FALSE(network->sites[0].nat);
  const Site& home = network->sites[1];
  EXPECT_TRUE(home.udp_blocked);
  EXPECT_EQ(home.x_ms, 3);
  EXPECT_EQ(home.nat->mapping, Dependence::kAddressDependent);
  EXPECT_EQ(home.nat->filtering, Dependence::kAddressAndPortDependent);
  EXPECT_TRUE(home.nat->hairpin);
  EXPECT_EQ(home.nat->udp_timeout, Duration{30s});
  EXPECT_EQ(home.nat->mappings_max, 5u);
  EXPECT_EQ(home.up.bits_per_s, 2'000'000);
  EXPECT_EQ(home.up.queue_bytes, 9000);
  EXPECT_EQ(home.up.delay, Duration{10'500us});
  EXPECT_EQ(home.up.loss.independent, 10'000u);
  EXPECT_EQ(home.up.loss.bursts.leave, 200'000u);
  EXPECT_EQ(home.up.reorder_by, Duration{7ms});
  EXPECT_EQ(home.down.queue_time, Duration{50ms});
  ASSERT_EQ(network->events.size(), 2u);
  EXPECT_EQ(network->events[0].at, Duration{1500ms});
  EXPECT_EQ(network->events[0].change.alive, false);
  EXPECT_EQ(network->events[0].change.down->bits_per_s, 5000);
}

TEST(Scenario, ANatMayBeNamedByOneWord) {
  const auto network = parse_scenario(R"({"sites": [{"name": "a", "nat": "address-and-port-dependent"}, {"name": "b", "nat": "none"}]})");
  ASSERT_TRUE(network) << network.error().text;
  EXPECT_EQ(network->sites[0].nat->mapping, Dependence::kAddressAndPortDependent);
  EXPECT_EQ(network->sites[0].nat->filtering, Dependence::kAddressAndPortDependent);
  EXPECT_FALSE(network->sites[1].nat);
}

TEST(Scenario, SaysWhereAFileIsWrongAndWhatIsAllowed) {
  EXPECT_THAT(error_of("{"), HasSubstr("no JSON"));
  EXPECT_THAT(error_of("[]"), HasSubstr("must be an object"));
  EXPECT_THAT(error_of("{}"), HasSubstr("\"sites\" must be a list of 1 to"));
  EXPECT_THAT(error_of(R"({"sites": [{"name": "Home"}]})"), HasSubstr("sites[0]: \"name\" must be there: small letters"));
  EXPECT_THAT(error_of(R"({"sites": [{"name": "a", "natt": "none"}]})"), HasSubstr("sites[0] has no \"natt\". It may have: name, hosts,"));
  EXPECT_THAT(error_of(R"({"sites": [{"name": "a", "nat": "cone"}]})"), HasSubstr("must be endpoint-independent, address-dependent or"));
  EXPECT_THAT(error_of(R"({"sites": [{"name": "a", "up": {"loss": 5}}]})"), HasSubstr("sites[0].up: \"loss\" must be a number from 0 to 1"));
  EXPECT_THAT(error_of(R"({"sites": [{"name": "a", "up": {"bursts": {"often": 1}}}]})"), HasSubstr("sites[0].up.bursts has no \"often\""));
  EXPECT_THAT(error_of(R"({"sites": [{"name": "a"}, {"name": "a"}]})"), HasSubstr("Two sites are called \"a\""));
  EXPECT_THAT(error_of(R"({"sites": [{"name": "a", "hosts": ["x"]}, {"name": "b", "hosts": ["x"]}]})"), HasSubstr("Two hosts are called \"x\""));
  EXPECT_THAT(error_of(R"({"sites": [{"name": "a"}], "events": [{"at_s": 1, "site": "b", "line": "dead"}]})"), HasSubstr("events[0]: \"site\" must name a site"));
  EXPECT_THAT(error_of(R"({"sites": [{"name": "a"}], "events": [{"site": "a", "line": "dead"}]})"), HasSubstr("\"at_s\" must be there"));
}

TEST(Scenario, AChangeIsAnEventWithoutItsTime) {
  const auto network = parse_scenario(R"({"sites": [{"name": "a"}, {"name": "b"}]})");
  ASSERT_TRUE(network);
  const auto change = parse_change(R"({"site": "b", "line": "dead"})", *network);
  ASSERT_TRUE(change) << change.error().text;
  EXPECT_EQ(change->site, 1u);
  EXPECT_EQ(change->alive, false);
  EXPECT_FALSE(parse_change(R"({"site": "b", "line": "gone"})", *network));
}

}  // namespace
}  // namespace p2p::netbox
