#include "support/npm_packages.h"

#include <filesystem>
#include <system_error>

#include "support/process.h"

namespace hypersynth {

namespace fs = std::filesystem;

std::string install_npm_packages(const std::string& source, const std::string& target) {
  const fs::path from = source, to = target;
  if (read_text((to / "package-lock.json").string()) ==
          read_text((from / "package-lock.json").string()) &&
      fs::exists(to / "node_modules/.package-lock.json"))
    return "";
  fs::create_directories(to);
  for (const char* name : {"package.json", "package-lock.json"})
    fs::copy_file(from / name, to / name, fs::copy_options::overwrite_existing);
  try {
    const auto result =
        run_process({"npm", "ci", "--prefix", to.string(), "--ignore-scripts", "--no-audit",
                     "--no-fund", "--cache", (to / "npm-cache").string()});
    return result.exit_code == 0 ? "" : "npm ci failed: " + result.err;
  } catch (const std::system_error&) {
    return "npm is not installed";
  }
}

}  // namespace hypersynth
