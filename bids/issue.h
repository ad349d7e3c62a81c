#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace hypersynth::bids {

enum class Severity { kError, kWarning };

/// "error", "warning".
std::string_view to_string(Severity severity);

/// What can be wrong with a dataset or with a request on it; the catalogue in issue.cpp gives each
/// its printed code, severity and meaning.
enum class IssueCode {
  kDatasetMissing,
  kDatasetDescriptionMissing,
  kDatasetDescriptionInvalid,
  kDatasetIsDerivative,
  kDirectoryUnreadable,
  kDirectoryLoop,
  kDirectoryRepeated,
  kFileUnreadable,
  kBrokenLink,
  kImageIsDirectory,
  kImageOutsideAnat,
  kImageFormat,
  kSuffixUnknown,
  kSubjectFolderName,
  kImagesIgnored,
  kNameInvalid,
  kEntityUnknown,
  kEntityOrder,
  kEntityMismatch,
  kSessionWithoutFolder,
  kDerivativeName,
  kDuplicateImage,
  kIgnorePatternInvalid,
  kJsonInvalid,
  kJsonNotObject,
  kSidecarAmbiguous,
  kTableInvalid,
  kParticipantUnlisted,
  kParticipantWithoutFolder,
  kUriInvalid,
  kUnknownLabel,
  kFilterInvalid,
  kFilterConflict,
  kFilterKeyUnknown,
  kNothingMatches,
  kEmptySelection,
  kIndexInvalid,
  kOutputUnwritable,
  kOutputChanged,
  kOutputOfAnother,
};

/// One row of the catalogue.
struct IssueKind {
  IssueCode code;
  std::string_view name;  ///< as printed, "JSON_INVALID"
  Severity severity;
  std::string_view meaning;  ///< one sentence for the documentation
};

/// Every code once, in the order of the enumeration.
const std::vector<IssueKind>& issue_catalogue();

/// The row of `code`.
const IssueKind& issue_kind(IssueCode code);

/// One finding about a dataset; the run goes on.
struct Issue {
  IssueCode code;
  std::string path;     ///< relative to the dataset's root; empty = the dataset as a whole
  std::string message;  ///< one sentence: what was found and what to do

  Severity severity() const { return issue_kind(code).severity; }
  bool operator==(const Issue&) const = default;
};

using Issues = std::vector<Issue>;

/// "<path>: <message>" on one line, without the path where the issue has none.
std::string to_text(const Issue& issue);

/// Findings as lines for a reader: "JSON_INVALID: <path>: <message>". Of many with one code, the
/// first stands for all and the next few are named.
std::vector<std::string> summarise(const Issues& issues);

/// {"code", "severity", "path", "message"}, strings made valid UTF-8.
nlohmann::json to_json(const Issue& issue);

/// An issue that leaves nothing to go on with: no dataset, an unknown label, an unwritable output.
class DatasetError : public std::runtime_error {
 public:
  explicit DatasetError(Issue issue);
  DatasetError(IssueCode code, std::string path, std::string message)
      : DatasetError(Issue{code, std::move(path), std::move(message)}) {}

  const Issue& issue() const { return issue_; }
  IssueCode code() const { return issue_.code; }

 private:
  Issue issue_;
};

}  // namespace hypersynth::bids
