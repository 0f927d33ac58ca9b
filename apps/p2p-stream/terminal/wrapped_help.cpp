#include "terminal/wrapped_help.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "terminal/nearest_name.hpp"
#include "terminal/wrap.hpp"

namespace p2p::app {
namespace {

constexpr std::size_t kColumn = 30;   // where descriptions begin

class WrappedHelp final : public CLI::Formatter {
 public:
  std::string make_option(const CLI::Option* option, bool positional) const override {
    return in_columns("  " + make_option_name(option, positional) + make_option_opts(option), make_option_desc(option), kColumn, terminal_columns());
  }
  std::string make_subcommand(const CLI::App* command) const override {
    return in_columns("  " + command->get_display_name(true), command->get_description(), kColumn, terminal_columns());
  }
  // One blank line between groups, where the base class has two, also beside groups of hidden options.
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override {
    std::string text = CLI::Formatter::make_help(app, std::move(name), mode);
    for (std::size_t at = text.find("\n\n\n"); at != std::string::npos; at = text.find("\n\n\n", at)) text.erase(at, 1);
    return text;
  }
  std::string make_group(std::string group, bool positional, std::vector<const CLI::Option*> options) const override {
    return CLI::Formatter::make_group(std::move(group), positional, std::move(options)).substr(1);
  }
  std::string make_positionals(const CLI::App* app) const override {
    const std::string text = CLI::Formatter::make_positionals(app);
    return text.empty() ? text : text + "\n";
  }
  std::string make_usage(const CLI::App* app, std::string name) const override { return CLI::Formatter::make_usage(app, std::move(name)) + "\n"; }
  std::string make_description(const CLI::App* app) const override { return wrapped(CLI::Formatter::make_description(app)) + "\n"; }
  std::string make_footer(const CLI::App* app) const override { return wrapped(CLI::Formatter::make_footer(app)); }

 private:
  static std::string wrapped(const std::string& text) { return wrap(text, terminal_columns()); }
};

/// The first of the arguments that nobody knows, with the option of the chosen subcommand that is nearest.
std::string unknown_option(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  const CLI::App& command = chosen.empty() ? app : *chosen.front();
  const auto left = app.remaining(true);
  const auto flag = std::ranges::find_if(left, [](const std::string& argument) { return argument.starts_with("--"); });
  if (flag == left.end()) return {};
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  const std::string written = flag->substr(0, flag->find('='));
  const std::string_view near = nearest_name(written, names);
  const std::string name = command.get_display_name();
  return "There is no option " + written + (chosen.empty() ? "" : " of " + name) + "." + (near.empty() ? "" : " Did you mean " + std::string{near} + "?") + "\nRun with --help for more information.\n";
}

}  // namespace

void wrap_help(CLI::App& app) {
  app.formatter(std::make_shared<WrappedHelp>());
  app.failure_message([](const CLI::App* failed, const CLI::Error& error) {
    std::string text;
    if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) text = unknown_option(*failed);
    return text.empty() ? CLI::FailureMessage::simple(failed, error) : text;
  });
}

}  // namespace p2p::app
