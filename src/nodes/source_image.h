#pragma once

#include <string>

#include "core/descriptor.h"
#include "core/error.h"
#include "core/log.h"
#include "image/volume.h"
#include "nodes/image_record.h"
#include "pipeline/graph/node_context.h"

namespace hypersynth {

/// A file that is opened once and stays the same file however often its name is given to another
/// one: `path()` leads to what was opened. Throws InputError where there is no such regular file.
class PinnedFile {
 public:
  explicit PinnedFile(const fs::path& path);

  /// "/proc/self/fd/<number>".
  std::string path() const;

  /// Size, times and digest of what was opened.
  SourceIdentity identity() const;

  /// Calls `read(path())`; an InputError that it throws is given the file's own name.
  template <class Read>
  auto read(const Read& read) const {
    try {
      return read(path());
    } catch (const InputError& error) {
      throw InputError(name_, error.expected(), error.found(), error.code());
    }
  }

 private:
  std::string name_;
  FileDescriptor descriptor_;
};

/// Reads the image at `path` for a step, and holds it to the bytes that the step's cache key was
/// made from. A scan that is replaced while it is worked on, and put back later, is thus never
/// recorded with the results of the other one. Throws InputError where the bytes are others, and
/// what read_image() throws. `identity`, where given, gets that of what was read;
/// `log` is told of contradictions in the header.
Image read_source(const fs::path& path, const pipeline::NodeContext& context,
                  SourceIdentity* identity = nullptr, const Log& log = Log());

}  // namespace hypersynth
