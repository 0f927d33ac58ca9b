#pragma once

namespace CLI {
class App;
}

namespace p2p::app {

/// `p2p-stream simulate NAME`: the engine in virtual time; prints the figures of docs/measures.md.
void add_simulate_command(CLI::App& app, int& exit_code);

}  // namespace p2p::app
