#include "nodes/source_image.h"

#include <algorithm>
#include <cmath>
#include <system_error>

#include <boost/filesystem/operations.hpp>

#include "core/annex.h"
#include "core/error.h"
#include "core/regular_file.h"
#include "image/nifti.h"
#include "pipeline/files/digest.h"

namespace hypersynth {

PinnedFile::PinnedFile(const fs::path& path) : name_(path.string()) {
  try {
    descriptor_ = open_regular_file(name_);
  } catch (const NotARegularFile& error) {
    throw InputError(name_, "a regular file", error.kind());
  } catch (const std::system_error& error) {
    throw InputError(name_, "a readable file", error.code().message());
  }
}

std::string PinnedFile::path() const {
  return "/proc/self/fd/" + std::to_string(descriptor_.get());
}

SourceIdentity PinnedFile::identity() const {
  SourceIdentity identity = stamp_of(path());
  identity.digest = pipeline::digest_of_file(path()).hex();
  identity.annex_key = annex_key(name_);
  // A link that meanwhile leads to another file has the key of that.
  boost::system::error_code error;
  if (!identity.annex_key.empty() && !fs::equivalent(name_, path(), error))
    identity.annex_key.clear();
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

void clip_to_brain_window(Image& image) {
  constexpr float kWater_HU = 0;
  constexpr float kTop_HU = 80;  // above clotted blood, below calcified tissue
  for (float& value : image.voxels) {
    if (std::isfinite(value)) value = std::clamp(value, kWater_HU, kTop_HU);
  }
}

}  // namespace hypersynth
