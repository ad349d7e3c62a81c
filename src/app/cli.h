#pragma once

#include <functional>
#include <string>
#include <variant>

#include "core/error.h"

namespace hypersynth {

/// What to print instead of running: help and the version on stdout (code 0), complaints on stderr.
struct CliExit {
  ExitCode code = ExitCode::kOk;
  std::string text;
};

/// The level that the command line asks for, with all its options: returns the exit code.
using LevelRun = std::function<int()>;

/// Reads the command line, and the configuration file it names (TOML; the command line wins).
/// Options may be spelt with - or _.
std::variant<LevelRun, CliExit> parse_command_line(int argc, const char* const* argv);

}  // namespace hypersynth
