#include "serve/configuration_page.hpp"

#include <fmt/format.h>

#include "serve/load_settings.hpp"

namespace p2p::app {
namespace {

constexpr std::string_view kHead = R"(# Configuration

<!-- Made by `build/bin/p2p-stream serve --print-configuration-docs`; a test compares. The table is apps/p2p-stream/serve/settings_table.cpp. -->

The settings of `p2p-stream serve`. `p2p-stream doctor`, with the same settings, says whether they fit this machine.

A setting called `port` below is the flag `--port`, the key `port` in the settings file, and has the name beside it in the environment. **A flag
beats the environment, the environment the file, the file the default.** An empty variable counts as none. A value that cannot be read, and a key that
does not exist, are errors that name the place; the server does not start.

The file is the one that `--config FILE` or `{variable}` names, else `{file}` if it is there (`--config /dev/null`
reads none). The log says which was read. It is TOML:

    port = 443
    tls-cert = "/etc/letsencrypt/live/live.example/fullchain.pem"
    tls-key = "/etc/letsencrypt/live/live.example/privkey.pem"
    allowed-origins = ["https://example.org", "https://example.com"]
    turn-external-address = "203.0.113.7"

Lists have commas between (`https://a.example,https://b.example`) or, in the file, are lists of TOML. *Secret* settings have no flag, since everybody
on a machine sees its command lines; a file with one of them that every user may read gets a warning, and so do credentials in `--ice-servers`.
)";

constexpr std::string_view kFoot = R"(
`NODE_ENV=production` changes the default of `log-format`, makes it an error that the server's own STUN and TURN server cannot start (else a warning),
and warns when nobody ends TLS. Limits and checks are the same in both modes.

What more there is to know: [turn.md](turn.md) on STUN and TURN, [operations.md](operations.md) on proxies, TLS, metrics, logs.
)";

/// A text in a cell of a table.
std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) escaped.append(c == '|' ? "\\|" : std::string_view{&c, 1});
  return escaped;
}

std::string row(const Setting& setting) {
  const std::string_view preset = setting.preset.empty() ? setting.preset_says : setting.preset;
  return fmt::format("| `{}` | `{}` | `{}` | {} | {}{} |\n", setting.name, setting.environment, cell(setting.value),
                     setting.preset.empty() ? cell(preset) : fmt::format("`{}`", cell(preset)), setting.secret ? "*Secret.* " : "", cell(setting.help));
}

}  // namespace

std::string configuration_page() {
  std::string page = fmt::format(kHead, fmt::arg("variable", kSettingsFileVariable), fmt::arg("file", kDefaultSettingsFile));
  std::string_view group;
  for (const Setting& setting : settings()) {
    if (setting.group != group) page += fmt::format("\n## {}\n\n| setting | environment | value | default | |\n|---|---|---|---|---|\n", setting.group);
    group = setting.group;
    page += row(setting);
  }
  return page.append(kFoot);
}

}  // namespace p2p::app
