#include "core/temporary_name.h"

#include <algorithm>
#include <atomic>
#include <unistd.h>

namespace hypersynth {

namespace {

/// The final name may already be as long as the file system allows.
constexpr std::size_t kNameEnd = 80;

std::string host() {
  char name[256] = {};
  if (::gethostname(name, sizeof name - 1) != 0) return "unknown";
  std::string text = std::string(name).substr(0, 64);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '/' || c == '.'; }, '-');
  return text;
}

}  // namespace

std::string temporary_name(const std::string& path) {
  static std::atomic<unsigned> count{0};
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash + 1);
  const std::string name = path.substr(folder.size());
  return folder + ".hypersynth-" + host() + "." + std::to_string(::getpid()) + "." +
         std::to_string(count++) + "." + name.substr(name.size() - std::min(name.size(), kNameEnd));
}

}  // namespace hypersynth
