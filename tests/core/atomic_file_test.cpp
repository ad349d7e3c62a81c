#include "core/atomic_file.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <unistd.h>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "core/error.h"
#include "core/utf8.h"
#include "support/temporary_dir.h"
#include "support/test_child.h"

namespace fs = std::filesystem;

namespace {

/// What the code under test asks the system for, in the order it does. The functions below stand
/// before those of the C library.
std::vector<std::string> calls;
bool has_locks = true;
std::function<void()> before_lock;
int file_sync_error = 0;
int folder_sync_error = 0;

std::string name_of(int descriptor) {
  return fs::read_symlink("/proc/self/fd/" + std::to_string(descriptor)).filename().string();
}

}  // namespace

extern "C" int fsync(int descriptor) {
  struct stat status = {};
  ::fstat(descriptor, &status);
  calls.push_back("fsync " + name_of(descriptor));
  errno = S_ISDIR(status.st_mode) ? folder_sync_error : file_sync_error;
  return errno != 0 ? -1 : static_cast<int>(::syscall(SYS_fsync, descriptor));
}

extern "C" int rename(const char* from, const char* to) noexcept {
  calls.push_back("rename " + fs::path(to).filename().string());
  return static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

extern "C" int link(const char* from, const char* to) noexcept {
  calls.push_back("link " + fs::path(to).filename().string());
  return static_cast<int>(::syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0));
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"  // there is a struct of this name
extern "C" int flock(int descriptor, int operation) noexcept {
  if (before_lock) std::exchange(before_lock, nullptr)();
  if (has_locks) return static_cast<int>(::syscall(SYS_flock, descriptor, operation));
  errno = ENOLCK;
  return -1;
}
#pragma GCC diagnostic pop

namespace hypersynth {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

std::string content_of(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void make_file(const std::string& path, const std::string& content = "half") {
  std::ofstream(path, std::ios::binary) << content;
}

void make_two_days_old(const std::string& path) {
  fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(48));
}

/// The name of the temporary file that stands for `target` while it is written.
std::string temporary_of(const TemporaryDir& dir, const std::string& target) {
  const AtomicFile file(dir / target);
  return names_in(dir.path()).at(0);
}

Error error_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return {ExitCode::kOk, ""};
}

TEST(WriteAtomicallyTest, MakesFoldersReplacesAndLeavesNothingElse) {
  const TemporaryDir dir;
  write_atomically(dir / "a/b/x.json", "old");
  write_atomically(dir / "a/b/x.json", std::string_view("n\0w", 3));
  EXPECT_EQ(content_of(dir / "a/b/x.json"), std::string("n\0w", 3));
  EXPECT_THAT(names_in(dir / "a/b"), ElementsAre("x.json"));
}

TEST(WriteAtomicallyTest, TakesNamesAsLongAsAFileMayHave) {
  const TemporaryDir dir;
  std::string accents;
  for (int i = 0; i < 125; ++i) accents += "é";
  for (const std::string& name : {std::string(250, 'x') + ".html", accents + ".json", accents}) {
    write_atomically(dir / name, "page");
    EXPECT_EQ(content_of(dir / name), "page");
  }
}

TEST(WriteAtomicallyTest, ObeysTheUmask) {
  const TemporaryDir dir;
  const mode_t mask = ::umask(027);
  write_atomically(dir / "x", "text");
  ::umask(mask);
  EXPECT_EQ(fs::status(dir / "x").permissions(), fs::perms(0640));
}

TEST(WriteAtomicallyTest, SaysWhichFileItCannotWriteAndWhy) {
  const TemporaryDir dir;
  make_file(dir / "file");
  fs::create_directories(dir / "taken/inside");
  const Error below_file = error_of([&] { write_atomically(dir / "file/x.json", "text"); });
  EXPECT_EQ(below_file.code(), ExitCode::kCannotCreateOutput);
  EXPECT_EQ(below_file.what(), dir / "file/x.json: cannot create: Not a directory");
  const Error folder = error_of([&] { write_atomically(dir / "taken", "text"); });
  EXPECT_EQ(folder.code(), ExitCode::kIo);
  EXPECT_EQ(folder.what(), dir / "taken: cannot write: Is a directory");
  EXPECT_THAT(names_in(dir.path()), ElementsAre("file", "taken"));
}

TEST(WriteAtomicallyTest, TakesPathsOfTheStandardLibrary) {
  const TemporaryDir dir;
  write_atomically(dir.path() / "x", "text");
  EXPECT_FALSE(write_once(dir.path() / "x", "other"));
  EXPECT_EQ(content_of(dir / "x"), "text");
}

TEST(WriteOnceTest, TheFirstContentStays) {
  const TemporaryDir dir;
  EXPECT_TRUE(write_once(dir / "x", "first"));
  EXPECT_FALSE(write_once(dir / "x", "second"));
  AtomicFile late(dir / "x");
  late.write("third");
  EXPECT_FALSE(late.commit_once());
  EXPECT_EQ(content_of(dir / "x"), "first");
}

TEST(AtomicFileTest, TheTemporaryKeepsTheEndOfTheNameAndGoesAwayWithoutCommit) {
  const TemporaryDir dir;
  const std::string name = temporary_of(dir, "x.nii.gz");
  EXPECT_THAT(name, StartsWith(".hypersynth-"));
  EXPECT_THAT(name, testing::EndsWith(".x.nii.gz"));
  EXPECT_THAT(names_in(dir.path()), IsEmpty());
}

TEST(AtomicFileTest, TheTemporaryNameIsShortAndDoesNotCutACharacter) {
  const TemporaryDir dir;
  std::string accents;
  for (int i = 0; i < 120; ++i) accents += "é";
  for (const std::string& target : {accents + "x", accents + "xy"}) {
    const std::string name = temporary_of(dir, target);
    EXPECT_LE(name.size(), 120u);
    for (std::string_view left = name; !left.empty();) {
      const std::size_t length = utf8_length(left);
      ASSERT_GT(length, 0u) << name;
      left.remove_prefix(length);
    }
  }
}

TEST(AtomicFileTest, AppendsAFileOfAnotherDisk) {
  const TemporaryDir dir;
  struct stat here = {};
  struct stat there = {};
  std::string source = "/dev/shm/hypersynth-XXXXXX";
  const int descriptor = ::mkstemp(source.data());
  if (descriptor < 0 || ::fstat(descriptor, &there) != 0 ||
      ::stat(dir.path().c_str(), &here) != 0 || here.st_dev == there.st_dev) {
    if (descriptor >= 0) ::unlink(source.c_str());
    GTEST_SKIP() << "/dev/shm is no second file system";
  }
  ::close(descriptor);
  const std::string content((std::size_t{3} << 20) + 5, 'v');
  make_file(source, content);
  AtomicFile file(dir / "x");
  file.write("first ");
  file.append_file(source);
  file.commit();
  make_file(source, "changed later");
  ::unlink(source.c_str());
  EXPECT_EQ(content_of(dir / "x"), "first " + content);
}

TEST(AtomicFileTest, SaysWhichFileItCannotAppend) {
  const TemporaryDir dir;
  AtomicFile file(dir / "x");
  const Error error = error_of([&] { file.append_file(dir / "none"); });
  EXPECT_EQ(error.code(), ExitCode::kIo);
  EXPECT_EQ(error.what(), dir / "none: cannot read: No such file or directory");
}

class PowerCutTest : public testing::Test {
 protected:
  PowerCutTest() { calls.clear(); }
  ~PowerCutTest() override { file_sync_error = folder_sync_error = 0; }

  const TemporaryDir dir;
  const std::string folder = dir.path().filename().string();
};

TEST_F(PowerCutTest, TheBytesAreOnTheDiskBeforeTheNameAndTheNameBeforeTheEnd) {
  write_atomically(dir / "x", "text");
  EXPECT_THAT(calls, ElementsAre(StartsWith("fsync .hypersynth-"), "rename x", "fsync " + folder));
}

TEST_F(PowerCutTest, SoForFilesThatAreWrittenOnce) {
  ASSERT_TRUE(write_once(dir / "x", "text"));
  EXPECT_THAT(calls, ElementsAre(StartsWith("fsync .hypersynth-"), "link x", "fsync " + folder));
}

TEST_F(PowerCutTest, NewFoldersAreOnTheDiskToo) {
  write_atomically(dir / "a/b/x", "text");
  EXPECT_THAT(calls, ElementsAre("fsync " + folder, "fsync a", StartsWith("fsync .hypersynth-"),
                                 "rename x", "fsync b"));
}

TEST_F(PowerCutTest, BytesThatDoNotReachTheDiskGetNoName) {
  file_sync_error = ENOSPC;
  const Error error = error_of([&] { write_atomically(dir / "x", "text"); });
  EXPECT_EQ(error.code(), ExitCode::kIo);
  EXPECT_EQ(error.what(), dir / "x: cannot write: No space left on device");
  EXPECT_THAT(names_in(dir.path()), IsEmpty());
}

TEST_F(PowerCutTest, AFileSystemThatCannotFlushFoldersIsNoError) {
  folder_sync_error = EINVAL;
  write_atomically(dir / "x", "text");
  folder_sync_error = EIO;
  EXPECT_THROW(write_atomically(dir / "y", "text"), Error);
}

class RemoveAbandonedTest : public testing::Test {
 protected:
  ~RemoveAbandonedTest() override { has_locks = true; }

  /// Leaves a temporary file for `target` as a process does that is killed.
  void abandon(const std::string& target) const {
    ASSERT_EQ(run_child([&] {
                AtomicFile file(dir / target);
                file.write("half");
                ::_exit(0);
              }),
              0);
  }

  std::vector<std::string> left() const {
    remove_abandoned(dir.path().string());
    return names_in(dir.path());
  }

  const TemporaryDir dir;
};

TEST_F(RemoveAbandonedTest, TakesTheFilesOfKilledProcessesAndLeavesThoseOfLivingOnes) {
  const AtomicFile living(dir / "living.json");
  abandon("dead.json");
  abandon("dead.nii.gz");
  ASSERT_EQ(names_in(dir.path()).size(), 3u);
  EXPECT_THAT(left(), ElementsAre(HasSubstr("living.json")));
  remove_abandoned(dir / "nowhere");
}

TEST_F(RemoveAbandonedTest, LeavesWhatIsNotATemporaryFileOfThisProgram) {
  make_file(dir / "0123456789abcdef.x");
  make_file(dir / ".hidden");
  fs::create_directory(dir / ".hypersynth-0123456789abcdef.folder");
  fs::create_symlink(dir / ".hidden", dir / ".hypersynth-0123456789abcdef.link");
  ASSERT_EQ(::mkfifo((dir / ".hypersynth-0123456789abcdef.pipe").c_str(), 0600), 0);
  EXPECT_EQ(left().size(), 5u);
}

TEST_F(RemoveAbandonedTest, FilesOfVersionsThatTookNoLockGoAfterADay) {
  make_file(dir / ".hypersynth-some-host.1.0.young.json");
  make_file(dir / ".hypersynth-some-host.1.0.old.json");
  make_two_days_old(dir / ".hypersynth-some-host.1.0.old.json");
  EXPECT_THAT(left(), ElementsAre(".hypersynth-some-host.1.0.young.json"));
}

TEST_F(RemoveAbandonedTest, WhereTheFileSystemHasNoLocksFilesGoAfterADay) {
  has_locks = false;
  abandon("old.json");
  make_two_days_old((dir.path() / names_in(dir.path()).at(0)).string());
  abandon("young.json");
  EXPECT_THAT(left(), ElementsAre(HasSubstr("young.json")));
  write_atomically(dir / "x", "text");
  EXPECT_EQ(content_of(dir / "x"), "text");
}

TEST_F(RemoveAbandonedTest, TheNextProcessThatWritesInAFolderClearsItAway) {
  abandon("x.json");
  abandon("x.json");
  EXPECT_EQ(run_child([&] { write_atomically(dir / "y.json", "text"); }), 0);
  EXPECT_THAT(names_in(dir.path()), ElementsAre("y.json"));
}

TEST_F(RemoveAbandonedTest, AWriterWhoseFileIsTakenBeforeItIsLockedBeginsAnother) {
  before_lock = [this] { EXPECT_THAT(left(), IsEmpty()); };
  write_atomically(dir / "x", "text");
  EXPECT_FALSE(before_lock);
  EXPECT_EQ(content_of(dir / "x"), "text");
  EXPECT_THAT(names_in(dir.path()), ElementsAre("x"));
}

}  // namespace
}  // namespace hypersynth
