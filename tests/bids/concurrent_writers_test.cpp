// Several processes that write into one output folder at once.

#include <csignal>
#include <set>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

#include "bids/issue.h"
#include "bids/memory_dataset.h"
#include "bids/output_root.h"
#include "bids/table.h"
#include "core/atomic_file.h"
#include "support/temporary_folder.h"
#include "support/test_child.h"

namespace hypersynth::bids {
namespace {

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

int exit_status(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

OutputRoot output_root() {
  OutputRoot root;
  root.description.name = "hypersynth";
  root.description.dataset_type = "derivative";
  root.description.generated_by = {{"hypersynth", "0.1.0", "https://example.org", "", "", "", ""}};
  root.description.source_datasets = {{"file:///raw", "", ""}};
  root.description.dataset_links = {{"raw", "file:///raw"}};
  root.readme = "# results";
  root.labels = {{17, "left hippocampus", "LH", "#dcd814", "17"}};
  return root;
}

TEST(ConcurrentWritersTest, EightProcessesOneOfThemKilledLeaveOnlyWholeFiles) {
  const TemporaryFolder folder;
  std::vector<pid_t> children;
  for (int child = 0; child < 8; ++child) {
    children.push_back(start_child([&] {
      const bool killed = child == 3;
      for (int round = 0; killed || round < 60; ++round) {
        Issues issues;
        write_output_root(folder.path(), output_root(), issues);
        const std::string body = "{\"text\": \"" + std::string(20000, 'a' + round % 26) + "\"}";
        write_atomically(folder.path() / "sub-01" / "anat" / "x.json", body);
        Table table({"a", "b"});
        for (int row = 0; row < 500; ++row) table.add_row({std::to_string(row), "x"});
        write_atomically(folder.path() / "group_T1w.tsv", table.format());
      }
    }));
  }
  ::usleep(30000);
  ::kill(children[3], SIGKILL);
  for (int child = 0; child < 8; ++child) {
    const int status = exit_status(children[child]);
    if (child == 3) {
      EXPECT_TRUE(WIFSIGNALED(status));
    } else {
      EXPECT_EQ(status, 0);
    }
  }
  for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
    if (entry.path().filename().string().starts_with(".hypersynth-")) continue;
    const auto text = fs::is_directory(entry.path()) ? "" : content_of(entry.path());
    if (entry.path().extension() == ".json") {
      EXPECT_TRUE(nlohmann::json::accept(text)) << entry.path();
    }
    if (entry.path().extension() == ".tsv") {
      Issues issues;
      EXPECT_GE(Table::parse(text, "x", issues).row_count(), 1u) << entry.path();
      EXPECT_TRUE(issues.empty()) << entry.path();
    }
  }
  remove_abandoned(folder.path().string());
  remove_abandoned((folder.path() / "sub-01" / "anat").string());
  EXPECT_THAT(names_in(folder.path()),
              testing::ElementsAre(".bidsignore", "README.md", "dataset_description.json",
                                   "desc-hypersynth_dseg.tsv", "group_T1w.tsv", "sub-01"));
  EXPECT_THAT(names_in(folder.path() / "sub-01" / "anat"), testing::ElementsAre("x.json"));
}

TEST(ConcurrentWritersTest, OfManyThatWriteOnceExactlyOneWins) {
  const TemporaryFolder folder;
  for (int round = 0; round < 20; ++round) {
    const fs::path target = folder.path() / std::to_string(round);
    std::vector<pid_t> children;
    for (int child = 0; child < 8; ++child) {
      children.push_back(start_child(
          [&] { ::_exit(write_once(target, std::string(1000, 'a' + child)) ? 42 : 0); }));
    }
    int winners = 0;
    for (const pid_t child : children) winners += WEXITSTATUS(exit_status(child)) == 42 ? 1 : 0;
    EXPECT_EQ(winners, 1);
    const std::string content = content_of(target);
    EXPECT_EQ(content, std::string(1000, content[0]));
  }
}

}  // namespace
}  // namespace hypersynth::bids
