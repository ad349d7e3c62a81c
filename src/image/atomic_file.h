#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace hypersynth {

/// A file that appears under its name complete or not at all: written to a hidden temporary file
/// in the same folder (unique to this process and object, same extension), flushed to disk, then
/// renamed. The temporary file goes away with an object that was not committed.
/// Throws Error, kCannotCreateOutput where the folder takes no file and kIo where writing fails.
class AtomicFile {
 public:
  /// Compresses with gzip where `path` ends in ".gz"; `level` is zlib's, 1 (fast) to 9.
  explicit AtomicFile(std::string path, int level = 1);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);

  /// Makes the file visible under its name, replacing an older one.
  void commit();

 private:
  struct Stream;

  [[noreturn]] void fail() const;

  std::string path_;
  std::string temporary_;
  std::unique_ptr<Stream> stream_;
};

}  // namespace hypersynth
