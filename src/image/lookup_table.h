#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hypersynth {

/// A structure of a segmentation: one row of a BIDS lookup table (`_dseg.tsv`).
struct Label {
  std::int32_t index = 0;  ///< value in the label map
  std::string name;
  std::string abbreviation;
  std::array<std::uint8_t, 3> color{};  ///< red, green, blue
  /// Index in the standard table of the BIDS specification ("Common image-derived labels"); nothing
  /// if that table has no such structure.
  std::optional<std::int32_t> mapping;
};

/// The label with this FreeSurfer index and this name. Abbreviation, colour and BIDS mapping are
/// those of find_structure(). An index that is not known there gets a colour computed from the
/// index, no abbreviation and no mapping.
Label describe_label(std::int32_t index, const std::string& name);

/// Reads a BIDS lookup table. The columns index and name are required. The columns abbreviation,
/// color (#rrggbb) and mapping may be missing or n/a; their values are then those of
/// describe_label(). Other columns are ignored. Throws InputError, with the line, if a required
/// column is missing, a value has the wrong form or an index occurs twice.
std::vector<Label> read_lookup_table(const std::string& path);
/// As read_lookup_table(), from the text of the table; `path` is for messages.
std::vector<Label> parse_lookup_table(std::string text, const std::string& path);

/// The text of a table file, decompressed if it is gzip. Throws InputError if it cannot be read or
/// has more than 1 MiB.
std::string read_table_text(const std::string& path);

/// Writes a BIDS lookup table as an atomic file. Tabs and line ends in names become spaces.
void write_lookup_table(const std::string& path, const std::vector<Label>& labels);

}  // namespace hypersynth
