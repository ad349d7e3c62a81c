#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "core/atomic_file.h"

struct gzFile_s;  // of zlib

namespace hypersynth {

/// An AtomicFile that compresses its bytes with gzip if its name ends in ".gz". Throws what
/// AtomicFile throws.
class GzOutput {
 public:
  /// `level` is the compression level of zlib, from 1 (fast) to 9 (small). The default is 1, the
  /// fastest.
  explicit GzOutput(const std::string& path, int level = 1);
  ~GzOutput();
  GzOutput(const GzOutput&) = delete;
  GzOutput& operator=(const GzOutput&) = delete;

  void write(std::span<const std::byte> bytes);

  /// Makes the file visible under its name, replacing an older one.
  void commit();

 private:
  AtomicFile file_;
  gzFile_s* stream_ = nullptr;  ///< null if the file is not compressed
};

}  // namespace hypersynth
