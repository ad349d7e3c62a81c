#include "bids/discovery.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <system_error>

#include "bids/anatomical.h"
#include "bids/ignore.h"
#include "core/error.h"

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

std::string join(const std::string& directory, const std::string& name) {
  return directory.empty() ? name : directory + '/' + name;
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

/// Whether a folder stands for one recording and is listed as a file. Such a folder has one of
/// kRecordingFolders, or the name of a file (`sub-01_task-rest_meg`), as some MEG systems write.
bool stands_for_file(std::string_view name) {
  for (const auto extension : kRecordingFolders) {
    if (name.ends_with(extension)) return true;
  }
  return name.starts_with("sub-") && name.find('_') != std::string_view::npos;
}

/// Whether a folder at the root was probably meant to be a subject's ("Sub-01", "sub_01", "sub01",
/// "subject-01") or to lie in one ("anat").
bool is_nearly_subject(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (name == "anat") return true;
  std::string_view label = name;
  if (!label.starts_with("sub")) return false;
  label.remove_prefix(label.starts_with("subject") ? 7 : 3);
  const bool separated = label.starts_with('-') || label.starts_with('_');
  if (separated) label.remove_prefix(1);
  return !label.empty() && (separated || std::isdigit(static_cast<unsigned char>(label[0])) != 0);
}

/// Paths that the visitor left out although the user may have wanted them. They are sets because
/// the visitor may be asked about one path twice.
struct LeftOut {
  std::set<std::string> nearly_subjects;
  std::set<std::string> ignored_images;
  std::set<std::string> ignored_folders;
};

struct DatasetVisitor {
  const IgnoreRules& ignore;
  bool derivative;
  LeftOut& left_out;

  Visit operator()(const std::string& directory, int depth, const DirectoryEntry& entry) const {
    const bool is_directory = entry.kind == EntryKind::kDirectory;
    if (entry.name.starts_with('.')) return Visit::kSkip;
    if (is_directory && depth == 0 && !enters_root_folder(entry.name, derivative)) {
      if (is_nearly_subject(entry.name)) left_out.nearly_subjects.insert(entry.name);
      return Visit::kSkip;
    }
    if (!ignore.empty()) {
      const std::string path = join(directory, entry.name);
      if (ignore.ignores(path, is_directory)) {
        if (is_directory) left_out.ignored_folders.insert(path);
        if (!anatomical_suffix_of(entry.name).empty()) left_out.ignored_images.insert(path);
        return Visit::kSkip;
      }
    }
    return is_directory && stands_for_file(entry.name) ? Visit::kKeepAsFile : Visit::kKeep;
  }
};

/// Adds the images below an ignored folder; links in it are not followed.
void find_ignored(const FileSource& source, const std::string& folder, int depth,
                  std::set<std::string>& images) {
  try {
    for (const auto& entry : source.list(folder)) {
      const std::string path = join(folder, entry.name);
      if (entry.name.starts_with('.')) continue;
      if (entry.kind != EntryKind::kDirectory) {
        if (!anatomical_suffix_of(entry.name).empty()) images.insert(path);
      } else if (!entry.is_link && depth < FileTree::kMaximumDepth) {
        find_ignored(source, path, depth + 1, images);
      }
    }
  } catch (const std::system_error&) {  // what is ignored need not be readable
  }
}

/// Adds issues for the files and folders in `left_out`.
void report(const FileSource& source, LeftOut& left_out, Issues& issues) {
  for (const auto& name : left_out.nearly_subjects)
    issues.push_back({IssueCode::kSubjectFolderName, name,
                      "images are looked for in sub-<label>; the folder is left out"});
  auto& images = left_out.ignored_images;
  for (const auto& folder : left_out.ignored_folders) find_ignored(source, folder, 0, images);
  if (images.empty()) return;
  issues.push_back({IssueCode::kImagesIgnored, ".bidsignore",
                    std::to_string(images.size()) +
                        " files with names of anatomical images are left out, the first is " +
                        printable(*images.begin())});
}

}  // namespace

FileTree discover(const FileSource& source, bool derivative, Issues& issues) {
  const IgnoreRules ignore = read_ignore_rules(source, issues);
  LeftOut left_out;
  FileTree tree = FileTree::build(source, DatasetVisitor{ignore, derivative, left_out}, issues);
  // In derivatives, pictures and intermediate images are ignored on purpose.
  if (!derivative) report(source, left_out, issues);
  return tree;
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
