#pragma once

namespace CLI {
class App;
}

namespace p2p::app {

/// `p2p-stream watch URL [-o FILE]`: a viewer without a browser, that relays like any other.
void add_watch_command(CLI::App& app, int& exit_code);

}  // namespace p2p::app
