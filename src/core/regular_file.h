#pragma once

#include <string>
#include <string_view>
#include <system_error>

#include <sys/types.h>

#include "core/descriptor.h"

namespace hypersynth {

// Files that come from a user are opened here, and only regular ones: a named pipe keeps its reader
// waiting for a writer that may never come, a device may have no end, and a folder has no bytes.

/// What a file of this mode (st_mode) is: "a folder", "a named pipe", "a device", "a socket";
/// nothing for a regular file.
std::string_view irregular_kind(mode_t mode);

/// A file that was to be read is no regular one. code().message() is "a named pipe, not a regular
/// file".
class NotARegularFile : public std::system_error {
 public:
  /// `path` is only named in what().
  NotARegularFile(const std::string& path, mode_t mode);
  /// "<path>: expected a regular file, found a named pipe".
  const char* what() const noexcept override { return message_.c_str(); }
  /// irregular_kind() of what was found.
  std::string kind() const {
    return std::string(irregular_kind(static_cast<mode_t>(code().value())));
  }

 private:
  std::string message_;
};

/// Opens a regular file to be read, links followed; `path` is relative to the open folder
/// `directory` (AT_FDCWD: the current one). Never waits. Throws std::system_error with the path,
/// and NotARegularFile for anything else. `size_bytes`, where given, gets the size of the file.
FileDescriptor open_regular_file(int directory, const std::string& path,
                                 std::size_t* size_bytes = nullptr);
FileDescriptor open_regular_file(const std::string& path);

/// Throws InputError unless `mode`, as stat() gives it for `path`, is that of a regular file.
void require_regular_file(const std::string& path, mode_t mode);

}  // namespace hypersynth
