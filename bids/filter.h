#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bids/layout.h"
#include "bids/query.h"

namespace hypersynth::bids {

/// A filter file (`--bids-filter-file`): for each anatomical suffix that it names, the query that
/// selects its images.
struct FilterFile {
  std::string path;  ///< path of the file, for messages
  /// "T1w" -> constraints; images of other suffixes are not filtered.
  std::map<std::string, Query> by_suffix;
  bool names_sessions = false;  ///< at least one filter constrains the session
};

/// Parses the filters in `text`. This is an object whose keys are modalities (the anatomical
/// suffixes in any case, as in `t1w`) and whose values are objects. The keys of these are entities,
/// `suffix`, `datatype` or `extension`. A value is a text, a whole number, `"*"` (any value), or a
/// list of these of which one must fit. An entity may also be `null`: the name must not have it.
///
/// Unknown keys are left out and become issues. Throws DatasetError if the text is not of this
/// form. `path` is for messages.
FilterFile parse_filter_file(std::string_view text, const std::string& path, Issues& issues);

/// The images that a user asks for. An empty list means all. Labels may carry their prefix
/// (`sub-01` or `01`).
struct Selection {
  std::vector<std::string> participants{};
  std::vector<std::string> excluded_participants{};
  std::vector<std::string> sessions{};
  std::vector<std::string> runs{};        ///< compared by number: 1 also means run-01
  std::vector<std::string> modalities{};  ///< suffixes in any case: "T1w" or "t1w"
  FilterFile filters{};
};

/// `label` as it is in file names: "01" of "01" and of "sub-01", with the prefix "sub-".
std::string without_prefix(std::string_view label, std::string_view prefix);

/// The anatomical images that `selection` asks for, sorted by folder and name; may be empty.
///
/// Throws DatasetError if a participant is not in the dataset, if none of the sessions or none of
/// the runs is, if a modality is not an anatomical suffix, and if both the selection and its
/// filters name sessions. Everything else that was asked for and fits no image is reported to
/// `layout`: a list of sessions or runs may be written for many datasets.
std::vector<DataFile> select_images(const Layout& layout, const Selection& selection);

}  // namespace hypersynth::bids
