#include "nodes/source_image.h"

#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

#include <sys/stat.h>

#include "core/error.h"
#include "image/nifti.h"
#include "pipeline/digest.h"

namespace hypersynth {

PinnedFile::PinnedFile(const fs::path& path) : name_(path.string()) {
  // Not blocking: a pipe that took the file's name would make open() wait for a writer.
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  const int error = errno;
  struct stat status {};
  if (descriptor_ >= 0 && ::fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode)) return;
  if (descriptor_ >= 0) ::close(descriptor_);
  throw InputError(name_, "a regular file",
                   descriptor_ >= 0 ? "something else" : std::generic_category().message(error));
}

PinnedFile::~PinnedFile() { ::close(descriptor_); }

std::string PinnedFile::path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

SourceIdentity PinnedFile::identity() const {
  SourceIdentity identity = stamp_of(path());
  identity.digest = pipeline::digest_of_file(path()).hex();
  return identity;
}

Image read_source(const fs::path& path, const pipeline::NodeContext& context,
                  SourceIdentity* identity) {
  const PinnedFile file(path);
  const SourceIdentity found = file.identity();
  const auto expected = context.input_digest(path);
  Image image = file.read([](const std::string& opened) { return read_image(opened); });
  if ((expected && found.digest != expected->hex()) || !stamp_of(file.path()).same_stamp(found)) {
    throw InputError(path.string(), "an image that stays as it is while it is worked on",
                     "that it changed; run again");
  }
  if (identity != nullptr) *identity = found;
  return image;
}

}  // namespace hypersynth
