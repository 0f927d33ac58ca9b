#pragma once

#include <string>

namespace p2p::app {

/// docs/configuration.md, from the table of settings. `p2p-stream serve --print-configuration-docs` prints it; a test compares.
[[nodiscard]] std::string configuration_page();

}  // namespace p2p::app
