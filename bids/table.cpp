#include "bids/table.h"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "core/tsv.h"

namespace hypersynth::bids {
namespace {

std::vector<std::string> cells_of(const TsvLine& line) {
  std::vector<std::string> cells(line.cells.begin(), line.cells.end());
  for (auto& cell : cells) {
    if (cell == "n/a") cell.clear();
  }
  return cells;
}

}  // namespace

Table Table::parse(std::string_view text, const std::string& path, Issues& issues) {
  const bool has_newlines = text.find('\n') != std::string_view::npos;
  const char line_end = has_newlines || text.find('\r') == std::string_view::npos ? '\n' : '\r';
  if (line_end == '\r')
    issues.push_back({IssueCode::kTableInvalid, path,
                      "lines end with a carriage return alone, as on old Macintosh systems; "
                      "expected a newline"});
  const auto lines = split_tsv(text, line_end);
  if (lines.empty()) return Table();
  Table table(cells_of(lines.front()));
  const auto& columns = table.columns_;
  if (std::set<std::string>(columns.begin(), columns.end()).size() != columns.size())
    issues.push_back({IssueCode::kTableInvalid, path, "two columns have the same name"});
  for (auto line = lines.begin() + 1; line != lines.end(); ++line) {
    auto cells = cells_of(*line);
    if (cells.size() != columns.size()) {
      issues.push_back({IssueCode::kTableInvalid, path,
                        "line " + std::to_string(line->number) + " has " +
                            std::to_string(cells.size()) + " cells, the header " +
                            std::to_string(columns.size())});
      cells.resize(columns.size());
    }
    table.rows_.push_back(std::move(cells));
  }
  return table;
}

std::optional<std::size_t> Table::column(std::string_view name) const {
  const auto found = std::find(columns_.begin(), columns_.end(), name);
  if (found == columns_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns_.begin());
}

std::optional<std::string_view> Table::cell(std::size_t row, std::string_view column_name) const {
  const auto index = column(column_name);
  if (!index || rows_[row][*index].empty()) return std::nullopt;
  return rows_[row][*index];
}

void Table::add_row(std::vector<std::string> cells) {
  if (cells.size() != columns_.size())
    throw std::invalid_argument("a table row needs one cell for each column");
  rows_.push_back(std::move(cells));
}

std::string Table::format() const {
  std::string text = tsv_line(columns_);
  for (const auto& row : rows_) text += tsv_line(row);
  return text;
}

}  // namespace hypersynth::bids
