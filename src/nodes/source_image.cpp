#include "nodes/source_image.h"

#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

#include <sys/stat.h>

#include "core/error.h"
#include "image/nifti.h"
#include "image/regular_file.h"
#include "pipeline/files/digest.h"

namespace hypersynth {

PinnedFile::PinnedFile(const fs::path& path) : name_(path.string()) {
  // Not blocking: a pipe that took the file's name would make open() wait for a writer.
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor_ < 0)
    throw InputError(name_, "a readable file", std::generic_category().message(errno));
  try {
    struct stat status {};
    if (::fstat(descriptor_, &status) == 0) require_regular_file(name_, status.st_mode);
  } catch (const InputError&) {
    ::close(descriptor_);
    throw;
  }
}

PinnedFile::~PinnedFile() { ::close(descriptor_); }

std::string PinnedFile::path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

SourceIdentity PinnedFile::identity() const {
  SourceIdentity identity = stamp_of(path());
  identity.digest = pipeline::digest_of_file(path()).hex();
  return identity;
}

Image read_source(const fs::path& path, const pipeline::NodeContext& context,
                  SourceIdentity* identity, const Log& log) {
  const PinnedFile file(path);
  const SourceIdentity found = file.identity();
  const auto expected = context.input_digest(path);
  Image image = file.read([&](const std::string& opened) { return read_image(opened, log); });
  if ((expected && found.digest != expected->hex()) || !stamp_of(file.path()).same_stamp(found)) {
    throw InputError(path.string(), "an image that stays as it is while it is worked on",
                     "that it changed; run again");
  }
  if (identity != nullptr) *identity = found;
  return image;
}

}  // namespace hypersynth
