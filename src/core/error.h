#pragma once

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

/// What is wrong with one file, as data: it can be stored and sent to another process, which a
/// message could not be without guessing later where its parts begin.
struct InputFindings {
  std::string path;  ///< as the user knows it
  std::string expected;
  std::string found;

  bool operator==(const InputFindings& other) const {
    return path == other.path && expected == other.expected && found == other.found;
  }
};

/// One file is unusable: says which, what was expected and what was found.
class InputError : public Error {
 public:
  /// `path` as the user knows it; `expected` and `found` are noun phrases without a full stop.
  InputError(const std::string& path, const std::string& expected, const std::string& found,
             ExitCode code = ExitCode::kSomeImagesFailed);

  const InputFindings& findings() const { return findings_; }
  const std::string& path() const { return findings_.path; }
  const std::string& expected() const { return findings_.expected; }
  const std::string& found() const { return findings_.found; }

 private:
  InputFindings findings_;
};

/// `text` with control characters and bytes that are not UTF-8 written as \xNN, so that a name
/// can't garble a terminal or a log.
std::string printable(std::string_view text);

}  // namespace hypersynth
