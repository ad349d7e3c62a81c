// A failure as a child process or a cluster job writes it down, and as its driver reads it.

#include "pipeline/execution/task_failure.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "pipeline/cache/record_json.h"
#include "pipeline/execution/task_file.h"
#include "pipeline/process_nodes.h"

namespace hypersynth::pipeline {
namespace {

TEST(TaskFailureTest, ItsFindingsAreReadBackWhateverWordsAreInThem) {
  Failure failure = make_failure(Cause::kException, "a: expected b, found c");
  failure.input = tricky_findings();
  const auto read = failure_from_json_text(to_json_text(failure));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->message, failure.message);
  EXPECT_EQ(read->input, tricky_findings());
}

TEST(TaskFailureTest, OneWithoutFindingsIsReadBackWithoutThem) {
  const auto read =
      failure_from_json_text(to_json_text(make_failure(Cause::kExit, "a: expected b, found c")));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->cause, Cause::kExit);
  EXPECT_EQ(read->input, std::nullopt);
}

TEST(TaskFailureTest, OneOfAProgramThatKnewNoFindingsIsStillRead) {
  const nlohmann::json old = {{"kind", "failure"}, {"cause", 0},         {"message", "broken"},
                              {"host", "node7"},   {"started_ms", 1000}, {"wall_s", 1.5},
                              {"cpu_s", 1.25},     {"peak_bytes", 0}};
  const auto read = failure_from_json_text(seal(old.dump()) + '\n');
  ASSERT_TRUE(read);
  EXPECT_EQ(read->message, "broken");
  EXPECT_EQ(read->host, "node7");
  EXPECT_EQ(read->input, std::nullopt);
}

TEST(TaskFailureTest, AnInputErrorAnywhereBringsItsFindings) {
  const InputFindings findings = tricky_findings();
  const InputError error(findings.path, findings.expected, findings.found);
  const Failure failure = input_failure(error, "an input cannot be read: ");
  EXPECT_EQ(failure.cause, Cause::kInput);
  EXPECT_EQ(failure.message, std::string("an input cannot be read: ") + error.what());
  EXPECT_EQ(failure.input, findings);
  EXPECT_EQ(input_failure(std::runtime_error("a: expected b, found c")).input, std::nullopt);
}

}  // namespace
}  // namespace hypersynth::pipeline
