#pragma once

#include "pipeline/graph/interface.h"

namespace hypersynth {

namespace fs = boost::filesystem;

/// A step of the workflow, run after all others of an image that FetchContent fetched: `datalad
/// drop` removes its content again. git-annex refuses that where it knows of no other copy; the
/// content then stays, with a warning.
struct DropContent {
  struct Inputs {
    fs::path image;
    fs::path record;
    std::string run;
  };
  struct Outputs {
    bool is_dropped = false;
  };
  static constexpr std::tuple inputs{
      pipeline::Port{"image", &Inputs::image, "a file of git-annex", pipeline::Hashed::kPath},
      pipeline::Port{"record", &Inputs::record, "of the finished image", pipeline::Hashed::kPath},
      pipeline::Port{"run", &Inputs::run, "unique: what another run dropped may be there again"}};
  static constexpr std::tuple outputs{pipeline::Port{"is_dropped", &Outputs::is_dropped}};
  static constexpr std::string_view version = "1";

  Outputs run(const Inputs& in, pipeline::NodeContext& context) const;
};

}  // namespace hypersynth
