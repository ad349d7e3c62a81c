#pragma once

#include <string>
#include <variant>

#include "app/options.h"
#include "core/error.h"

namespace hypersynth {

/// What to print instead of running: help and the version on stdout (code 0), complaints on stderr.
struct CliExit {
  ExitCode code = ExitCode::kOk;
  std::string text;
};

/// Reads the command line, and the configuration file it names (TOML; the command line wins).
/// Options may be spelt with - or _.
std::variant<Options, CliExit> parse_command_line(int argc, const char* const* argv);

}  // namespace hypersynth
