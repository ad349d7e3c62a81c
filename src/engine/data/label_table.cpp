#include "engine/data/label_table.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "core/error.h"

namespace hypersynth {
namespace {

constexpr std::size_t kMostRows = 256;     // rows are stored as bytes
constexpr std::size_t kMostClasses = 255;  // the last byte is kIgnoredVoxel
constexpr const char* kColumns[] = {"index", "name", "contralateral", "intensity_class",
                                    "segmentation_index"};

[[noreturn]] void fail(const std::string& path, const std::string& expected,
                       const std::string& found) {
  throw InputError(path, expected, found);
}

std::vector<std::string> split(std::string line) {
  if (!line.empty() && line.back() == '\r') line.pop_back();
  std::vector<std::string> cells;
  std::istringstream stream(line);
  for (std::string cell; std::getline(stream, cell, '\t');) cells.push_back(cell);
  return cells;
}

std::int32_t integer(const std::string& cell, const char* column, const std::string& path) {
  std::int32_t value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || end != cell.data() + cell.size() || cell.empty() || value < 0)
    fail(path, std::string("a whole number in column ") + column, "'" + cell + "'");
  return value;
}

std::map<std::string, std::size_t> column_positions(const std::string& header,
                                                    const std::string& path) {
  std::map<std::string, std::size_t> positions;
  const auto cells = split(header);
  for (std::size_t i = 0; i < cells.size(); ++i) positions[cells[i]] = i;
  for (const char* column : kColumns) {
    if (positions.count(column) == 0)
      fail(path, std::string("a column ") + column, "'" + header + "'");
  }
  return positions;
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
  std::istringstream stream(text);
  std::string line;
  std::getline(stream, line);
  const auto positions = column_positions(line, path);
  std::vector<LabelTableRow> rows;
  while (std::getline(stream, line)) {
    const auto cells = split(line);
    if (cells.empty()) continue;
    const auto cell = [&](const char* column) -> const std::string& {
      const auto position = positions.at(column);
      if (position >= cells.size())
        fail(path, std::string("a value in column ") + column, "the row '" + line + "'");
      return cells[position];
    };
    const auto number = [&](const char* column) { return integer(cell(column), column, path); };
    rows.push_back({number("index"), cell("name"), number("contralateral"),
                    number("intensity_class"), number("segmentation_index")});
  }
  return LabelTable(std::move(rows), path);
}

LabelTable read_label_table(const std::filesystem::path& path) {
  std::ifstream stream(path);
  if (!stream || std::filesystem::is_directory(path))
    throw InputError(path.string(), "a table of labels (TSV)", "no readable file",
                     ExitCode::kInputMissing);
  std::ostringstream text;
  text << stream.rdbuf();
  return parse_label_table(text.str(), path.string());
}

std::string format_label_table(const LabelTable& table) {
  std::ostringstream text;
  text << "index\tname\tcontralateral\tintensity_class\tsegmentation_index\n";
  for (const auto& row : table.rows()) {
    text << row.index << '\t' << row.name << '\t' << row.contralateral << '\t'
         << row.intensity_class << '\t' << row.segmentation_index << '\n';
  }
  return text.str();
}

}  // namespace hypersynth
