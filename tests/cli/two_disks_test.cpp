// The work folder on another disk than the output folder, as on a cluster, and output folders where
// other runs were killed or are still at work.

#include <filesystem>
#include <map>
#include <memory>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "cli/hypersynth_command.h"
#include "core/atomic_file.h"
#include "support/bids_dataset.h"
#include "support/phantom_head.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

/// A folder in memory, where that is a file system of its own.
class OtherDisk {
 public:
  explicit OtherDisk(const fs::path& first) {
    std::string name = "/dev/shm/hypersynth-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) return;
    path_ = name;
    struct stat here = {};
    struct stat there = {};
    is_other_ = ::stat(first.c_str(), &here) == 0 && ::stat(name.c_str(), &there) == 0 &&
                here.st_dev != there.st_dev;
  }
  ~OtherDisk() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  OtherDisk(const OtherDisk&) = delete;
  OtherDisk& operator=(const OtherDisk&) = delete;

  bool is_other() const { return is_other_; }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
  bool is_other_ = false;
};

class TwoDisksTest : public testing::Test {
 protected:
  TwoDisksTest() { data.add_image("sub-01/anat/sub-01_T1w.nii.gz", PhantomHead{}.draw()); }

  ProcessResult run(const std::string& out, const std::string& work) const {
    return hypersynth_run({data.path(), out, "participant", "--fast", "--save-posteriors",
                           "--save-resampled", "-w", work});
  }

  static std::map<std::string, std::string> images(const std::string& out) {
    std::map<std::string, std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(out)) {
      const std::string path = fs::relative(entry.path(), out).string();
      if (path.ends_with(".nii.gz")) found[path] = read_text(entry.path().string());
    }
    return found;
  }

  TemporaryDir folder;
  BidsDataset data{folder.path() / "raw"};
};

TEST_F(TwoDisksTest, GiveWhatOneDiskGives) {
  const OtherDisk disk(folder.path());
  if (!disk.is_other()) GTEST_SKIP() << "/dev/shm is no second file system";
  const auto one = run(folder / "one", folder / "work");
  EXPECT_EQ(one.exit_code, 0) << one.err;
  const auto two = run(folder / "two", disk.path() / "work");
  EXPECT_EQ(two.exit_code, 0) << two.err;
  EXPECT_EQ(images(folder / "two"), images(folder / "one"));
  EXPECT_EQ(images(folder / "two").size(), 4u);
  const std::string out = disk.path() / "out";
  const auto three = run(out, folder / "work");
  EXPECT_EQ(three.exit_code, 0) << three.err;
  EXPECT_EQ(images(out), images(folder / "one"));
}

TEST_F(TwoDisksTest, OfTemporaryFilesThoseOfKilledRunsGoAndThoseOfLivingOnesStay) {
  const std::string out = folder / "out";
  const std::vector<std::string> folders{"", "logs/", "logs/failures/sub-01/", "sub-01/anat/",
                                         "sub-01/figures/"};
  const AtomicFile living(out + "/sub-01/anat/sub-01_space-T1w_desc-brain_mask.nii.gz");
  const pid_t killed = ::fork();
  if (killed == 0) {
    std::vector<std::unique_ptr<AtomicFile>> files;
    for (const auto& name : folders)
      files.push_back(std::make_unique<AtomicFile>(out + "/" + name + "killed.json"));
    ::_exit(0);
  }
  ::waitpid(killed, nullptr, 0);
  ASSERT_EQ(temporary_files(out).size(), folders.size() + 1);
  const auto result = run(out, folder / "work");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(temporary_files(out), ElementsAre(HasSubstr("desc-brain_mask.nii.gz")));
}

}  // namespace
}  // namespace hypersynth
