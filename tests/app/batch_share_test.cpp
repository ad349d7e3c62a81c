// Which share of the participants an element of a job array takes.

#include <stdlib.h>

#include <gtest/gtest.h>

#include "app/common_options.h"

namespace hypersynth {
namespace {

class BatchShareTest : public testing::Test {
 protected:
  BatchShareTest() { forget_job(); }
  ~BatchShareTest() override { forget_job(); }

  static void forget_job() {
    for (const char* name :
         {"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_MIN", "SGE_TASK_ID",
          "SGE_TASK_FIRST", "SGE_TASK_LAST", "SGE_TASK_STEPSIZE"})
      ::unsetenv(name);
  }

  static void expect_share(const std::string& word, int index, int count) {
    const auto share = parse_batch(word);
    ASSERT_TRUE(share.has_value());
    EXPECT_EQ(share->index, index);
    EXPECT_EQ(share->count, count);
  }
};

TEST_F(BatchShareTest, ItIsGivenOrTakenFromTheArrayOfSlurm) {
  expect_share("2/5", 2, 5);
  EXPECT_FALSE(parse_batch("slurm").has_value());
  ::setenv("SLURM_ARRAY_TASK_ID", "4", 1);
  ::setenv("SLURM_ARRAY_TASK_COUNT", "3", 1);
  ::setenv("SLURM_ARRAY_TASK_MIN", "2", 1);
  expect_share("slurm", 3, 3);
}

TEST_F(BatchShareTest, AnArrayOfSgeMayBeginAnywhereAndHaveSteps) {
  ::setenv("SGE_TASK_ID", "undefined", 1);  // a job that is no array
  ::setenv("SGE_TASK_FIRST", "undefined", 1);
  ::setenv("SGE_TASK_LAST", "undefined", 1);
  EXPECT_FALSE(parse_batch("sge").has_value());
  ::setenv("SGE_TASK_ID", "15", 1);
  ::setenv("SGE_TASK_FIRST", "5", 1);
  ::setenv("SGE_TASK_LAST", "22", 1);
  ::setenv("SGE_TASK_STEPSIZE", "5", 1);
  expect_share("sge", 3, 4);
}

}  // namespace
}  // namespace hypersynth
