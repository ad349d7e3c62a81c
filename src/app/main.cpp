#include <cerrno>
#include <cstdio>
#include <malloc.h>
#include <string>
#include <system_error>

#include "app/cli.h"
#include "app/execution.h"
#include "app/exit_status.h"
#include "app/process_setup.h"

namespace hypersynth {

namespace {

int run(int argc, char** argv) {
  if (const auto code = serve_step(argc, argv)) return *code;
  const auto parsed = parse_command_line(argc, argv);
  if (const auto* done = std::get_if<CliExit>(&parsed)) {
    std::fputs(done->text.c_str(), done->code == ExitCode::kOk ? stdout : stderr);
    return static_cast<int>(done->code);
  }
  return std::get<LevelRun>(parsed)();
}

/// Results on standard output count only once they have arrived.
int flushed(int code) {
  errno = 0;
  const bool arrived = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  if (arrived || code != 0) return code;
  return complain(ExitCode::kIo, (std::string("standard output: cannot write") +
                                  (errno != 0 ? ": " + std::generic_category().message(errno) : ""))
                                     .c_str());
}

}  // namespace

}  // namespace hypersynth

int main(int argc, char** argv) {
  using namespace hypersynth;
  // Features of the network are freed slice by slice: give them back to the system at once instead
  // of letting glibc raise its threshold and keep them.
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  set_up_process();
  return flushed(exit_status_of([&] { return run(argc, argv); }));
}
