#pragma once

namespace CLI {
class App;
}

namespace p2p::app {

/// `p2p-stream publish INPUT --server URL --title T`: a file, device, URL or test pattern as a live stream.
void add_publish_command(CLI::App& app, int& exit_code);

}  // namespace p2p::app
