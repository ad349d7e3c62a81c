#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace hypersynth {

/// Exit codes of every hypersynth program: sysexits.h where it has one, 16-18 as the BIDS Apps
/// of the fMRIPrep family use them.
enum class ExitCode : int {
  kOk = 0,
  kNotBids = 16,
  kBadLevel = 17,
  kNothingSelected = 18,
  kUsage = 64,
  kSomeImagesFailed = 65,
  kInputMissing = 66,
  kInternal = 70,
  kCannotCreateOutput = 73,
  kIo = 74,
  kTryAgain = 75,
  kInterrupted = 130,
};

/// An error that ends the run (or, where a node raises it, that node) with one message.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

/// One file is unusable: says which, what was expected and what was found.
class InputError : public Error {
 public:
  /// `path` as the user knows it; `expected` and `found` are noun phrases without a full stop.
  InputError(const std::string& path, const std::string& expected, const std::string& found,
             ExitCode code = ExitCode::kSomeImagesFailed);

  const std::string& path() const { return path_; }
  const std::string& expected() const { return expected_; }
  const std::string& found() const { return found_; }

 private:
  std::string path_;
  std::string expected_;
  std::string found_;
};

/// What an InputError says besides the path.
struct InputFindings {
  std::string expected;
  std::string found;
};

/// Takes the message of an InputError apart again, where it crossed a process as text; nothing
/// where it is the message of another error.
std::optional<InputFindings> parse_input_error(std::string_view message);

/// `text` with control characters and bytes that are not UTF-8 written as \xNN, so that a name
/// can't garble a terminal or a log.
std::string printable(std::string_view text);

}  // namespace hypersynth
