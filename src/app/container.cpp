#include "app/container.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <boost/filesystem/operations.hpp>
#include <nlohmann/json.hpp>

namespace hypersynth {
namespace {

namespace fs = boost::filesystem;

bool is_there(const fs::path& path) {
  boost::system::error_code error;
  return fs::exists(path, error);
}

/// Whether a file that every engine gives its containers is mounted over the image's.
bool has_mounted_settings(const fs::path& root) {
  std::ifstream mounts((root / "proc/self/mountinfo").string());
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream words(line);
    std::string id, parent, device, source, target;
    words >> id >> parent >> device >> source >> target;
    if (target == "/etc/hosts" || target == "/etc/hostname" || target == "/etc/resolv.conf")
      return true;
  }
  return false;
}

/// The value of `key` in a file of lines such as `image="docker.io/library/debian"`.
std::string quoted_value(const fs::path& file, const std::string& key) {
  std::ifstream lines(file.string());
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(key + "=\"", 0) != 0 || line.back() != '"') continue;
    return line.substr(key.size() + 2, line.size() - key.size() - 3);
  }
  return "";
}

const char* apptainer_image() {
  for (const char* name : {"APPTAINER_CONTAINER", "SINGULARITY_CONTAINER"}) {
    if (const char* image = std::getenv(name)) return image;
  }
  return nullptr;
}

}  // namespace

Container find_container(const fs::path& share_folder, const fs::path& root) {
  Container found;
  std::ifstream stream((share_folder / "container.json").string());
  const auto built = nlohmann::json::parse(stream, nullptr, false);
  const fs::path podman = root / "run/.containerenv";
  const char* engine = std::getenv("container");
  const char* image = apptainer_image();
  if (image != nullptr && is_there(root / ".singularity.d")) {
    found = {"apptainer", fs::path(image).filename().string(), ""};
  } else if (!has_mounted_settings(root)) {
    return found;
  } else if (is_there(podman) || (engine != nullptr && engine == std::string("podman"))) {
    found = {"podman", quoted_value(podman, "image"), ""};
  } else if (is_there(root / ".dockerenv")) {
    found.type = "docker";
  } else if (built.is_object()) {
    found.type = "oci";
  }
  if (found.type.empty() || !built.is_object()) return found;
  const auto take = [&built](const char* key, std::string& text) {
    const auto value = built.find(key);
    if (value != built.end() && value->is_string() && !value->get<std::string>().empty())
      text = value->get<std::string>();
  };
  take("Tag", found.tag);
  take("URI", found.uri);
  return found;
}

}  // namespace hypersynth
