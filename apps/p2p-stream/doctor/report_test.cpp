#include "doctor/report.hpp"

#include <gtest/gtest.h>

namespace p2p::app {
namespace {

TEST(DoctorReport, ShowsAFindingWithWhatToDoBelowIt) {
  EXPECT_EQ(shown({"port", fine("It is free.")}, 60), "ok       port                It is free.\n");
  EXPECT_EQ(shown({"certificate", failed("It ended.", "Renew it.")}, 60),
            "FAILED   certificate         It ended.\n"
            "                             -> Renew it.\n");
}

TEST(DoctorReport, CountsAndFailsOnlyByFailures) {
  const std::vector<Reported> warned{{"a", fine("Fine.")}, {"b", warning("Hm.", "Look.")}};
  EXPECT_EQ(summary(warned), "2 findings: 0 failed, 1 warning.\n");
  EXPECT_FALSE(any_failed(warned));
  const std::vector<Reported> bad{{"a", failed("Bad.", "Mend it.")}};
  EXPECT_TRUE(any_failed(bad));
  EXPECT_EQ(summary(std::vector<Reported>{{"a", fine("Fine.")}}), "All well: 1 finding.\n");
}

TEST(DoctorReport, IsJsonForPrograms) {
  EXPECT_EQ(to_json(std::vector<Reported>{{"a", fine("It is \"fine\".")}, {"b", warning("Hm.", "Look.")}}),
            "{\"checks\":[\n"
            "  {\"check\":\"a\",\"result\":\"ok\",\"text\":\"It is \\\"fine\\\".\"},\n"
            "  {\"check\":\"b\",\"result\":\"warning\",\"text\":\"Hm.\",\"advice\":\"Look.\"}\n"
            "],\"failed\":0,\"warnings\":1}\n");
}

}  // namespace
}  // namespace p2p::app
