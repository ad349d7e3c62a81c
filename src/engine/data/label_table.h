#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hypersynth {

/// One structure of the label maps that images are synthesised from.
struct LabelTableRow {
  std::int32_t index = 0;  // value in the label maps
  std::string name;
  std::int32_t contralateral = 0;       // value of its mirror; its own on the midline
  std::int32_t intensity_class = 0;     // structures of one class share their grey values
  std::int32_t segmentation_index = 0;  // structure it is segmented as; 0: background
};

/// The structures of a set of label maps. Training works with row numbers, not label values.
class LabelTable {
 public:
  LabelTable() = default;
  /// Checks the rows (see read_label_table); `path` is for messages.
  LabelTable(std::vector<LabelTableRow> rows, const std::string& path);

  const std::vector<LabelTableRow>& rows() const { return rows_; }
  /// Row of a label value, or -1.
  int row_of(std::int32_t index) const;
  /// Row of the background, label value 0.
  int background_row() const { return row_of(0); }
  int intensity_class_count() const;
  /// Label values that are segmented, ascending: a value's position is the network's class.
  const std::vector<std::int32_t>& segmentation_labels() const { return segmentation_labels_; }
  /// Class of a segmented label value, or -1.
  int class_of(std::int32_t segmentation_index) const;
  std::string name_of(std::int32_t index) const;
  /// Tissue outside brain and CSF, absent from skull-stripped images: named "extracerebral ...".
  bool extracerebral(int row) const;

 private:
  std::vector<LabelTableRow> rows_;
  std::vector<std::int32_t> segmentation_labels_;
};

/// Reads a tab-separated table with the columns index, name, contralateral, intensity_class and
/// segmentation_index, in any order. Throws InputError for a missing file or column, a value that
/// is no integer, a repeated index, no row for the background (index, class and segmentation 0), a
/// contralateral or segmentation_index that is no index of the table, a mirror that is not mutual,
/// class numbers with a gap, or more than 256 rows.
LabelTable read_label_table(const std::string& path);

/// The table as a file of that form.
std::string format_label_table(const LabelTable& table);

/// As read_label_table, from text.
LabelTable parse_label_table(const std::string& text, const std::string& path);

}  // namespace hypersynth
