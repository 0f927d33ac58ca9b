#include <juice/juice.h>
#include <signal.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

/// libjuice's own server, as STUN alone: `netbox-stun ADDRESS PORT` answers binding requests until SIGINT or SIGTERM.
int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "netbox-stun ADDRESS PORT\n");
    return 2;
  }
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGINT);
  sigaddset(&stops, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stops, nullptr);   // before the server's thread, so that they come here
  juice_set_log_level(JUICE_LOG_LEVEL_WARN);
  juice_server_config_t config{};
  config.bind_address = argv[1];
  config.port = static_cast<std::uint16_t>(std::strtoul(argv[2], nullptr, 10));
  config.realm = "netbox";
  juice_server_t* server = juice_server_create(&config);
  if (!server) {
    std::fprintf(stderr, "The STUN server cannot listen on %s, port %s.\n", argv[1], argv[2]);
    return 1;
  }
  std::printf("stun on %u\n", static_cast<unsigned>(juice_server_get_port(server)));
  std::fflush(stdout);
  int signal = 0;
  sigwait(&stops, &signal);
  juice_server_destroy(server);
  return 0;
}
