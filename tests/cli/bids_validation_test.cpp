// The output is BIDS derivatives by the judgement of the BIDS schema validator.

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "cli/bids_validator.h"
#include "cli/participant_run.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

#define NEED_VALIDATOR(findings) \
  if (!findings) GTEST_SKIP() << "the BIDS validator is absent: it needs npm and its registry"

TEST_F(ParticipantRunTest, TheBidsValidatorFindsNoError) {
  const auto findings = validate_bids(shared->out);
  NEED_VALIDATOR(findings);
  EXPECT_EQ(errors_among(*findings), "");
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
