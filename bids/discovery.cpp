#include "bids/discovery.h"

#include <algorithm>
#include <array>
#include <system_error>

#include "bids/entities.h"
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

/// The labels of the folders above a file.
struct FolderLabels {
  std::string_view subject;
  std::string_view session;
};

FolderLabels folder_labels(const FileTree& tree, DirectoryId directory) {
  FolderLabels labels;
  for (std::optional<DirectoryId> folder = directory; folder; folder = tree.parent(*folder)) {
    const auto name = tree.directory_name(*folder);
    if (name.starts_with("sub-")) labels.subject = name.substr(4);
    if (name.starts_with("ses-")) labels.session = name.substr(4);
  }
  return labels;
}

void check_labels(const FileTree& tree, FileId file, const NameView& name, Issues& issues) {
  const auto folder = folder_labels(tree, tree.directory(file));
  const auto subject = name.get(Entity::kSubject);
  if (!subject && folder.subject.empty()) return;
  if (!subject) {
    issues.push_back({IssueCode::kSubjectMissing, tree.path(file),
                      "the name of an image must start with sub-<label>; it is left out"});
  } else if (*subject != folder.subject ||
             name.get(Entity::kSession).value_or("") != folder.session) {
    issues.push_back({IssueCode::kEntityMismatch, tree.path(file),
                      "subject or session of the name are not those of the folder"});
  }
}

void check_image_name(const FileTree& tree, FileId file, Issues& issues) {
  const auto name = parse_name_view(tree.name(file));
  if (!name) {
    issues.push_back(
        {IssueCode::kNameInvalid, tree.path(file),
         "expected <entity>-<label>_..._<suffix> of letters, digits and +; the file is "
         "left out"});
    return;
  }
  check_labels(tree, file, *name, issues);
  for (const auto& pair : name->pairs) {
    if (!pair.entity)
      issues.push_back({IssueCode::kEntityUnknown, tree.path(file),
                        "'" + std::string(pair.key) + "' is not an entity of BIDS " +
                            "1.10.1; it is kept as it is"});
  }
  if (!name->in_order())
    issues.push_back({IssueCode::kEntityOrder, tree.path(file),
                      "the entities are not in the order of the standard"});
}

bool has_nifti_name(std::string_view name) {
  return name.ends_with(".nii") || name.ends_with(".nii.gz");
}

constexpr std::string_view kGetContent =
    "symbolic link without a target: the content of a DataLad dataset is not here; fetch it with "
    "`datalad get ";

void check_anatomical_folder(const FileTree& tree, DirectoryId directory, Issues& issues) {
  const FileRange range = tree.files_in(directory);
  for (FileId file = range.first; file < range.last; ++file) {
    if (!has_nifti_name(tree.name(file))) continue;
    check_image_name(tree, file, issues);
    if (tree.is_directory(file))
      issues.push_back({IssueCode::kImageIsDirectory, tree.path(file),
                        "expected a NIfTI image, found a folder; it is left out"});
    if (tree.is_broken_link(file))
      issues.push_back({IssueCode::kBrokenLink, tree.path(file),
                        std::string(kGetContent) + printable(tree.path(file)) + "`"});
  }
}

/// One finding a folder: a clone without content has a broken link for nearly every file.
void check_links(const FileTree& tree, DirectoryId directory, bool images_reported,
                 Issues& issues) {
  const FileRange range = tree.files_in(directory);
  std::size_t broken = 0;
  for (FileId file = range.first; file < range.last; ++file) {
    if (images_reported && has_nifti_name(tree.name(file))) continue;
    if (tree.is_broken_link(file)) ++broken;
  }
  if (broken == 0) return;
  const std::string path = tree.directory_path(directory);
  issues.push_back({IssueCode::kBrokenLink, path,
                    std::to_string(broken) + " files: " + std::string(kGetContent) +
                        (path.empty() ? "." : printable(path)) + "`"});
}

}  // namespace

bool is_nifti(std::string_view extension) { return extension == ".nii" || extension == ".nii.gz"; }

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

void check_names(const FileTree& tree, Issues& issues) {
  for (DirectoryId directory = 0; directory < tree.directory_count(); ++directory) {
    const bool anatomical = datatype_of(tree, directory) == "anat";
    if (anatomical) check_anatomical_folder(tree, directory, issues);
    check_links(tree, directory, anatomical, issues);
  }
}

}  // namespace hypersynth::bids
