// The output is BIDS derivatives by the judgement of the BIDS schema validator.

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>

#include "cli/bids_validator.h"
#include "cli/participant_run.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

#define NEED_VALIDATOR(findings) \
  if (!findings) GTEST_SKIP() << "the BIDS validator is absent: it needs npm and its registry"

/// `errors` without those about compressed images of less than 1 KiB, such as masks of a small
/// phantom without a voxel: the validator pads what it reads of a file to 1 KiB, and then cannot
/// decompress it.
std::string about_readable_files(const std::string& errors, const fs::path& root) {
  const std::string unreadable = "NIFTI_HEADER_UNREADABLE  /";
  std::string kept;
  std::istringstream lines(errors);
  for (std::string line; std::getline(lines, line);) {
    const bool is_unreadable = line.rfind(unreadable, 0) == 0;
    if (is_unreadable && fs::file_size(root / line.substr(unreadable.size())) < 1024) continue;
    kept += line + "\n";
  }
  return kept;
}

TEST_F(ParticipantRunTest, TheBidsValidatorFindsNoError) {
  const auto findings = validate_bids(shared->out);
  NEED_VALIDATOR(findings);
  EXPECT_EQ(about_readable_files(errors_among(*findings), fs::path(shared->out)), "");
}

TEST_F(ParticipantRunTest, TheBidsValidatorFindsWhatIsTakenAway) {
  const fs::path copy = shared->folder.path() / "mutated";
  fs::copy(shared->out, copy, fs::copy_options::recursive);
  auto description = read_json("dataset_description.json");
  description.erase("GeneratedBy");
  std::ofstream(copy / "dataset_description.json") << description;
  const auto findings = validate_bids(copy.string());
  fs::remove_all(copy);
  NEED_VALIDATOR(findings);
  EXPECT_THAT(errors_among(*findings), HasSubstr("GeneratedBy"));
}

}  // namespace
}  // namespace hypersynth
