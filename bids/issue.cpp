#include "bids/issue.h"

#include <cstdint>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/utf8.h"

namespace hypersynth::bids {

std::string_view to_string(Severity severity) {
  return severity == Severity::kError ? "error" : "warning";
}

const std::vector<IssueKind>& issue_catalogue() {
  constexpr auto kError = Severity::kError;
  constexpr auto kWarning = Severity::kWarning;
  static const std::vector<IssueKind> kCatalogue = {
      {IssueCode::kDatasetMissing, "DATASET_MISSING", kError,
       "The dataset's folder does not exist or is not a folder."},
      {IssueCode::kDatasetDescriptionMissing, "DATASET_DESCRIPTION_MISSING", kError,
       "The folder has no dataset_description.json, so it is not a BIDS dataset."},
      {IssueCode::kDatasetDescriptionInvalid, "DATASET_DESCRIPTION_INVALID", kError,
       "dataset_description.json lacks a required key or has one of the wrong type."},
      {IssueCode::kDatasetIsDerivative, "DATASET_IS_DERIVATIVE", kWarning,
       "The dataset holds derivatives; only images with the names of raw ones are used."},
      {IssueCode::kDirectoryUnreadable, "DIRECTORY_UNREADABLE", kError,
       "A folder could not be listed; what is in it is not known."},
      {IssueCode::kDirectoryLoop, "DIRECTORY_LOOP", kWarning,
       "A symbolic link leads back to a folder above it, or folders nest too deep."},
      {IssueCode::kDirectoryRepeated, "DIRECTORY_REPEATED", kWarning,
       "A symbolic link leads to a folder that is read already; it is left out."},
      {IssueCode::kFileUnreadable, "FILE_UNREADABLE", kError, "A file could not be read."},
      {IssueCode::kBrokenLink, "BROKEN_LINK", kError,
       "A symbolic link has no target, as in a DataLad clone without content."},
      {IssueCode::kImageIsDirectory, "IMAGE_IS_DIRECTORY", kWarning,
       "A folder has the name of a NIfTI image."},
      {IssueCode::kImageOutsideAnat, "IMAGE_OUTSIDE_ANAT", kWarning,
       "A file with the name of an anatomical image is in no anat folder; it is left out."},
      {IssueCode::kImageFormat, "IMAGE_FORMAT", kWarning,
       "An anatomical image is neither .nii nor .nii.gz; it is left out."},
      {IssueCode::kSuffixUnknown, "SUFFIX_UNKNOWN", kWarning,
       "An image in an anat folder has a suffix that BIDS does not have; it is left out."},
      {IssueCode::kSubjectFolderName, "SUBJECT_FOLDER_NAME", kWarning,
       "A folder is named nearly as a subject's; it is left out."},
      {IssueCode::kImagesIgnored, "IMAGES_IGNORED", kWarning,
       "Anatomical images are left out because .bidsignore names them."},
      {IssueCode::kNameInvalid, "NAME_INVALID", kWarning,
       "A file in a data folder has a name that BIDS does not allow; it is left out."},
      {IssueCode::kEntityUnknown, "ENTITY_UNKNOWN", kWarning,
       "A file name has a key that is not a BIDS entity."},
      {IssueCode::kEntityOrder, "ENTITY_ORDER", kWarning,
       "The entities of a file name are not in the order of the standard."},
      {IssueCode::kEntityMismatch, "ENTITY_MISMATCH", kError,
       "The subject or session of an image's name is not that of its folder; it is left out."},
      {IssueCode::kSessionWithoutFolder, "SESSION_WITHOUT_FOLDER", kWarning,
       "An image's name has a session, but it is in no folder of that session."},
      {IssueCode::kDerivativeName, "DERIVATIVE_NAME", kWarning,
       "An image of a raw dataset has an entity that only derivatives have; it is left out."},
      {IssueCode::kDuplicateImage, "DUPLICATE_IMAGE", kWarning,
       "Two files are one image, as .nii and .nii.gz or with entities in another order; one is "
       "left "
       "out."},
      {IssueCode::kIgnorePatternInvalid, "IGNORE_PATTERN_INVALID", kWarning,
       "A line of .bidsignore is not a pattern; it is left out."},
      {IssueCode::kJsonInvalid, "JSON_INVALID", kError,
       "A JSON file could not be parsed; the place is given by line and column."},
      {IssueCode::kJsonNotObject, "JSON_NOT_OBJECT", kError,
       "A JSON file holds something else than an object."},
      {IssueCode::kSidecarAmbiguous, "SIDECAR_AMBIGUOUS", kWarning,
       "Several sidecars of one folder apply to a file; the one with the most entities wins."},
      {IssueCode::kTableInvalid, "TABLE_INVALID", kWarning,
       "A tab-separated table has a row or a header that does not fit."},
      {IssueCode::kParticipantUnlisted, "PARTICIPANT_UNLISTED", kWarning,
       "A subject's folder is not listed in participants.tsv."},
      {IssueCode::kParticipantWithoutFolder, "PARTICIPANT_WITHOUT_FOLDER", kWarning,
       "participants.tsv lists a subject that has no folder."},
      {IssueCode::kUriInvalid, "URI_INVALID", kWarning,
       "A BIDS URI is malformed or names a dataset that is not in DatasetLinks."},
      {IssueCode::kUnknownLabel, "UNKNOWN_LABEL", kError,
       "A label asked for is not in the dataset."},
      {IssueCode::kFilterInvalid, "FILTER_INVALID", kError,
       "The filter file is not an object of modalities, entities and values."},
      {IssueCode::kFilterConflict, "FILTER_CONFLICT", kError,
       "Sessions are given both on the command line and in the filter file."},
      {IssueCode::kFilterKeyUnknown, "FILTER_KEY_UNKNOWN", kWarning,
       "A key of the filter file is not known; it is left out."},
      {IssueCode::kNothingMatches, "NOTHING_MATCHES", kWarning,
       "A label, modality or filter that was asked for fits no image."},
      {IssueCode::kEmptySelection, "EMPTY_SELECTION", kError,
       "The dataset has no image that the filters let through."},
      {IssueCode::kIndexInvalid, "INDEX_INVALID", kWarning,
       "The stored index could not be used or written; the dataset was read instead."},
      {IssueCode::kOutputUnwritable, "OUTPUT_UNWRITABLE", kError,
       "A file or folder of the output could not be written."},
      {IssueCode::kOutputChanged, "OUTPUT_CHANGED", kWarning,
       "A root file of the output was damaged or out of date and has been written again."},
      {IssueCode::kOutputOfAnother, "OUTPUT_OF_ANOTHER", kError,
       "The output folder holds another dataset, or the results of one."},
  };
  return kCatalogue;
}

const IssueKind& issue_kind(IssueCode code) {
  return issue_catalogue()[static_cast<std::size_t>(code)];
}

std::string to_text(const Issue& issue) {
  return issue.path.empty() ? issue.message : printable(issue.path) + ": " + issue.message;
}

std::vector<std::string> summarise(const Issues& issues) {
  constexpr std::size_t kShown = 5;
  constexpr std::size_t kExamples = 2;
  std::map<IssueCode, Issues> by_code;
  for (const auto& issue : issues) by_code[issue.code].push_back(issue);
  std::vector<std::string> lines;
  for (const auto& [code, alike] : by_code) {
    const std::string name = std::string(issue_kind(code).name) + ": ";
    if (alike.size() <= kShown) {
      for (const auto& issue : alike) lines.push_back(name + to_text(issue));
      continue;
    }
    std::set<std::string> others;
    for (const auto& issue : alike) {
      if (issue.path != alike[0].path && others.size() < kExamples) others.insert(issue.path);
    }
    std::string more = " (and " + std::to_string(alike.size() - 1) + " more";
    for (const auto& path : others)
      more += (path == *others.begin() ? ": " : ", ") + printable(path);
    lines.push_back(name + to_text(alike[0]) + more + "; -v names all)");
  }
  return lines;
}

nlohmann::json to_json(const Issue& issue) {
  return {{"code", issue_kind(issue.code).name},
          {"severity", to_string(issue.severity())},
          {"path", valid_utf8(issue.path)},
          {"message", valid_utf8(issue.message)}};
}

DatasetError::DatasetError(Issue issue)
    : std::runtime_error(to_text(issue)), issue_(std::move(issue)) {}

}  // namespace hypersynth::bids
