#include "bids/anatomical.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "bids/discovery.h"
#include "bids/entities.h"

namespace hypersynth::bids {
namespace {

/// Entities that only derivatives have (BIDS 1.10.1, "Derivatives").
constexpr std::array<Entity, 10> kDerivedEntities = {
    Entity::kTemplate, Entity::kCohort,     Entity::kSpace,   Entity::kAtlas, Entity::kSegmentation,
    Entity::kScale,    Entity::kResolution, Entity::kDensity, Entity::kLabel, Entity::kDescription};

bool is_nifti(std::string_view name) { return name.ends_with(".nii") || name.ends_with(".nii.gz"); }

std::string get_content(const std::string& path) {
  return "symbolic link without a target, as in a DataLad clone without content; fetch it with "
         "`datalad get " +
         (path.empty() ? "." : printable(path)) + "`";
}

/// Goes through the `anat` folders of a tree.
class AnatomicalScan {
 public:
  AnatomicalScan(const FileTree& tree, bool derivative, Issues& issues)
      : tree_(tree), derivative_(derivative), issues_(issues) {}

  std::vector<FileId> run() {
    for (DirectoryId directory = 0; directory < tree_.directory_count(); ++directory) {
      if (datatype_of(tree_, directory) != "anat") continue;
      const FileRange range = tree_.files_in(directory);
      places_.clear();
      for (FileId file = range.first; file < range.last; ++file) visit(file);
    }
    return std::move(images_);
  }

 private:
  void visit(FileId file) {
    if (!is_nifti(tree_.name(file))) return;
    const auto name = parse_name_view(tree_.name(file));
    if (!name) {
      report(IssueCode::kNameInvalid, file,
             "expected <entity>-<label>_..._<suffix> of letters, digits and +; the file is left "
             "out");
      return;
    }
    if (!is_wanted(*name) || is_left_out(file, *name)) return;
    check_entities(file, *name);
    if (tree_.is_broken_link(file))
      report(IssueCode::kBrokenLink, file, get_content(tree_.path(file)));
    add(file, *name);
  }

  /// Magnitude is what has no `part` or says so; phase, real and imaginary parts are no contrast.
  static bool is_wanted(const NameView& name) {
    const auto& suffixes = anatomical_suffixes();
    return std::find(suffixes.begin(), suffixes.end(), name.suffix) != suffixes.end() &&
           name.get(Entity::kPart).value_or("mag") == "mag";
  }

  bool is_left_out(FileId file, const NameView& name) {
    for (const Entity entity : kDerivedEntities) {
      if (!name.get(entity)) continue;
      if (!derivative_)
        report(IssueCode::kDerivativeName, file,
               "only derivatives have the entity '" + std::string(entity_kind(entity).key) +
                   "'; the image is left out");
      return true;
    }
    if (tree_.is_directory(file)) {
      report(IssueCode::kImageIsDirectory, file,
             "expected a NIfTI image, found a folder; it is left out");
      return true;
    }
    return is_misplaced(file, name);
  }

  bool is_misplaced(FileId file, const NameView& name) {
    const auto above = *tree_.parent(tree_.directory(file));
    const bool in_session = tree_.parent(above) != DirectoryId{0};
    const auto session = in_session ? tree_.directory_name(above).substr(4) : std::string_view();
    const auto subject = tree_.directory_name(in_session ? *tree_.parent(above) : above).substr(4);
    const auto own_session = name.get(Entity::kSession);
    if (name.get(Entity::kSubject) != subject || (in_session && own_session != session)) {
      report(IssueCode::kEntityMismatch, file,
             "the name must have the subject and session of its folder; the image is left out");
      return true;
    }
    if (own_session && !in_session)
      report(IssueCode::kSessionWithoutFolder, file, "the image is in no folder of its session");
    return false;
  }

  void check_entities(FileId file, const NameView& name) {
    for (const auto& pair : name.pairs) {
      if (!pair.entity)
        report(IssueCode::kEntityUnknown, file,
               "'" + std::string(pair.key) + "' is not a BIDS entity; it is kept as it is");
    }
    if (!name.in_order())
      report(IssueCode::kEntityOrder, file, "the entities are not in the order of the standard");
  }

  /// Of two files with the same name but for the order and .gz, the later in the alphabet stays.
  void add(FileId file, const NameView& view) {
    Name name = to_name(view);
    name.extension.clear();
    const auto [place, added] = places_.try_emplace(format_name(name), images_.size());
    if (added) {
      images_.push_back(file);
      return;
    }
    report(IssueCode::kDuplicateImage, images_[place->second],
           "the same image as " + printable(tree_.name(file)) + ", which is used");
    images_[place->second] = file;
  }

  void report(IssueCode code, FileId file, std::string message) {
    issues_.push_back({code, tree_.path(file), std::move(message)});
  }

  const FileTree& tree_;
  bool derivative_;
  Issues& issues_;
  std::vector<FileId> images_;
  std::unordered_map<std::string, std::size_t> places_;  ///< of one folder: name -> image
};

}  // namespace

const std::vector<std::string>& anatomical_suffixes() {
  static const std::vector<std::string> kSuffixes = {"T1w",     "T2w",       "PDw",       "FLAIR",
                                                     "T2starw", "inplaneT1", "inplaneT2", "UNIT1"};
  return kSuffixes;
}

std::vector<FileId> find_anatomical_images(const FileTree& tree, bool derivative, Issues& issues) {
  return AnatomicalScan(tree, derivative, issues).run();
}

void check_links(const FileTree& tree, const std::vector<FileId>& images, Issues& issues) {
  for (DirectoryId directory = 0; directory < tree.directory_count(); ++directory) {
    const FileRange range = tree.files_in(directory);
    std::size_t broken = 0;
    for (FileId file = range.first; file < range.last; ++file) {
      if (tree.is_broken_link(file) && !std::binary_search(images.begin(), images.end(), file))
        ++broken;
    }
    if (broken == 0) continue;
    const std::string path = tree.directory_path(directory);
    issues.push_back({IssueCode::kBrokenLink, path,
                      std::to_string(broken) + " of its files: " + get_content(path)});
  }
}

}  // namespace hypersynth::bids
