#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "core/atomic_file.h"

struct gzFile_s;  // of zlib

namespace hypersynth {

/// An AtomicFile whose bytes are compressed with gzip where its name ends in ".gz". Throws what
/// AtomicFile throws.
class GzOutput {
 public:
  /// `level` is zlib's, 1 (fast) to 9.
  explicit GzOutput(const std::string& path, int level = 1);
  ~GzOutput();
  GzOutput(const GzOutput&) = delete;
  GzOutput& operator=(const GzOutput&) = delete;

  void write(std::span<const std::byte> bytes);

  /// Makes the file visible under its name, replacing an older one.
  void commit();

 private:
  AtomicFile file_;
  gzFile_s* stream_ = nullptr;  // null: the bytes are written as they are
};

}  // namespace hypersynth
