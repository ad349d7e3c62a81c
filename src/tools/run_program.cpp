#include "tools/run_program.h"

#include <iostream>
#include <new>

#include "core/error.h"
#include "core/joined.h"

namespace hypersynth {

int run_program(const std::string& program, const std::function<int()>& body) {
  try {
    return body();
  } catch (const Error& error) {
    std::cerr << program << ": " << error.what() << '\n';
    return static_cast<int>(error.code());
  } catch (const std::bad_alloc&) {
    std::cerr << program << ": out of memory\n";
  } catch (const std::exception& error) {
    std::cerr << program << ": " << error.what() << '\n';
  }
  return static_cast<int>(ExitCode::kInternal);
}

bool read_command_line(CommandLine& line, int argc, const char* const* argv) {
  const auto result = line.parse({argv + 1, argv + argc});
  refuse(result.problems);
  if (result.output) std::cout << *result.output;
  return !result.output;
}

void refuse(const std::vector<std::string>& violations) {
  if (!violations.empty()) throw Error(ExitCode::kUsage, joined(violations, "\n"));
}

}  // namespace hypersynth
