// What is read from the listings of all schedulers, and the options of all.

#include "pipeline/batch/batch_listing.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "pipeline/batch/batch_options.h"

namespace hypersynth::pipeline {
namespace {

using ::testing::HasSubstr;

RC_GTEST_PROP(QueuedJobProperty, HoldsTheIndicesThatItsTextLists, ()) {
  std::set<int> indices;
  std::string text;
  int next = *rc::gen::inRange(0, 5);
  const int ranges = *rc::gen::inRange(1, 6);
  for (int i = 0; i < ranges; ++i) {
    const int last = next + *rc::gen::inRange(0, 12);
    text += (text.empty() ? "" : ",") + std::to_string(next);
    if (last > next) text += '-' + std::to_string(last);
    for (; next <= last; ++next) indices.insert(next);
    next += *rc::gen::inRange(1, 4);
  }
  QueuedJob job;
  job.indices = parse_indices(text);
  for (int index = 0; index < next + 3; ++index)
    RC_ASSERT(job.has(index) == (indices.count(index) == 1));
}

RC_GTEST_PROP(QueuedJobProperty, AnyTextIsIndicesOrNone, (const std::string& text)) {
  for (const auto& range : parse_indices(text)) RC_ASSERT(range.step > 0);
}

TEST(QueuedJobTest, StepsAndSeparateIndicesCount) {
  QueuedJob job;
  job.indices = parse_indices("1-9:4,20,x,3-,30-40:0");
  for (const int index : {1, 5, 9, 20}) EXPECT_TRUE(job.has(index)) << index;
  for (const int index : {0, 2, 3, 13, 30}) EXPECT_FALSE(job.has(index)) << index;
}

TEST(BatchOptionsTest, EveryViolationIsNamed) {
  EXPECT_TRUE(BatchOptions().check().empty());
  BatchOptions wrong;
  wrong.poll_interval = std::chrono::milliseconds(10);
  wrong.job_name = "two words";
  wrong.max_array_size = 0;
  EXPECT_EQ(wrong.check().size(), 3u);
  EXPECT_THAT(wrong.check()[0], HasSubstr("found 10 ms"));
}

}  // namespace
}  // namespace hypersynth::pipeline
