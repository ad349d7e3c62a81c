#include "engine/data/label_table.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "core/error.h"
#include "core/regular_file.h"
#include "core/tsv.h"

namespace hypersynth {
namespace {

constexpr std::size_t kMostRows = 256;     // rows are stored as bytes
constexpr std::size_t kMostClasses = 255;  // the last byte is kIgnoredVoxel

[[noreturn]] void fail(const std::string& path, const std::string& expected,
                       const std::string& found) {
  throw InputError(path, expected, found);
}

/// A value of a label map: 0 or above.
std::int32_t whole_number(const TsvTable& table, std::size_t row, std::size_t column) {
  const auto value = table.integer(row, column);
  if (value < 0) table.fail(row, column, "a whole number");
  return value;
}

}  // namespace

LabelTable::LabelTable(std::vector<LabelTableRow> rows, const std::string& path)
    : rows_(std::move(rows)) {
  if (rows_.empty() || rows_.size() > kMostRows)
    fail(path, "1 to 256 structures", std::to_string(rows_.size()));
  std::set<std::int32_t> indices, segmented, classes;
  for (const auto& row : rows_) {
    if (!indices.insert(row.index).second)
      fail(path, "each index once", "index " + std::to_string(row.index) + " twice");
    segmented.insert(row.segmentation_index);
    classes.insert(row.intensity_class);
  }
  if (indices.count(0) == 0) fail(path, "a row for the background, index 0", "none");
  for (const auto& row : rows_) {
    const auto mirror = row_of(row.contralateral);
    if (mirror < 0 || rows_[static_cast<std::size_t>(mirror)].contralateral != row.index)
      fail(path, "contralateral structures that name each other",
           std::to_string(row.index) + " -> " + std::to_string(row.contralateral));
    if (indices.count(row.segmentation_index) == 0)
      fail(path, "a segmentation_index that is an index of the table",
           std::to_string(row.segmentation_index));
  }
  const auto& background = rows_[static_cast<std::size_t>(background_row())];
  if (background.segmentation_index != 0 || background.intensity_class != 0)
    fail(path, "the background (index 0) in intensity class 0 and segmented as 0",
         "class " + std::to_string(background.intensity_class) + ", segmented as " +
             std::to_string(background.segmentation_index));
  if (*classes.rbegin() + 1 != static_cast<std::int32_t>(classes.size()))
    fail(path, "intensity classes numbered 0, 1, 2, ... without a gap",
         std::to_string(classes.size()) + " classes, the largest " +
             std::to_string(*classes.rbegin()));
  segmented.insert(0);
  if (segmented.size() > kMostClasses)
    fail(path, "at most 255 segmented structures", std::to_string(segmented.size()));
  segmentation_labels_.assign(segmented.begin(), segmented.end());
}

int LabelTable::row_of(std::int32_t index) const {
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (rows_[i].index == index) return static_cast<int>(i);
  }
  return -1;
}

int LabelTable::intensity_class_count() const {
  int largest = 0;
  for (const auto& row : rows_) largest = std::max(largest, row.intensity_class);
  return largest + 1;
}

int LabelTable::class_of(std::int32_t segmentation_index) const {
  const auto found = std::lower_bound(segmentation_labels_.begin(), segmentation_labels_.end(),
                                      segmentation_index);
  if (found == segmentation_labels_.end() || *found != segmentation_index) return -1;
  return static_cast<int>(found - segmentation_labels_.begin());
}

std::string LabelTable::name_of(std::int32_t index) const {
  const int row = row_of(index);
  return row < 0 ? std::string() : rows_[static_cast<std::size_t>(row)].name;
}

bool LabelTable::extracerebral(int row) const {
  return rows_[static_cast<std::size_t>(row)].name.rfind("extracerebral", 0) == 0;
}

LabelTable parse_label_table(const std::string& text, const std::string& path) {
  const TsvTable table(text, path);
  const auto index = table.column("index");
  const auto name = table.column("name");
  const auto contralateral = table.column("contralateral");
  const auto intensity_class = table.column("intensity_class");
  const auto segmentation_index = table.column("segmentation_index");
  std::vector<LabelTableRow> rows;
  for (std::size_t row = 0; row < table.row_count(); ++row) {
    rows.push_back({whole_number(table, row, index), std::string(table.text(row, name)),
                    whole_number(table, row, contralateral),
                    whole_number(table, row, intensity_class),
                    whole_number(table, row, segmentation_index)});
  }
  return LabelTable(std::move(rows), path);
}

LabelTable read_label_table(const std::string& path) {
  try {
    open_regular_file(path);  // a named pipe would keep the stream waiting
  } catch (const std::system_error& error) {
    throw InputError(path, "a table of labels (TSV)", error.code().message(),
                     ExitCode::kInputMissing);
  }
  std::ifstream stream(path);
  std::ostringstream text;
  text << stream.rdbuf();
  return parse_label_table(text.str(), path);
}

std::string format_label_table(const LabelTable& table) {
  std::string text =
      tsv_line({"index", "name", "contralateral", "intensity_class", "segmentation_index"});
  for (const auto& row : table.rows()) {
    text += tsv_line({std::to_string(row.index), row.name, std::to_string(row.contralateral),
                      std::to_string(row.intensity_class), std::to_string(row.segmentation_index)});
  }
  return text;
}

}  // namespace hypersynth
