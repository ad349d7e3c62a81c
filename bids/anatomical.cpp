#include "bids/anatomical.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "bids/discovery.h"
#include "bids/entities.h"
#include "core/error.h"

namespace hypersynth::bids {
namespace {

/// Entities that only derivatives have (BIDS 1.10.1, "Derivatives").
constexpr std::array<Entity, 10> kDerivedEntities = {
    Entity::kTemplate, Entity::kCohort,     Entity::kSpace,   Entity::kAtlas, Entity::kSegmentation,
    Entity::kScale,    Entity::kResolution, Entity::kDensity, Entity::kLabel, Entity::kDescription};

/// The suffixes of images in `anat` folders (BIDS 1.10.1, "Magnetic Resonance Imaging").
constexpr std::array<std::string_view, 36> kRawSuffixes = {
    "T1w",   "T2w",    "PDw",   "T2starw", "FLAIR",  "inplaneT1", "inplaneT2", "PDT2",  "UNIT1",
    "angio", "T2star", "FLASH", "PD",      "MESE",   "MEGRE",     "VFA",       "IRT1",  "MP2RAGE",
    "MPM",   "MTS",    "MTR",   "T1map",   "T2map",  "T2starmap", "R1map",     "R2map", "R2starmap",
    "PDmap", "MTRmap", "MTsat", "T1rho",   "MWFmap", "MTVmap",    "Chimap",    "S0map", "M0map"};

/// Extensions of images in other formats, and of compressed ones that are not read.
constexpr std::array<std::string_view, 12> kOtherFormats = {
    ".nii.bz2", ".nii.xz", ".nii.zst", ".nii.zip", ".img", ".mgz",
    ".mgh",     ".mnc",    ".nrrd",    ".dcm",     ".hdr", ".gz"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_letters(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

bool ends_with_letters(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && same_letters(text.substr(text.size() - end.size()), end);
}

bool is_nifti(std::string_view name) { return name.ends_with(".nii") || name.ends_with(".nii.gz"); }

/// The extension of an image in any case and format, as it is in `name`; empty for other files.
std::string_view image_extension(std::string_view name) {
  for (const std::string_view extension : {".nii", ".nii.gz"}) {
    if (ends_with_letters(name, extension)) return name.substr(name.size() - extension.size());
  }
  for (const auto extension : kOtherFormats) {
    if (ends_with_letters(name, extension)) return name.substr(name.size() - extension.size());
  }
  if (name.ends_with('~')) return name.substr(std::min(name.find('.'), name.size() - 1));
  return {};
}

/// The part of a file name between the last `_` and the first dot.
std::string_view suffix_of(std::string_view name) {
  name = name.substr(0, name.find('.'));
  return name.substr(name.rfind('_') + 1);
}

/// The anatomical suffix that equals `text` when upper and lower case are ignored; empty if there
/// is none.
std::string_view known_suffix(std::string_view text) {
  for (const auto& suffix : anatomical_suffixes()) {
    if (same_letters(suffix, text)) return suffix;
  }
  return {};
}

std::string get_content(const std::string& path) {
  return "symbolic link without a target, as in a DataLad clone without content; fetch it with "
         "`datalad get " +
         (path.empty() ? "." : printable(path)) + "`";
}

/// Goes through all folders of a tree. Folders with the datatype `anat` give the images; in all
/// other folders, files that look like anatomical images become issues.
class AnatomicalScan {
 public:
  AnatomicalScan(const FileTree& tree, bool derivative, Issues& issues)
      : tree_(tree), derivative_(derivative), issues_(issues) {}

  std::vector<FileId> run() {
    for (DirectoryId directory = 0; directory < tree_.directory_count(); ++directory) {
      const bool is_anat = datatype_of(tree_, directory) == "anat";
      const FileRange range = tree_.files_in(directory);
      places_.clear();
      for (FileId file = range.first; file < range.last; ++file) {
        if (is_anat) {
          visit(file);
        } else {
          visit_outside(file);
        }
      }
    }
    std::sort(images_.begin(), images_.end());  // some took the place of a duplicate before them
    return std::move(images_);
  }

 private:
  void visit(FileId file) {
    const auto extension = image_extension(tree_.name(file));
    if (extension.empty() || is_other_format(file, extension)) return;
    const auto name = parse_name_view(tree_.name(file));
    if (!name) {
      report(IssueCode::kNameInvalid, file,
             "expected <entity>-<label>_..._<suffix> of letters, digits and +; the file is left "
             "out");
      return;
    }
    if (!is_wanted(file, *name) || is_left_out(file, *name)) return;
    check_entities(file, *name);
    if (tree_.is_broken_link(file))
      report(IssueCode::kBrokenLink, file, get_content(tree_.path(file)));
    add(file, *name);
  }

  bool is_other_format(FileId file, std::string_view extension) {
    const auto name = tree_.name(file);
    if (is_nifti(name)) return false;
    if (!known_suffix(suffix_of(name)).empty())
      report(
          IssueCode::kImageFormat, file,
          "expected .nii or .nii.gz, found " + std::string(extension) + "; the image is left out");
    return true;
  }

  /// Whether a file has an anatomical suffix and is a magnitude image: it has no `part`, or
  /// `part-mag`. Phase, real and imaginary parts are not segmented.
  bool is_wanted(FileId file, const NameView& name) {
    const auto suffix = known_suffix(name.suffix);
    if (!suffix.empty() && suffix == name.suffix)
      return name.get(Entity::kPart).value_or("mag") == "mag";
    const auto& known = kRawSuffixes;
    if (!suffix.empty()) {
      report(IssueCode::kSuffixUnknown, file,
             "expected the suffix " + std::string(suffix) + ", found " + std::string(name.suffix) +
                 "; the image is left out");
    } else if (!derivative_ && !is_derived(name) && name.suffix != "defacemask" &&
               std::find(known.begin(), known.end(), name.suffix) == known.end()) {
      report(IssueCode::kSuffixUnknown, file,
             "'" + std::string(name.suffix) +
                 "' is no suffix of an anatomical image in BIDS; the image is left out");
    }
    return false;
  }

  static bool is_derived(const NameView& name) {
    return std::any_of(kDerivedEntities.begin(), kDerivedEntities.end(),
                       [&](Entity entity) { return name.get(entity).has_value(); });
  }

  /// Reports a file outside the `anat` folders whose name is that of an anatomical image.
  void visit_outside(FileId file) {
    if (anatomical_suffix_of(tree_.name(file)).empty() || tree_.is_directory(file)) return;
    const auto name = parse_name_view(tree_.name(file));
    if ((name && is_derived(*name)) || is_no_raw_folder(tree_.directory(file))) return;
    report(IssueCode::kImageOutsideAnat, file,
           "expected in sub-<label>/anat or sub-<label>/ses-<label>/anat; the image is left out");
  }

  /// Whether images in this folder are no mistake: it lies in `sourcedata`, `derivatives` or
  /// `code`, in a folder at the root that is not a subject's or, in a derivative dataset, at
  /// the root itself.
  bool is_no_raw_folder(DirectoryId directory) const {
    for (; directory != 0; directory = *tree_.parent(directory)) {
      const auto name = tree_.directory_name(directory);
      if (name == "sourcedata" || name == "derivatives" || name == "code") return true;
      if (tree_.parent(directory) == DirectoryId{0}) return !name.starts_with("sub-");
    }
    return derivative_;
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

  /// Adds an image. If the folder holds it twice (as .nii and .nii.gz, or with its entities in
  /// another order), the file that is later in the alphabet is used and the other one becomes an
  /// issue.
  void add(FileId file, const NameView& view) {
    Name name = to_name(view);
    name.extension.clear();
    const auto [place, added] = places_.try_emplace(format_name(name), images_.size());
    if (added) {
      images_.push_back(file);
      return;
    }
    report(IssueCode::kDuplicateImage, images_[place->second],
           "stands for the same image as " + printable(tree_.name(file)) +
               ", which is used; this file is left out, remove one of the two");
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

bool is_anatomical_suffix(std::string_view suffix) {
  const auto& known = anatomical_suffixes();
  return std::find(known.begin(), known.end(), suffix) != known.end();
}

std::string_view anatomical_suffix_of(std::string_view file_name) {
  for (const std::string_view extension : {".nii", ".nii.gz"}) {
    if (ends_with_letters(file_name, extension)) return known_suffix(suffix_of(file_name));
  }
  return {};
}

std::vector<FileId> find_anatomical_images(const FileTree& tree, bool derivative, Issues& issues) {
  return AnatomicalScan(tree, derivative, issues).run();
}

void check_links(const FileTree& tree, const std::vector<FileId>& images, Issues& issues) {
  // At the root every link is reported: it may be participants.tsv or a whole subject.
  const FileRange root = tree.files_in(0);
  for (FileId file = root.first; file < root.last; ++file) {
    if (tree.is_broken_link(file))
      issues.push_back({IssueCode::kBrokenLink, tree.path(file), get_content(tree.path(file))});
  }
  for (DirectoryId directory = 0; directory < tree.directory_count(); ++directory) {
    const FileRange range = tree.files_in(directory);
    std::size_t broken = 0;
    for (FileId file = range.first; file < range.last; ++file) {
      if (tree.is_broken_link(file) && !std::binary_search(images.begin(), images.end(), file))
        ++broken;
    }
    if (broken == 0 || directory == 0) continue;
    const std::string path = tree.directory_path(directory);
    issues.push_back({IssueCode::kBrokenLink, path,
                      std::to_string(broken) + " of its files: " + get_content(path)});
  }
}

}  // namespace hypersynth::bids
