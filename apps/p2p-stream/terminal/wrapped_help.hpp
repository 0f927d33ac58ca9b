#pragma once

namespace CLI {
class App;
}

namespace p2p::app {

/// `--help` of this command and of the subcommands that are added afterwards: as wide as the terminal, and broken between words.
void wrap_help(CLI::App& app);

}  // namespace p2p::app
