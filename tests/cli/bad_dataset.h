#pragma once

#include <filesystem>
#include <sstream>
#include <string>
#include <system_error>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/hypersynth_command.h"
#include "support/bids_dataset.h"
#include "support/temporary_dir.h"

namespace hypersynth {

/// A dataset whose images are no images, so that a whole run takes no time.
class BadDatasetTest : public testing::Test {
 protected:
  BadDatasetTest() {
    data.add_text("sub-01/anat/sub-01_T1w.nii.gz", "not read");
    data.add_text("sub-02/anat/sub-02_T1w.nii.gz", "not read");
  }

  ProcessResult participant(std::vector<std::string> options) const {
    options.insert(options.begin(), {data.path(), out, "participant"});
    return hypersynth_run(std::move(options));
  }

  nlohmann::json listing(std::vector<std::string> options = {}, int exit_code = 0) const {
    options.insert(options.end(), {"--dry-run", "--json"});
    const auto result = participant(std::move(options));
    EXPECT_EQ(result.exit_code, exit_code) << result.err;
    return nlohmann::json::parse(result.out);
  }

  TemporaryDir folder;
  BidsDataset data{folder / "raw"};
  std::string out = folder / "out";
};

/// The messages of a listing's issues with this code, each after its path.
inline std::vector<std::string> issues_of(const nlohmann::json& listing, const std::string& code) {
  std::vector<std::string> texts;
  for (const auto& issue : listing.at("issues")) {
    if (issue.at("code") == code)
      texts.push_back(issue.at("path").get<std::string>() + ": " +
                      issue.at("message").get<std::string>());
  }
  return texts;
}

/// Lines of `text` that have `part`.
inline std::size_t lines_with(const std::string& text, const std::string& part) {
  std::istringstream lines(text);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line);) count += line.find(part) != std::string::npos;
  return count;
}

/// `command` as a user who is not root; empty where that can't be done here.
inline std::vector<std::string> unprivileged(std::vector<std::string> command) {
  if (::geteuid() != 0) return command;
  command.insert(command.begin(), {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"});
  try {
    const auto probe = run_process({command[0], command[1], command[2], command[3],
                                    hypersynth_command({"--version"})[0], "--version"});
    if (probe.exit_code == 0) return command;
  } catch (const std::system_error&) {
  }
  return {};
}

}  // namespace hypersynth
