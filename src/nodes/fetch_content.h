#pragma once

#include <optional>

#include "pipeline/graph/interface.h"

namespace hypersynth {

namespace fs = boost::filesystem;

/// A step of the workflow, run before all others of an image of a DataLad dataset whose content is
/// not on this machine: `datalad get` fetches it.
struct FetchContent {
  struct Inputs {
    fs::path image;
    std::optional<fs::path> after;
  };
  struct Outputs {
    fs::path image;
  };
  static constexpr std::tuple inputs{
      pipeline::Port{"image", &Inputs::image, "a link of git-annex without content",
                     pipeline::Hashed::kPath},
      pipeline::Port{"after", &Inputs::after,
                     "result of an earlier image, whose content must not be there at the same time",
                     pipeline::Hashed::kPath}};
  static constexpr std::tuple outputs{
      pipeline::Port{"image", &Outputs::image, "the same, with its content"}};
  static constexpr std::string_view version = "1";

  /// Throws InputError with what datalad said if there is no content after it.
  Outputs run(const Inputs& in, pipeline::NodeContext& context) const;
};

}  // namespace hypersynth
