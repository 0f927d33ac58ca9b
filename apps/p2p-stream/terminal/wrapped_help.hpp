#pragma once

namespace CLI {
class App;
}

namespace p2p::app {

/// `--help` of this command and of the subcommands that are added afterwards: as wide as the terminal, and broken between words. An option that does
/// not exist is answered with the one that was probably meant.
void wrap_help(CLI::App& app);

}  // namespace p2p::app
