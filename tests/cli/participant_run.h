#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/hypersynth_command.h"
#include "support/bids_dataset.h"
#include "support/nifti_file.h"
#include "support/temporary_dir.h"

namespace hypersynth {

/// Two phantoms that differ in all that matters to names and geometry, segmented once with every
/// output switched on; the tests look at what came out. The folder's name holds spaces, quotes,
/// markup and letters outside ASCII.
class ParticipantRunTest : public testing::Test {
 protected:
  static void SetUpTestSuite();
  static void TearDownTestSuite();

  /// An image of the dataset and the stem that its outputs carry.
  struct Source {
    std::string path;
    std::string stem;  // below the output folder, up to and with space-<suffix>
    std::string suffix;
  };
  static const std::vector<Source>& sources();

  /// The participant level with every option that adds an output.
  static std::vector<std::string> every_output();
  static ProcessResult run(std::vector<std::string> level_and_options);
  static nlohmann::json read_json(const std::string& output_path);
  static NiftiFile read_output(const std::string& output_path);
  static NiftiFile read_source(const Source& source);
  static std::string output(const std::string& path);

  struct Shared;
  static std::unique_ptr<Shared> shared;
};

struct ParticipantRunTest::Shared {
  TemporaryDir folder;
  BidsDataset data{folder.path() / "Zürich's \"raw\" <b>scans</b> 01"};
  std::string out = folder / "dérivées d'hypersynth";
  ProcessResult participant;
  ProcessResult group;
};

}  // namespace hypersynth
