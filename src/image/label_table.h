#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hypersynth {

/// One structure of a segmentation: a row of a BIDS lookup table (`_dseg.tsv`).
struct Label {
  std::int32_t index = 0;
  std::string name;
  std::string abbreviation;
  std::array<std::uint8_t, 3> color{};  ///< red, green, blue
  /// Index in the standard table of the BIDS specification ("Common image-derived labels").
  std::optional<std::int32_t> mapping;
};

/// The label of this FreeSurfer index and this name, with the abbreviation, colour (that of
/// FreeSurfer's table, where right white matter is made grey) and BIDS mapping of the structure.
/// An index that is not one of the 33 structures and background gets a colour made from it, no
/// abbreviation and no mapping.
Label describe_label(std::int32_t index, const std::string& name);

/// Reads a BIDS lookup table: columns index and name; abbreviation, color (#rrggbb) and mapping are
/// optional and may be n/a, and are then those of describe_label(); other columns are ignored.
/// Throws InputError, with the line, for a missing column, a value of the wrong form or an index
/// that repeats.
std::vector<Label> read_label_table(const std::string& path);
std::vector<Label> parse_label_table(std::string text, const std::string& path);

/// Writes a BIDS lookup table, atomically. Tabs and line ends in names become spaces.
void write_label_table(const std::string& path, const std::vector<Label>& labels);

/// One value of the label maps that images are synthesised from.
struct SynthesisLabel {
  std::int32_t index = 0;
  std::string name;
  std::int32_t contralateral = 0;       ///< index on the other side; its own on the midline
  std::int32_t intensity_class = 0;     ///< labels of one class share their intensity; from 0
  std::int32_t segmentation_index = 0;  ///< structure it is segmented as; 0 is background
};

/// Reads a table of synthesis labels: columns index, name, contralateral, intensity_class and
/// segmentation_index. Throws InputError as read_label_table() does, and where a contralateral
/// label is absent or not mutual or an intensity class negative.
std::vector<SynthesisLabel> read_synthesis_labels(const std::string& path);
std::vector<SynthesisLabel> parse_synthesis_labels(std::string text, const std::string& path);

/// Writes a table of synthesis labels, atomically.
void write_synthesis_labels(const std::string& path, const std::vector<SynthesisLabel>& labels);

}  // namespace hypersynth
