#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bids/issue.h"

namespace hypersynth::bids {

/// A tab-separated table with a header, as users write them: what does not fit becomes an issue
/// (TsvTable in core/tsv.h throws instead). A cell is text. `n/a` is read as an empty cell, and an
/// empty cell is written as `n/a`.
class Table {
 public:
  Table() = default;
  explicit Table(std::vector<std::string> columns) : columns_(std::move(columns)) {}

  /// Parses a table. Byte order marks, CR LF line ends, blank lines and a missing last newline are
  /// accepted. The following are accepted with an issue on `path`: rows that are too short, which
  /// are filled with empty cells; rows that are too long, whose last cells are dropped; two columns
  /// of one name; and lines that end with a carriage return alone, as on old Macintosh systems.
  static Table parse(std::string_view text, const std::string& path, Issues& issues);

  const std::vector<std::string>& columns() const { return columns_; }
  std::size_t row_count() const { return rows_.size(); }
  const std::vector<std::string>& row(std::size_t index) const { return rows_[index]; }
  /// The position of the column with this name; nothing if there is none.
  std::optional<std::size_t> column(std::string_view name) const;
  /// The cell of a row in the column with this name; nothing if there is no such column or the cell
  /// is n/a.
  std::optional<std::string_view> cell(std::size_t row, std::string_view column) const;

  /// Appends a row. Throws std::invalid_argument if it has not one cell for each column.
  void add_row(std::vector<std::string> cells);

  /// The text of the table: header and rows as tsv_line() writes them.
  std::string format() const;

 private:
  std::vector<std::string> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace hypersynth::bids
