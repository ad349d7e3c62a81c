#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/data/label_table.h"

namespace hypersynth {

/// What a lookup table (BIDS `_dseg.tsv`) or a label table says of one value of label maps. A field
/// is empty where the table does not have the column, or has no value in it.
struct LabelDescription {
  std::int32_t index = 0;
  std::string name;
  std::optional<std::int32_t> contralateral = {};
  std::optional<std::int32_t> intensity_class = {};
  std::optional<std::int32_t> segmentation_index = {};
};

/// Reads a lookup table, which may be compressed (gzip). The columns index and name are required.
/// The columns contralateral, intensity_class and segmentation_index may be missing, n/a or empty.
/// Other columns are ignored. Throws InputError, with the line, if a required column is missing, a
/// value is no whole number, an index occurs twice or a label has no name.
std::vector<LabelDescription> read_label_descriptions(const std::string& path);
/// As read_label_descriptions(), from the text of the table; `path` is for messages.
std::vector<LabelDescription> parse_label_descriptions(std::string text, const std::string& path);

/// Derives the label table for the synthesis from label maps that hold the values `present`; these
/// need not include 0, the background. `path` is that of the described table, for messages.
///
/// Rows: the table gets a row for each value in `present` and for the background. It also gets rows
/// for the structures that these name as contralateral or as segmentation_index. Throws InputError
/// if one of these values is not described, and then names all that are missing. The background
/// need not be described. Rows are in ascending order of their values.
///
/// Contralateral: the described value or, where there is none, the label whose name is the same but
/// for the side (see split_sided_name). A structure whose name has no side lies on the midline and
/// is its own mirror. If several labels have the name of the other side, those that are present
/// come first, then those that are spelled the same. Throws InputError if a name has a side, but no
/// label or several labels have the name of the other side.
///
/// Name: names that have a side begin with it, as "left x" or "right x", because a model finds a
/// structure's mirror by these words (ModelManifest::contralateral). The rest is as it was given:
/// "Left-Cerebral-White-Matter" becomes "left Cerebral-White-Matter", and "ctx-rh-insula" becomes
/// "right ctx-insula". If the rest is spelled in two ways, the right side is spelled as the left
/// one. Throws InputError if a name has no letter or digit besides a side, or if a model would not
/// find the mirror of a segmented structure by the names. Names that begin with "extracerebral", in
/// any letter case, stay in front with that word in lower case: LabelTable::extracerebral looks for
/// it.
///
/// Intensity class: if all rows but that of the background have a described one, these are used,
/// numbered anew without the gaps that absent labels leave. If no row has one, each structure gets
/// a class of its own, which its two sides share, in order of the label values. Throws InputError
/// with the labels that have none if only some rows have one. The background is in class 0.
///
/// Segmentation index: the described value or, where there is none, the label itself. It is 0 for
/// the background and for tissue whose name begins with "extracerebral".
///
/// Throws InputError also for what LabelTable refuses: contralateral structures that do not name
/// each other, a background that is segmented or in another class, or more than 256 rows.
LabelTable derive_label_table(const std::vector<LabelDescription>& described,
                              const std::set<std::int32_t>& present, const std::string& path);

}  // namespace hypersynth
