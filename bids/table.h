#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bids/issue.h"

namespace hypersynth::bids {

/// A tab-separated table with a header. A cell is text; an empty cell is written as `n/a`, and
/// `n/a` is read as an empty cell.
class Table {
 public:
  Table() = default;
  explicit Table(std::vector<std::string> columns) : columns_(std::move(columns)) {}

  /// The table in `text`: BOM, CRLF, a missing last newline and blank lines are accepted. Rows that
  /// are too short are filled, cells beyond the header dropped, lines that end with a carriage
  /// return alone are told apart, all with an issue on `path`.
  static Table parse(std::string_view text, const std::string& path, Issues& issues);

  const std::vector<std::string>& columns() const { return columns_; }
  std::size_t row_count() const { return rows_.size(); }
  const std::vector<std::string>& row(std::size_t index) const { return rows_[index]; }
  std::optional<std::size_t> column(std::string_view name) const;
  /// The cell of the column with this name; nothing where there is no such column or the cell is
  /// n/a.
  std::optional<std::string_view> cell(std::size_t row, std::string_view column) const;

  /// Throws std::invalid_argument where the count of cells is not that of the columns.
  void add_row(std::vector<std::string> cells);

  /// The text, lines ended by a newline, as tsv_line() writes them.
  std::string format() const;

 private:
  std::vector<std::string> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace hypersynth::bids
