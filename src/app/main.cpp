#include <cstdio>
#include <exception>
#include <malloc.h>
#include <new>

#include "app/cli.h"
#include "app/execution.h"
#include "app/participant.h"
#include "bids/issue.h"
#include "core/error.h"

namespace hypersynth {

namespace {

ExitCode run(const Options& options) {
  if (options.level == Level::kGroup) return run_group(options);
  if (options.only_plans()) return run_dry(options);
  return options.reports_only ? run_reports(options) : run_participant(options);
}

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

ExitCode complain(ExitCode code, const char* text) {
  std::fprintf(stderr, "hypersynth: error: %s\n", printable(text).c_str());
  return code;
}

}  // namespace

}  // namespace hypersynth

int main(int argc, char** argv) {
  using namespace hypersynth;
  // Features of the network are freed slice by slice: give them back to the system at once instead
  // of letting glibc raise its threshold and keep them.
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  try {
    if (const auto code = serve_step(argc, argv)) return *code;
    const auto parsed = parse_command_line(argc, argv);
    if (const auto* done = std::get_if<CliExit>(&parsed)) {
      std::fputs(done->text.c_str(), done->code == ExitCode::kOk ? stdout : stderr);
      return static_cast<int>(done->code);
    }
    return static_cast<int>(run(std::get<Options>(parsed)));
  } catch (const Error& error) {
    return static_cast<int>(complain(error.code(), error.what()));
  } catch (const bids::DatasetError& error) {
    return static_cast<int>(complain(exit_code(error.code()), error.what()));
  } catch (const std::bad_alloc&) {
    return static_cast<int>(complain(ExitCode::kTryAgain, "not enough memory"));
  } catch (const std::exception& error) {
    return static_cast<int>(complain(ExitCode::kInternal, error.what()));
  }
}
