#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bids/layout.h"
#include "bids/query.h"

namespace hypersynth::bids {

/// A filter file: for each anatomical suffix, what replaces the usual query.
struct FilterFile {
  std::string path;                        ///< for messages
  std::map<std::string, Query> by_suffix;  ///< "T1w" -> constraints; others keep the usual query
  bool names_sessions = false;             ///< some filter constrains the session
};

/// The filters in `text`: an object of modalities (`t1w`, `t2w`, `pdw`, `flair`, `t2starw`,
/// `inplanet1`, `inplanet2`, `unit1`), each an object of entities, `suffix`, `datatype` or
/// `extension`. A value is text, a number, `null` (the name lacks the entity), `"*"` (it has it,
/// any value) or a list of those (one of them). Unknown keys are left out and become issues;
/// throws DatasetError where the text is not of this form. `path` is for messages.
FilterFile parse_filter_file(std::string_view text, const std::string& path, Issues& issues);

/// Which images of a dataset are wanted; an empty list means all. Labels may carry their prefix
/// (`sub-01` or `01`).
struct Selection {
  std::vector<std::string> participants{};
  std::vector<std::string> excluded_participants{};
  std::vector<std::string> sessions{};
  std::vector<std::string> runs{};        ///< by number: 1 is also run-01
  std::vector<std::string> modalities{};  ///< suffixes in any case: "T1w", "t1w"
  FilterFile filters{};
};

/// The anatomical images that `selection` asks for, sorted by folder and name. Throws DatasetError
/// that names every participant unknown to the dataset, sessions or runs of which none is known,
/// and where sessions come both from the selection and from its filters; whatever else was asked
/// for and fits no image is reported to `layout`. An empty result is the caller's to judge.
std::vector<DataFile> select_images(const Layout& layout, const Selection& selection);

}  // namespace hypersynth::bids
