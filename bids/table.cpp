#include "bids/table.h"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace hypersynth::bids {
namespace {

/// Takes the first line off `text`, without its line break: a newline, or `line_end` where that is
/// a carriage return alone.
std::string_view take_line(std::string_view& text, char line_end) {
  const auto newline = text.find(line_end);
  std::string_view line = text.substr(0, newline);
  text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::vector<std::string> split_cells(std::string_view line) {
  std::vector<std::string> cells;
  for (auto tab = line.find('\t'); tab != std::string_view::npos; tab = line.find('\t')) {
    cells.emplace_back(line.substr(0, tab));
    line.remove_prefix(tab + 1);
  }
  cells.emplace_back(line);
  for (auto& cell : cells) {
    if (cell == "n/a") cell.clear();
  }
  return cells;
}

std::string format_cell(std::string_view cell) {
  if (cell.empty()) return "n/a";
  std::string text = valid_utf8(cell);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
  return text;
}

std::string format_line(const std::vector<std::string>& cells) {
  std::string line;
  for (const auto& cell : cells) line += (line.empty() ? "" : "\t") + format_cell(cell);
  return line + "\n";
}

}  // namespace

Table Table::parse(std::string_view text, const std::string& path, Issues& issues) {
  // Tables that were joined by hand have more than one.
  while (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const bool has_newlines = text.find('\n') != std::string_view::npos;
  const char line_end = has_newlines || text.find('\r') == std::string_view::npos ? '\n' : '\r';
  if (line_end == '\r')
    issues.push_back({IssueCode::kTableInvalid, path,
                      "lines end with a carriage return alone, as on old Macintosh systems; "
                      "expected a newline"});
  Table table(split_cells(take_line(text, line_end)));
  const auto& columns = table.columns_;
  if (std::set<std::string>(columns.begin(), columns.end()).size() != columns.size())
    issues.push_back({IssueCode::kTableInvalid, path, "two columns have the same name"});
  for (std::size_t line = 2; !text.empty(); ++line) {
    const std::string_view row = take_line(text, line_end);
    if (row.empty()) continue;
    auto cells = split_cells(row);
    if (cells.size() != columns.size()) {
      issues.push_back({IssueCode::kTableInvalid, path,
                        "line " + std::to_string(line) + " has " + std::to_string(cells.size()) +
                            " cells, the header " + std::to_string(columns.size())});
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
  std::string text = format_line(columns_);
  for (const auto& row : rows_) text += format_line(row);
  return text;
}

}  // namespace hypersynth::bids
