#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace hypersynth::bids {

/// How bad an issue is: an error means that something cannot be used or is not known, a warning
/// that something is odd or was left out.
enum class Severity { kError, kWarning };

/// "error" or "warning".
std::string_view to_string(Severity severity);

/// What can be wrong with a dataset, or with what a user asks of it. The catalogue in issue.cpp
/// says what each code means.
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

/// An entry of the catalogue.
struct IssueKind {
  IssueCode code;
  std::string_view name;  ///< the code as users see it, "JSON_INVALID"
  Severity severity;
  std::string_view meaning;  ///< one sentence, for the documentation
};

/// All codes, each once, in the order of IssueCode.
const std::vector<IssueKind>& issue_catalogue();

/// The entry of `code` in the catalogue.
const IssueKind& issue_kind(IssueCode code);

/// One finding about a dataset. It is collected and reported; the run goes on.
struct Issue {
  IssueCode code;
  /// Relative to the root of the dataset; empty if it concerns the whole dataset.
  std::string path;
  std::string message;  ///< what was found and what to do, as part of a sentence

  Severity severity() const { return issue_kind(code).severity; }
  bool operator==(const Issue&) const = default;
};

using Issues = std::vector<Issue>;

/// "<path>: <message>" on one line, or the message alone if the issue has no path.
std::string to_text(const Issue& issue);

/// The findings as lines for the terminal: "JSON_INVALID: <path>: <message>". If more than five
/// have the same code, only the first gets a line, which also tells how many more there are and
/// names the paths of two of them.
std::vector<std::string> summarise(const Issues& issues);

/// The keys "code", "severity", "path" and "message". Bytes that are not UTF-8 are replaced.
nlohmann::json to_json(const Issue& issue);

/// An issue after which nothing can go on: there is no dataset, a label is unknown, the output
/// cannot be written.
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
