#include "serve/configuration_page.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace p2p::app {
namespace {

TEST(ConfigurationPage, IsWhatTheDocumentationHas) {
  std::ifstream file{P2P_SOURCE_DIR "/docs/configuration.md"};
  const std::string page{std::istreambuf_iterator<char>{file}, {}};
  EXPECT_EQ(page, configuration_page()) << "Run: build/bin/p2p-stream serve --print-configuration-docs > docs/configuration.md";
}

}  // namespace
}  // namespace p2p::app
