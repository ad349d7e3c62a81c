#pragma once

#include <string>
#include <vector>

#include "bids/layout.h"

namespace hypersynth::bids {

inline const char* const kDescription =
    R"({"Name": "test", "BIDSVersion": "1.10.1", "DatasetType": "raw"})";

/// A dataset in memory: empty files at `paths`, text at `contents`, a description unless given.
inline Layout memory_layout(const std::vector<std::string>& paths,
                            std::map<std::string, std::string> contents = {},
                            std::vector<std::string> broken_links = {},
                            std::vector<std::string> unreadable = {}) {
  MemoryFiles files{std::move(contents), std::move(broken_links), std::move(unreadable)};
  files.contents.try_emplace("dataset_description.json", kDescription);
  for (const auto& path : paths) files.contents.try_emplace(path);
  return Layout::index(memory_source(std::move(files)), "dataset");
}

inline std::vector<std::string> paths_of(const std::vector<DataFile>& files) {
  std::vector<std::string> paths;
  for (const auto& file : files) paths.push_back(file.path);
  return paths;
}

inline std::vector<IssueCode> codes_of(const Issues& issues) {
  std::vector<IssueCode> codes;
  for (const auto& issue : issues) codes.push_back(issue.code);
  return codes;
}

}  // namespace hypersynth::bids
