#include <cerrno>
#include <cstdio>
#include <exception>
#include <malloc.h>
#include <new>
#include <string>
#include <system_error>

#include <boost/system/system_error.hpp>

#include "app/cli.h"
#include "app/execution.h"
#include "app/participant.h"
#include "app/places.h"
#include "app/process_setup.h"
#include "app/run_fault.h"
#include "app/supervisor.h"
#include "bids/issue.h"
#include "core/error.h"

namespace hypersynth {

namespace {

ExitCode exit_code(bids::IssueCode code) {
  switch (code) {
    case bids::IssueCode::kDatasetMissing:
      return ExitCode::kInputMissing;
    case bids::IssueCode::kDatasetDescriptionMissing:
    case bids::IssueCode::kDatasetDescriptionInvalid:
      return ExitCode::kNotBids;
    case bids::IssueCode::kEmptySelection:
      return ExitCode::kNothingSelected;
    case bids::IssueCode::kDirectoryUnreadable:
      return ExitCode::kIo;
    case bids::IssueCode::kOutputUnwritable:
      return ExitCode::kCannotCreateOutput;
    default:
      return ExitCode::kUsage;
  }
}

int complain(ExitCode code, const char* text) {
  std::fprintf(stderr, "hypersynth: error: %s\n", printable(text).c_str());
  return static_cast<int>(code);
}

/// The exit code of `work`, whatever it throws.
template <class Work>
int guarded(const Work& work) {
  try {
    return static_cast<int>(work());
  } catch (const Error& error) {
    return complain(error.code(), error.what());
  } catch (const bids::DatasetError& error) {
    return complain(exit_code(error.code()), error.what());
  } catch (const std::bad_alloc&) {
    return complain(ExitCode::kTryAgain, "not enough memory");
  } catch (const std::system_error& error) {
    return complain(exit_code_of(error.code()), error.what());
  } catch (const boost::system::system_error& error) {
    return complain(exit_code_of(error.code()), error.what());
  } catch (const std::exception& error) {
    return complain(ExitCode::kInternal, error.what());
  }
}

int segment(const Options& options) {
  return supervise([&](bool isolated) {
    Options own = options;
    own.isolate_steps = isolated;
    return guarded([&] { return run_participant(own); });
  });
}

int run(const Options& options) {
  check_places(options);
  if (options.level == Level::kGroup) return static_cast<int>(run_group(options));
  if (options.only_plans()) return static_cast<int>(run_dry(options));
  if (options.reports_only) return static_cast<int>(run_reports(options));
  return segment(options);
}

int run(int argc, char** argv) {
  if (const auto code = serve_step(argc, argv)) return *code;
  const auto parsed = parse_command_line(argc, argv);
  if (const auto* done = std::get_if<CliExit>(&parsed)) {
    std::fputs(done->text.c_str(), done->code == ExitCode::kOk ? stdout : stderr);
    return static_cast<int>(done->code);
  }
  return run(std::get<Options>(parsed));
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
  return flushed(guarded([&] { return run(argc, argv); }));
}
