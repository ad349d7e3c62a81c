#include <random>
#include <string>

#include <gtest/gtest.h>

#include "core/error.h"
#include "image/nifti.h"
#include "image/nifti_builder.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

std::string mutated(std::string bytes, std::mt19937& generator) {
  const std::size_t header = std::min<std::size_t>(bytes.size(), 544);
  for (std::size_t edits = 1 + generator() % 6; edits > 0; --edits) {
    const std::size_t at = generator() % header;
    bytes[at] = generator() % 3 == 0 ? '\xff' : static_cast<char>(generator());
  }
  if (generator() % 8 == 0) bytes.resize(generator() % bytes.size());
  return bytes;
}

TEST(NiftiFuzzTest, DamagedFilesGiveAnImageOrAnInputErrorAndNeverMore) {
  const TemporaryDir dir;
  std::mt19937 generator(12);
  int read = 0;
  int refused = 0;
  for (int trial = 0; trial < 2000; ++trial) {
    NiftiBuilder file;
    file.version = 1 + trial % 2;
    file.big_endian = trial % 4 > 1;
    file.dim = {7, 6, 5};
    const std::string path = dir / (trial % 3 == 0 ? "image.nii.gz" : "image.nii");
    const std::string bytes = mutated(file.build(), generator);
    if (trial % 3 == 0) {
      write_gzip(path, bytes);
    } else {
      write_bytes(path, bytes);
    }
    try {
      EXPECT_GT(read_image(path).voxels.size(), 0u);
      ++read;
    } catch (const InputError&) {
      ++refused;
    }
  }
  EXPECT_GT(read, 100);
  EXPECT_GT(refused, 100);
}

TEST(NiftiFuzzTest, DamagedGzipStreamsNeverChangeAnImageUnnoticed) {
  const TemporaryDir dir;
  NiftiBuilder file;
  file.dim = {9, 8, 7};
  write_gzip(dir / "whole.nii.gz", file.build());
  const std::string whole = read_bytes(dir / "whole.nii.gz");
  const Image expected = read_image(dir / "whole.nii.gz");
  std::mt19937 generator(13);
  int refused = 0;
  for (int trial = 0; trial < 1000; ++trial) {
    std::string bytes = whole;
    bytes[10 + generator() % (bytes.size() - 10)] ^= static_cast<char>(1 + generator() % 255);
    write_bytes(dir / "image.nii.gz", bytes);
    try {
      // The padding bits at the end of a deflate stream mean nothing.
      EXPECT_EQ(read_image(dir / "image.nii.gz").voxels, expected.voxels) << trial;
    } catch (const InputError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 950);
}

}  // namespace
}  // namespace hypersynth
