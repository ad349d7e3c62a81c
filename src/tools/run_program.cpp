#include "tools/run_program.h"

#include <iostream>
#include <new>

#include "core/error.h"

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
  std::string text;
  for (const auto& violation : violations) text += (text.empty() ? "" : "\n") + violation;
  if (!text.empty()) throw Error(ExitCode::kUsage, text);
}

}  // namespace hypersynth
