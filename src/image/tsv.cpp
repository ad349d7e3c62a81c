#include "image/tsv.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/error.h"

namespace hypersynth {

namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

}  // namespace

TsvTable::TsvTable(std::string text, std::string path)
    : text_(std::move(text)), path_(std::move(path)) {
  std::size_t begin = text_.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  for (std::size_t line = 1; begin < text_.size(); ++line) {
    const std::size_t newline = std::min(text_.find('\n', begin), text_.size());
    std::size_t end = newline;
    while (end > begin && text_[end - 1] == '\r') --end;
    if (end > begin) add_row(begin, end, line);
    begin = newline + 1;
  }
  if (columns_.empty()) throw InputError(path_, "a line of column names", "an empty file");
}

void TsvTable::add_row(std::size_t begin, std::size_t end, std::size_t line) {
  const bool is_header = columns_.empty();
  auto& row = is_header ? columns_ : fields_;
  const std::size_t before = row.size();
  for (std::size_t start = begin; start <= end;) {
    const std::size_t stop = std::min(text_.find('\t', start), end);
    row.push_back({start, stop - start});
    start = stop + 1;
  }
  if (is_header) {
    for (const Field& field : columns_) {
      const auto same = [&](const Field& other) { return view(other) == view(field); };
      if (std::count_if(columns_.begin(), columns_.end(), same) > 1) {
        throw InputError(path_, "column names that differ", "twice " + quoted(view(field)));
      }
    }
    return;
  }
  if (row.size() - before != columns_.size()) {
    throw InputError(path_,
                     std::to_string(columns_.size()) + " fields in line " + std::to_string(line),
                     std::to_string(row.size() - before));
  }
  lines_.push_back(line);
}

std::optional<std::size_t> TsvTable::find_column(std::string_view name) const {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (view(columns_[i]) == name) return i;
  }
  return std::nullopt;
}

std::size_t TsvTable::column(std::string_view name) const {
  if (const auto found = find_column(name)) return *found;
  std::string names;
  for (const Field& field : columns_)
    names += (names.empty() ? "" : ", ") + std::string(view(field));
  throw InputError(path_, "a column " + quoted(name), "columns " + names.substr(0, 200));
}

std::string_view TsvTable::text(std::size_t row, std::size_t column) const {
  return view(fields_.at(row * columns_.size() + column));
}

std::int32_t TsvTable::integer(std::size_t row, std::size_t column) const {
  const auto field = text(row, column);
  std::int32_t value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (error != std::errc() || end != field.data() + field.size()) fail(row, column, "an integer");
  return value;
}

void TsvTable::fail(std::size_t row, std::size_t column, const std::string& expected) const {
  throw InputError(path_,
                   expected + " in column " + quoted(view(columns_.at(column))) + ", line " +
                       std::to_string(lines_.at(row)),
                   quoted(text(row, column).substr(0, 100)));
}

}  // namespace hypersynth
