#include "image/gz_output.h"

#include <csignal>
#include <filesystem>
#include <random>
#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "core/error.h"
#include "image/nifti_builder.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

std::vector<std::byte> noise(std::size_t count) {
  std::mt19937 generator(3);
  std::vector<std::byte> bytes(count);
  for (auto& byte : bytes) byte = static_cast<std::byte>(generator());
  return bytes;
}

std::size_t files_in(const TemporaryDir& dir) {
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(dir.path())) {
    ++files;
  }
  return files;
}

TEST(GzOutputTest, IsHiddenUntilCommitted) {
  const TemporaryDir dir;
  GzOutput file(dir / "x.nii.gz");
  file.write(noise(100));
  EXPECT_FALSE(std::filesystem::exists(dir / "x.nii.gz"));
  for (const auto& entry : std::filesystem::directory_iterator(dir.path())) {
    const std::string name = entry.path().filename().string();
    EXPECT_EQ(name.front(), '.');
    EXPECT_TRUE(name.ends_with(".nii.gz")) << name;
  }
  file.commit();
  EXPECT_TRUE(std::filesystem::exists(dir / "x.nii.gz"));
  EXPECT_EQ(files_in(dir), 1u);
}

TEST(GzOutputTest, LeavesTheOldFileWhereItIsNotCommitted) {
  const TemporaryDir dir;
  write_bytes(dir / "x.nii", "old");
  {
    GzOutput file(dir / "x.nii");
    file.write(noise(100));
  }
  EXPECT_EQ(read_bytes(dir / "x.nii"), "old");
  EXPECT_EQ(files_in(dir), 1u);
}

TEST(GzOutputTest, ReplacesTheOldFile) {
  const TemporaryDir dir;
  write_bytes(dir / "x.nii", "old");
  GzOutput file(dir / "x.nii");
  file.write(noise(3));
  file.commit();
  EXPECT_EQ(read_bytes(dir / "x.nii").size(), 3u);
}

TEST(GzOutputTest, WritersOfOneNameDoNotMix) {
  const TemporaryDir dir;
  const auto write = [&dir](char letter) {
    GzOutput file(dir / "x.nii");
    const std::vector<std::byte> bytes(1 << 20, static_cast<std::byte>(letter));
    file.write(bytes);
    file.commit();
  };
  std::thread other(write, 'a');
  write('b');
  other.join();
  const std::string content = read_bytes(dir / "x.nii");
  ASSERT_EQ(content.size(), std::size_t{1} << 20);
  EXPECT_EQ(content, std::string(content.size(), content[0]));
  EXPECT_EQ(files_in(dir), 1u);
}

TEST(GzOutputTest, FolderThatTakesNoFileIsNamedInTheError) {
  const TemporaryDir dir;
  write_bytes(dir / "file", "");
  for (const std::string& path : {dir / "file/x.nii", std::string("/proc/x.nii")}) {
    try {
      GzOutput file(path);
      ADD_FAILURE() << path << " was created";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kCannotCreateOutput);
      EXPECT_EQ(std::string(error.what()).find(path + ": cannot create: "), 0u) << error.what();
    }
  }
}

/// A file size limit stands in for a full disk: write() fails in the same way.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

TEST(GzOutputTest, FailedWriteIsAnIoErrorAndLeavesNothing) {
  for (const char* name : {"x.nii", "x.nii.gz"}) {
    const TemporaryDir dir;
    const auto bytes = noise(std::size_t{4} << 20);
    const FullDisk full(std::size_t{1} << 20);
    try {
      GzOutput file(dir / name);
      file.write(bytes);
      file.commit();
      ADD_FAILURE() << "the write past the limit passed";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kIo);
      EXPECT_NE(std::string(error.what()).find("cannot write: File too large"), std::string::npos)
          << error.what();
    }
    EXPECT_EQ(files_in(dir), 0u);
  }
}

TEST(GzOutputTest, FailureAtTheLastFlushIsAnIoErrorToo) {
  const TemporaryDir dir;
  const FullDisk full(1000);
  GzOutput file(dir / "x.nii.gz");
  file.write(noise(5000));  // stays in the buffer
  EXPECT_THROW(file.commit(), Error);
  EXPECT_FALSE(std::filesystem::exists(dir / "x.nii.gz"));
}

}  // namespace
}  // namespace hypersynth
