#include "app/control_groups.h"

#include <fstream>
#include <sstream>

namespace hypersynth {
namespace {

namespace fs = boost::filesystem;

void add_with_those_above(std::vector<ControlGroup>& groups, const fs::path& mount, fs::path group,
                          int version) {
  while (true) {
    groups.push_back({mount / group.relative_path(), version});
    if (group.relative_path().empty()) return;
    group = group.parent_path();
  }
}

}  // namespace

std::vector<ControlGroup> own_control_groups(const std::string& controller, const fs::path& root) {
  const fs::path mount = root / "sys/fs/cgroup";
  std::vector<ControlGroup> groups;
  std::ifstream own((root / "proc/self/cgroup").string());
  // "0::/a/b" is a group of version 2, "4:memory,cpu:/a/b" one of version 1.
  for (std::string line; std::getline(own, line);) {
    std::istringstream parts(line);
    std::string number, controllers, group;
    if (!std::getline(parts, number, ':') || !std::getline(parts, controllers, ':') ||
        !std::getline(parts, group))
      continue;
    if (controllers.empty()) {
      add_with_those_above(groups, mount, group, 2);
      add_with_those_above(groups, mount / "unified", group, 2);
    } else if (("," + controllers + ",").find("," + controller + ",") != std::string::npos) {
      add_with_those_above(groups, mount / controller, group, 1);
    }
  }
  return groups;
}

}  // namespace hypersynth
