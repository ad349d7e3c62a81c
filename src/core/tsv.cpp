#include "core/tsv.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/error.h"
#include "core/utf8.h"

namespace hypersynth {

namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kAbsent = "n/a";
/// Characters of the file that a message quotes.
constexpr std::size_t kMostQuoted = 200;

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

std::vector<std::string_view> split_cells(std::string_view line) {
  std::vector<std::string_view> cells;
  for (auto tab = line.find('\t'); tab != std::string_view::npos; tab = line.find('\t')) {
    cells.push_back(line.substr(0, tab));
    line.remove_prefix(tab + 1);
  }
  cells.push_back(line);
  return cells;
}

std::string written_cell(std::string_view cell) {
  if (cell.empty()) return std::string(kAbsent);
  std::string text = valid_utf8(cell);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
  return text;
}

}  // namespace

std::vector<TsvLine> split_tsv(std::string_view text, char line_end) {
  while (text.substr(0, kByteOrderMark.size()) == kByteOrderMark)
    text.remove_prefix(kByteOrderMark.size());
  std::vector<TsvLine> lines;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find(line_end), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!line.empty()) lines.push_back({number, split_cells(line)});
  }
  return lines;
}

std::string tsv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (const auto& cell : cells) line += (line.empty() ? "" : "\t") + written_cell(cell);
  return line + "\n";
}

TsvTable::TsvTable(std::string text, std::string path)
    : path_(std::move(path)),
      text_(std::make_unique<const std::string>(std::move(text))),
      lines_(split_tsv(*text_)) {
  if (lines_.empty()) throw InputError(path_, "a line of column names", "an empty file");
  for (const auto name : columns()) {
    if (std::count(columns().begin(), columns().end(), name) > 1)
      throw InputError(path_, "column names that differ", "twice " + quoted(name));
  }
  for (const auto& line : lines_) {
    if (line.cells.size() == columns().size()) continue;
    throw InputError(
        path_, std::to_string(columns().size()) + " fields in line " + std::to_string(line.number),
        std::to_string(line.cells.size()));
  }
}

std::optional<std::size_t> TsvTable::find_column(std::string_view name) const {
  const auto found = std::find(columns().begin(), columns().end(), name);
  if (found == columns().end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns().begin());
}

std::size_t TsvTable::column(std::string_view name) const {
  if (const auto found = find_column(name)) return *found;
  std::string names;
  for (const auto column : columns()) names += (names.empty() ? "" : ", ") + std::string(column);
  throw InputError(path_, "a column " + quoted(name), "columns " + names.substr(0, kMostQuoted));
}

std::string_view TsvTable::text(std::size_t row, std::size_t column) const {
  return lines_.at(row + 1).cells.at(column);
}

std::int32_t TsvTable::integer(std::size_t row, std::size_t column) const {
  const auto cell = text(row, column);
  std::int32_t value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || end != cell.data() + cell.size()) fail(row, column, "an integer");
  return value;
}

void TsvTable::fail(std::size_t row, std::size_t column, const std::string& expected) const {
  throw InputError(path_,
                   expected + " in column " + quoted(columns().at(column)) + ", line " +
                       std::to_string(lines_.at(row + 1).number),
                   quoted(text(row, column).substr(0, kMostQuoted)));
}

}  // namespace hypersynth
