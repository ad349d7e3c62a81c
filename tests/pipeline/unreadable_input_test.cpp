// Inputs that cannot be read fail their node once: they neither hang the run nor keep it busy.

#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "pipeline/files/file_descriptor.h"
#include "pipeline/sample_nodes.h"

namespace hypersynth::pipeline {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

/// Reads no file that is longer than what is read at once; counts the tries.
class FailingFileSystem : public FileSystem {
 public:
  Digest digest(const fs::path& file) const override {
    if (fs::file_size(file) < 1'000'000) return FileSystem::digest(file);
    if (++tries > 100) throw std::logic_error("it is tried again and again");
    throw std::system_error(EIO, std::generic_category(), file.string());
  }
  mutable std::atomic<int> tries{0};
};

/// Runs a node on `input`, which fails.
NodeReport report_of(const fs::path& input, const fs::path& work, const FileSystem& disk) {
  Workflow workflow("unreadable");
  workflow.add<Append>("node", {input, "b"});
  RunOptions options = options_for(work);
  options.file_system = &disk;
  options.sync = false;
  const RunReport report = run(workflow, options);
  EXPECT_FALSE(report.ok());
  return report.nodes.at(0);
}

/// Why it failed.
std::string failure_of(const fs::path& input, const fs::path& work, const FileSystem& disk) {
  return report_of(input, work, disk).message;
}

TEST(UnreadableInputTest, ALargeFileThatFailsWhileItIsReadIsAnErrorOnce) {
  const TemporaryFolder folder;
  write_text(folder / "large", std::string(2'000'000, 'x'));
  const FailingFileSystem disk;
  EXPECT_THAT(failure_of(folder / "large", folder / "work", disk),
              AllOf(HasSubstr("an input cannot be read: "), HasSubstr("Input/output error")));
  EXPECT_EQ(disk.tries, 1);
}

/// Reads a file, and writes into a folder of which the name alone counts.
struct ReadInto {
  struct Inputs {
    fs::path file, folder;
  };
  struct Outputs {
    int value = 0;
  };
  static constexpr std::tuple inputs{Port{"file", &Inputs::file},
                                     Port{"folder", &Inputs::folder, "", Hashed::kPath}};
  static constexpr std::tuple outputs{Port{"value", &Outputs::value}};
  static constexpr std::string_view version = "1";
  Outputs run(const Inputs&, NodeContext&) const { return {1}; }
};

TEST(UnreadableInputTest, AFolderOfWhichTheNameAloneCountsIsNotRead) {
  const TemporaryFolder folder;
  write_text(folder / "large", std::string(2'000'000, 'x'));
  fs::create_directory(folder / "out");
  fs::create_symlink("nowhere", folder / "out/dangling");
  Workflow workflow("names");
  workflow.add<ReadInto>("node", {folder / "large", folder / "out"});
  const RunReport report = run(workflow, options_for(folder / "work"));
  EXPECT_TRUE(report.ok()) << report.nodes.at(0).message;
}

TEST(UnreadableInputTest, ANamedPipeOrADeviceIsNoInput) {
  const TemporaryFolder folder;
  const fs::path pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(failure_of(pipe, folder / "work", real_file_system()),
              HasSubstr("expected a regular file, found a named pipe"));
  EXPECT_THAT(failure_of("/dev/zero", folder / "work", real_file_system()),
              HasSubstr("expected a regular file, found a device"));
  EXPECT_EQ(report_of(pipe, folder / "work", real_file_system()).input,
            (InputFindings{pipe.string(), "a regular file", "a named pipe"}));
  EXPECT_THROW(real_file_system().read(pipe), NotARegularFile);
}

}  // namespace
}  // namespace hypersynth::pipeline
