#include <CLI/CLI.hpp>

#include <csignal>

#include "terminal/wrapped_help.hpp"

#ifdef P2P_WITH_SERVE
#include "serve/serve_command.hpp"
#endif
#ifdef P2P_WITH_DOCTOR
#include "doctor/doctor_command.hpp"
#endif
#ifdef P2P_WITH_PUBLISH
#include "publish/publish_command.hpp"
#endif
#ifdef P2P_WITH_WATCH
#include "watch/watch_command.hpp"
#endif
#ifdef P2P_WITH_SIMULATE
#include "simulate/simulate_command.hpp"
#endif

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a write to a pipe or socket that was closed is an error of that write, not of the program
  CLI::App app{"Live streaming in which the viewers relay the stream to each other.", "p2p-stream"};
  p2p::app::wrap_help(app);
  app.set_version_flag("--version", "p2p-stream " P2P_VERSION);
  app.require_subcommand(1);
  int exit_code = 0;
#ifdef P2P_WITH_SERVE
  p2p::app::add_serve_command(app, exit_code);
#endif
#ifdef P2P_WITH_DOCTOR
  p2p::app::add_doctor_command(app, exit_code);
#endif
#ifdef P2P_WITH_PUBLISH
  p2p::app::add_publish_command(app, exit_code);
#endif
#ifdef P2P_WITH_WATCH
  p2p::app::add_watch_command(app, exit_code);
#endif
#ifdef P2P_WITH_SIMULATE
  p2p::app::add_simulate_command(app, exit_code);
#endif
  CLI11_PARSE(app, argc, argv);
  return exit_code;
}
