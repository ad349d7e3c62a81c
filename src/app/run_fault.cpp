#include "app/run_fault.h"

#include <algorithm>
#include <cerrno>
#include <initializer_list>

namespace hypersynth {

namespace {

/// Whether `message` holds the words of one of these values of errno.
bool tells_of(const std::string& message, std::initializer_list<int> errors) {
  return std::any_of(errors.begin(), errors.end(), [&](int error) {
    return message.find(std::generic_category().message(error)) != std::string::npos;
  });
}

bool tells_of_writing(const std::string& message, const std::vector<fs::path>& written) {
  // The dataset may lie below the output folder.
  if (message.find("an input cannot be read") != std::string::npos) return false;
  for (const char* words : {"cannot write", "cannot create", "can't be written"}) {
    if (message.find(words) != std::string::npos) return true;
  }
  return std::any_of(written.begin(), written.end(), [&](const fs::path& folder) {
    return message.find(folder.string() + "/") != std::string::npos;
  });
}

}  // namespace

ExitCode exit_code_of(const std::error_code& code) {
  switch (code.value()) {
    case EROFS:
    case EACCES:
    case EPERM:
    case ENOTDIR:
    case ELOOP:
    case ENAMETOOLONG:
      return ExitCode::kCannotCreateOutput;
    case EAGAIN:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return ExitCode::kTryAgain;
    default:
      return ExitCode::kIo;
  }
}

std::optional<ExitCode> fault_of_run(const std::string& message, bool names_input,
                                     const std::vector<fs::path>& written) {
  if (tells_of(message, {EAGAIN, EMFILE, ENFILE})) return ExitCode::kTryAgain;
  for (const char* words : {"precision bf16:", "no usable CUDA device"}) {
    if (message.find(words) != std::string::npos) return ExitCode::kUsage;
  }
  if (names_input) return std::nullopt;
  const bool disk = message.find("nothing more can be written") != std::string::npos ||
                    tells_of(message, {ENOSPC, EDQUOT, EROFS, EFBIG, EXDEV}) ||
                    (tells_of(message, {EIO}) && tells_of_writing(message, written));
  return disk ? std::optional(ExitCode::kIo) : std::nullopt;
}

}  // namespace hypersynth
