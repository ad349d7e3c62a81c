#pragma once

#include <string>

#include "core/descriptor.h"
#include "core/error.h"
#include "core/log.h"
#include "image/volume.h"
#include "nodes/image_record.h"
#include "pipeline/graph/node_context.h"

namespace hypersynth {

/// A file that is opened once. path() leads to the opened file even if its name has meanwhile been
/// given to another file. Throws InputError if there is no such regular file.
class PinnedFile {
 public:
  explicit PinnedFile(const fs::path& path);

  /// A path to the opened file: "/proc/self/fd/<number>".
  std::string path() const;

  /// Size, times, digest and, in a git-annex repository, key of the opened file.
  SourceIdentity identity() const;

  /// Returns read(path()). An InputError that it throws names the file by its own name instead of
  /// path().
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

/// Reads the image at `path` for a step, and makes sure that its bytes are those from which the
/// cache key of the step was computed. An image that is replaced during the run, and perhaps put
/// back later, is thus never recorded with results of the other one.
///
/// Throws InputError if the bytes are others or change while they are read, and what read_image()
/// throws. If `identity` is given, it gets the identity of the file that was read. `log` gets
/// warnings about contradictions in the header.
Image read_source(const fs::path& path, const pipeline::NodeContext& context,
                  SourceIdentity* identity = nullptr, const Log& log = Log());

/// Clips Hounsfield units to the window in which radiologists look at the brain, so that bone and
/// air do not take up the range of intensities.
void clip_to_brain_window(Image& image);

}  // namespace hypersynth
