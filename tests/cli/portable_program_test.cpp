// What the portable archive holds, in a root folder with nothing else but the C library.

#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "cli/hypersynth_command.h"
#include "support/bids_dataset.h"
#include "support/phantom_head.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// The files of a shared library that the dynamic linker of this machine would take.
fs::path library(const std::string& name) {
  for (const char* folder : {"/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu", "/lib64", "/lib"}) {
    if (fs::exists(fs::path(folder) / name)) return fs::path(folder) / name;
  }
  return {};
}

/// The loader that a program names in itself, as `readelf -l` shows it.
fs::path loader() {
  for (const char* path : {"/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"}) {
    if (fs::exists(path)) return path;
  }
  return {};
}

class PortableProgramTest : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "a root folder of its own needs root";
    copy_to_root(loader());
    // The C library in its parts, and nothing else.
    for (const char* name : {"libc.so.6", "libm.so.6", "libmvec.so.1", "libdl.so.2",
                             "libpthread.so.0", "librt.so.1"}) {
      if (!library(name).empty()) copy_to_root(library(name));
    }
    fs::create_directories(root / "dev");
    if (::mknod((root / "dev/null").c_str(), S_IFCHR | 0666, ::makedev(1, 3)) != 0)
      GTEST_SKIP() << "no devices can be made here";
    fs::create_directories(root / "proc");
    if (run_process({"/bin/mount", "--bind", "/proc", (root / "proc").string()}).exit_code != 0)
      GTEST_SKIP() << "nothing can be mounted here";
    mounted = true;
    for (const char* component : {"Unspecified", "libraries"}) {
      const auto installed =
          run_process({HYPERSYNTH_CMAKE, "--install", HYPERSYNTH_BUILD, "--strip", "--component",
                       component, "--prefix", (root / "tools" / "hypersynth").string()});
      ASSERT_EQ(installed.exit_code, 0) << installed.out << installed.err;
    }
  }

  void TearDown() override {
    if (mounted) run_process({"/bin/umount", (root / "proc").string()});
  }

  void copy_to_root(const fs::path& file) const {
    const fs::path to = root / file.relative_path();
    fs::create_directories(to.parent_path());
    fs::copy_file(file, to);
  }

  ProcessResult run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(),
                     {"/usr/sbin/chroot", root.string(), "/tools/hypersynth/bin/hypersynth"});
    return run_process(arguments, {{"LD_LIBRARY_PATH", ""}});
  }

  TemporaryDir folder;
  fs::path root = fs::path(folder.path()) / "root";
  bool mounted = false;
};

TEST_F(PortableProgramTest, SegmentsMeasuresAndReportsWithTheCLibraryAlone) {
  const BidsDataset data(root / "data");
  data.add_image("sub-01/anat/sub-01_T1w.nii.gz", PhantomHead{}.draw());
  const auto found = run({"/data", "/out", "participant", "--fast", "--device", "cpu"});
  EXPECT_EQ(found.exit_code, 0) << found.out << found.err;
  for (const char* file :
       {"sub-01.html", "sub-01/anat/sub-01_space-T1w_desc-hypersynth_dseg.nii.gz",
        "sub-01/anat/sub-01_space-T1w_desc-hypersynth_iqms.json"})
    EXPECT_TRUE(fs::exists(root / "out" / file)) << file;
  // The folder may be moved.
  fs::rename(root / "tools", root / "moved");
  const auto moved = run_process(
      {"/usr/sbin/chroot", root.string(), "/moved/hypersynth/bin/hypersynth", "--version"});
  EXPECT_THAT(moved.out, HasSubstr(HYPERSYNTH_VERSION)) << moved.err;
}

TEST_F(PortableProgramTest, SaysWhatIsMissingWhereLibtorchIsAskedFor) {
  const BidsDataset data(root / "data");
  data.add_image("sub-01/anat/sub-01_T1w.nii.gz", PhantomHead{}.draw());
  const auto found = run({"/data", "/out", "participant", "--fast", "--device", "cuda"});
  EXPECT_NE(found.exit_code, 0);
  EXPECT_THAT(found.err + found.out, HasSubstr("libhypersynth_engine.so"));
  EXPECT_THAT(found.err + found.out, HasSubstr("docs/gpu.md"));
}

TEST_F(PortableProgramTest, NamesTheDeviceThatASystemLacks) {
  const BidsDataset data(root / "data");
  data.add_image("sub-01/anat/sub-01_T1w.nii.gz", PhantomHead{}.draw());
  fs::remove(root / "dev/null");
  const auto found = run({"/data", "/out", "participant"});
  EXPECT_EQ(found.exit_code, 74);
  EXPECT_THAT(found.err, HasSubstr("/dev/null: expected"));
}

TEST_F(PortableProgramTest, HasTheLicencesOfItsLibrariesAndNoLibtorch) {
  const fs::path program = root / "tools" / "hypersynth";
  int libraries = 0;
  for (const auto& entry : fs::directory_iterator(program / "lib" / "hypersynth")) {
    EXPECT_THAT(entry.path().filename().string(), testing::Not(HasSubstr("torch")));
    ++libraries;
  }
  EXPECT_GT(libraries, 10);
  EXPECT_TRUE(fs::exists(program / "share/doc/hypersynth/copyright"));
  EXPECT_TRUE(fs::exists(program / "share/doc/hypersynth/zlib1g.copyright"));
}

}  // namespace
}  // namespace hypersynth
