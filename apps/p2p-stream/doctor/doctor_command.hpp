#pragma once

namespace CLI {
class App;
}

namespace p2p::app {

/// `p2p-stream doctor`: whether `serve` with these settings would do well here, or whether a server that runs does. Exit code 1 when something fails.
void add_doctor_command(CLI::App& app, int& exit_code);

}  // namespace p2p::app
