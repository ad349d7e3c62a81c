#include "bids/discovery.h"

#include <algorithm>
#include <array>
#include <system_error>

#include "bids/ignore.h"

namespace hypersynth::bids {
namespace {

constexpr std::array<std::string_view, 15> kDatatypes = {"anat",   "beh",  "dwi",  "eeg",  "emg",
                                                         "fmap",   "func", "ieeg", "meg",  "mrs",
                                                         "motion", "micr", "nirs", "perf", "pet"};

/// Folders of these extensions hold one recording.
constexpr std::array<std::string_view, 4> kRecordingFolders = {".ds", ".zarr", ".mefd", ".mff"};

constexpr std::array<std::string_view, 4> kNotInDerivatives = {"code", "sourcedata", "derivatives",
                                                               "logs"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& texts, std::string_view text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

IgnoreRules read_ignore_rules(const FileSource& source, Issues& issues) {
  try {
    return IgnoreRules::parse(source.read(".bidsignore"), issues);
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::no_such_file_or_directory)
      issues.push_back({IssueCode::kFileUnreadable, ".bidsignore", error.code().message()});
    return {};
  }
}

bool enters_root_folder(std::string_view name, bool derivative) {
  if (derivative) return !contains(kNotInDerivatives, name);
  return name.starts_with("sub-") || name == "phenotype";
}

/// A folder below the root that stands for a file: it has an extension, or the name of a file
/// (`sub-01_task-rest_meg`, as some MEG systems write).
bool stands_for_file(std::string_view name) {
  for (const auto extension : kRecordingFolders) {
    if (name.ends_with(extension)) return true;
  }
  return name.starts_with("sub-") && name.find('_') != std::string_view::npos;
}

struct DatasetVisitor {
  const IgnoreRules& ignore;
  bool derivative;

  Visit operator()(const std::string& directory, int depth, const DirectoryEntry& entry) const {
    const bool is_directory = entry.kind == EntryKind::kDirectory;
    if (entry.name.starts_with('.')) return Visit::kSkip;
    if (is_directory && depth == 0 && !enters_root_folder(entry.name, derivative))
      return Visit::kSkip;
    if (!ignore.empty()) {
      const std::string path = directory.empty() ? entry.name : directory + '/' + entry.name;
      if (ignore.ignores(path, is_directory)) return Visit::kSkip;
    }
    return is_directory && stands_for_file(entry.name) ? Visit::kKeepAsFile : Visit::kKeep;
  }
};

}  // namespace

FileTree discover(const FileSource& source, bool derivative, Issues& issues) {
  const IgnoreRules ignore = read_ignore_rules(source, issues);
  return FileTree::build(source, DatasetVisitor{ignore, derivative}, issues);
}

std::string_view datatype_of(const FileTree& tree, DirectoryId directory) {
  const auto name = tree.directory_name(directory);
  if (!contains(kDatatypes, name)) return {};
  auto above = *tree.parent(directory);
  if (tree.directory_name(above).starts_with("ses-") && tree.parent(above)) {
    above = *tree.parent(above);
  }
  const bool in_subject = tree.directory_name(above).starts_with("sub-") ||
                          tree.directory_name(above).starts_with("tpl-");
  return in_subject && tree.parent(above) == DirectoryId{0} ? name : std::string_view();
}

}  // namespace hypersynth::bids
