#pragma once

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

namespace hypersynth {

/// The folder of large test data beside the project (override: HYPERSYNTH_SHARED), or an empty
/// path.
inline std::filesystem::path shared_data_dir() {
  const char* override_dir = std::getenv("HYPERSYNTH_SHARED");
  const std::filesystem::path dir =
      override_dir != nullptr ? std::filesystem::path(override_dir)
                              : std::filesystem::path(HYPERSYNTH_SOURCE_DIR) / "../shared";
  return std::filesystem::is_directory(dir) ? std::filesystem::weakly_canonical(dir)
                                            : std::filesystem::path();
}

}  // namespace hypersynth

/// Skips the running test with a message where the shared test data is absent.
#define HYPERSYNTH_NEED_SHARED_DATA()        \
  if (hypersynth::shared_data_dir().empty()) \
  GTEST_SKIP() << "the shared test data is absent: set HYPERSYNTH_SHARED to its folder"
