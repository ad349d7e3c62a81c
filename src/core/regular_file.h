#pragma once

#include <string>
#include <string_view>
#include <system_error>

#include <sys/types.h>

#include "core/descriptor.h"
#include "core/error.h"

namespace hypersynth {

// Opens files that come from a user, and refuses everything but regular files: a named pipe keeps
// its reader waiting for a writer that may never come, a device may have no end, and a folder has
// no bytes.

/// What the mode of a file (st_mode) says it is: "a folder", "a named pipe", "a device", "a socket"
/// or "something else"; empty for a regular file.
std::string_view irregular_kind(mode_t mode);

/// Thrown if a file that should be read is not a regular one. code().message() is, for example, "a
/// named pipe, not a regular file".
class NotARegularFile : public std::system_error {
 public:
  /// `path` is only used for what().
  NotARegularFile(const std::string& path, mode_t mode);
  /// "<path>: expected a regular file, found a named pipe".
  const char* what() const noexcept override { return message_.c_str(); }
  /// The same as data.
  InputFindings findings() const { return {path_, "a regular file", kind()}; }
  /// What was found instead, as irregular_kind() says it.
  std::string kind() const {
    return std::string(irregular_kind(static_cast<mode_t>(code().value())));
  }

 private:
  std::string path_;
  std::string message_;
};

/// Opens a regular file for reading and never waits; symbolic links are followed. `path` is
/// relative to the open folder `directory` (AT_FDCWD = the current folder). If `size_bytes` is
/// given, it gets the size of the file. Throws NotARegularFile if it is not a regular file, and
/// std::system_error with the path if it cannot be opened.
FileDescriptor open_regular_file(int directory, const std::string& path,
                                 std::size_t* size_bytes = nullptr);
/// As above, with `path` relative to the current folder.
FileDescriptor open_regular_file(const std::string& path);

/// Throws InputError unless `mode`, which stat() gave for `path`, is that of a regular file.
void require_regular_file(const std::string& path, mode_t mode);

}  // namespace hypersynth
