#pragma once

#include <functional>
#include <string>
#include <vector>

#include "options/command_line.h"

namespace hypersynth {

/// Runs `body` and turns an Error into its message on stderr and its exit code.
int run_program(const std::string& program, const std::function<int()>& body);

/// Reads the command line; false where it asked for --help or the like, which is printed to
/// standard output then. Throws Error kUsage with everything that is wrong, a line each.
bool read_command_line(CommandLine& line, int argc, const char* const* argv);

/// Throws Error kUsage with these violations, a line each; returns where there are none.
void refuse(const std::vector<std::string>& violations);

}  // namespace hypersynth
