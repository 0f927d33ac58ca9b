#pragma once

namespace CLI {
class App;
}

namespace p2p::app {

/// `p2p-stream serve`: the signaling server and the web pages, until SIGINT or SIGTERM.
void add_serve_command(CLI::App& app, int& exit_code);

}  // namespace p2p::app
