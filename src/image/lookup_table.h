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
std::vector<Label> read_lookup_table(const std::string& path);
std::vector<Label> parse_lookup_table(std::string text, const std::string& path);

/// Writes a BIDS lookup table, atomically. Tabs and line ends in names become spaces.
void write_lookup_table(const std::string& path, const std::vector<Label>& labels);

}  // namespace hypersynth
