#pragma once

#include <filesystem>
#include <string>

#include <sys/mount.h>

#include "support/temporary_dir.h"

namespace hypersynth {

/// A small file system of its own. Where this user may not mount one, mounted() is false.
class SmallDisk {
 public:
  /// `size` as tmpfs takes it: "2m".
  explicit SmallDisk(const std::string& size) : mounted_(mount("size=" + size, 0)) {}
  ~SmallDisk() {
    if (mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool mounted() const { return mounted_; }
  void grow() { mount("size=100m", MS_REMOUNT); }
  void make_read_only() { mount("", MS_REMOUNT | MS_RDONLY); }
  const std::filesystem::path& path() const { return folder_.path(); }

 private:
  bool mount(const std::string& options, unsigned long flags) {
    return ::mount("tmpfs", folder_.path().c_str(), "tmpfs", flags, options.c_str()) == 0;
  }

  TemporaryDir folder_;
  bool mounted_ = false;
};

}  // namespace hypersynth
