#pragma once

#include <string>
#include <vector>

#include "doctor/finding.hpp"
#include "net/server_address.hpp"
#include "net/signaling_client.hpp"

/// A server that runs, as its clients meet it: through whatever stands in front.
namespace p2p::app {

struct RunningServer {
  net::ServerAddress address;
  net::TlsTrust tls;
  Duration timeout = 10s;   ///< for each question
};

/// /healthz and /readyz, and with TLS the certificate.
[[nodiscard]] std::vector<Finding> check_health(const RunningServer& server);
/// Whether pages of the server's own origin may open Engine.IO by polling.
[[nodiscard]] std::vector<Finding> check_polling(const RunningServer& server);
/// Whether a WebSocket comes through.
[[nodiscard]] std::vector<Finding> check_web_socket(const RunningServer& server);
/// Opens a stream for a moment, which the list of streams shows, and asks the STUN and TURN servers that its source is told.
[[nodiscard]] std::vector<Finding> check_membership(const RunningServer& server);

}  // namespace p2p::app
