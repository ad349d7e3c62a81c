#pragma once

#include <string>
#include <vector>

#include <boost/filesystem/path.hpp>

namespace hypersynth {

/// A folder of the control groups that this process is in.
struct ControlGroup {
  boost::filesystem::path folder;
  int version = 2;
};

/// The groups of this process and those above them: all of version 2, and those of version 1 that
/// have `controller` ("memory", "cpu"). In a container the name of a group may be that of the
/// machine outside, whose own folder is then the topmost. `root` is where /proc and /sys/fs/cgroup
/// are looked for.
std::vector<ControlGroup> own_control_groups(const std::string& controller,
                                             const boost::filesystem::path& root);

}  // namespace hypersynth
