#include "app/step_command.h"

#include <array>
#include <cstdio>
#include <optional>

#include <boost/filesystem/operations.hpp>

#include "core/error.h"
#include "core/shell_text.h"
#include "core/version.h"

namespace hypersynth {
namespace {

/// What a command printed, without the newline at the end; nothing where it failed.
std::optional<std::string> output_of(const std::vector<std::string>& words) {
  std::string command;
  for (const auto& word : words) command += shell_quoted(word) + ' ';
  FILE* const pipe = ::popen((command + "</dev/null").c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  std::string text;
  std::array<char, 256> buffer{};
  while (std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) text += buffer.data();
  if (::pclose(pipe) != 0) return std::nullopt;
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

/// A place of this machine that the image sees under the same path.
struct Bind {
  fs::path path;
  bool read_only = true;
};

std::vector<Bind> binds_of(const CommonOptions& options, const std::vector<fs::path>& inputs) {
  std::vector<Bind> binds{{options.bids_dir}};
  for (const auto& [name, path] : options.derivatives) binds.push_back({path});
  for (const auto& path : inputs) binds.push_back({path});
  // After the dataset, in which they may lie.
  binds.push_back({options.output_dir, false});
  binds.push_back({options.work_folder(), false});
  return binds;
}

/// Adds the bind, and where it is a link that of the place that it leads to.
void add_bind(std::vector<std::string>& words, const Bind& bind) {
  const auto add = [&](const fs::path& place) {
    words.emplace_back("--bind");
    words.push_back(place.string() + ":" + place.string() + (bind.read_only ? ":ro" : ""));
  };
  add(bind.path);
  boost::system::error_code error;
  const fs::path real = fs::canonical(bind.path, error);
  if (!error && real != bind.path) add(real);
}

}  // namespace

std::vector<std::string> step_command(const CommonOptions& options,
                                      const std::vector<std::string>& settings,
                                      const std::vector<fs::path>& inputs) {
  std::vector<std::string> words;
  if (options.cluster_container.empty()) {
    words.push_back(fs::read_symlink("/proc/self/exe").string());
  } else {
    words = {"apptainer", "--quiet", "run", "--no-home", "--pwd", "/"};
    for (const auto& setting : settings) {
      if (setting.rfind("--device=cuda", 0) == 0) words.emplace_back("--nv");
    }
    for (const auto& bind : binds_of(options, inputs)) add_bind(words, bind);
    words.push_back(options.cluster_container.string());
  }
  words.insert(words.end(), settings.begin(), settings.end());
  return words;
}

void check_cluster_container(const CommonOptions& options) {
  const fs::path& image = options.cluster_container;
  if (image.empty()) return;
  const std::string option = "--cluster-container " + image.string() + ": ";
  boost::system::error_code error;
  if (!fs::exists(image, error))
    throw Error(ExitCode::kInputMissing, option + "expected a container image, found none");
  for (const auto& [path, read_only] : binds_of(options, {})) {
    if (path.string().find_first_of(":,") != std::string::npos)
      throw Error(ExitCode::kUsage, option +
                                        "expected paths without ':' and ',', which Apptainer "
                                        "cannot bind, found " +
                                        path.string());
  }
  if (!output_of({"apptainer", "--version"}))
    throw Error(ExitCode::kInputMissing, option + "expected apptainer in PATH, found none");
  const std::string wanted = "hypersynth " + std::string(version());
  const auto found = output_of(
      {"apptainer", "--quiet", "run", "--no-home", "--pwd", "/", image.string(), "--version"});
  if (found != wanted)
    throw Error(ExitCode::kUsage, option + "expected an image with " + wanted +
                                      ", the version of this program, found " +
                                      found.value_or("one that does not run"));
}

}  // namespace hypersynth
