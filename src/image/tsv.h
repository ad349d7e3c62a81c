#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hypersynth {

/// A table of tab-separated values as BIDS has them: a line of column names, then one row per
/// line. Takes CR LF line ends and a byte order mark; skips blank lines.
class TsvTable {
 public:
  /// Throws InputError, with `path` and the line, where a column name repeats or a row has not one
  /// field per column.
  TsvTable(std::string text, std::string path);

  std::size_t row_count() const { return lines_.size(); }

  /// Throws InputError where there is no such column.
  std::size_t column(std::string_view name) const;
  std::optional<std::size_t> find_column(std::string_view name) const;

  std::string_view text(std::size_t row, std::size_t column) const;
  /// Throws InputError where the field is no integer of 32 bits.
  std::int32_t integer(std::size_t row, std::size_t column) const;

  /// Throws InputError for a field: `expected` and the text found, with line and column.
  [[noreturn]] void fail(std::size_t row, std::size_t column, const std::string& expected) const;

 private:
  struct Field {
    std::size_t begin;
    std::size_t length;
  };
  void add_row(std::size_t begin, std::size_t end, std::size_t line);
  std::string_view view(const Field& field) const {
    return std::string_view(text_).substr(field.begin, field.length);
  }

  std::string text_;
  std::string path_;
  std::vector<Field> columns_;
  std::vector<Field> fields_;       ///< row after row
  std::vector<std::size_t> lines_;  ///< of each row, from 1
};

}  // namespace hypersynth
