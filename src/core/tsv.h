#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hypersynth {

// Tables of tab-separated values as BIDS has them: a line of column names, then one row per line.

/// A line of a table.
struct TsvLine {
  std::size_t number = 0;  ///< in the file, from 1
  std::vector<std::string_view> cells;
};

/// The lines of `text` that are not blank, cut at tabs; the views point into `text`. Takes one or
/// more byte order marks (tables that were joined by hand have them) and CR LF line ends.
/// `line_end` is '\n', or '\r' for files of old Macintosh systems.
std::vector<TsvLine> split_tsv(std::string_view text, char line_end = '\n');

/// `cells` as a line, with its line end. An empty cell is written as n/a, tabs and line breaks
/// inside a cell as spaces, bytes that are not UTF-8 as U+FFFD.
std::string tsv_line(const std::vector<std::string>& cells);

/// A table that the program cannot do without: any fault of it is an InputError with the path, and
/// the line and column where there are some. (bids::Table takes what users' tables are like.)
class TsvTable {
 public:
  /// Throws InputError where there is no line, a column name repeats or a row has not one cell per
  /// column.
  TsvTable(std::string text, std::string path);

  std::size_t row_count() const { return lines_.size() - 1; }

  /// The position of a column; throws InputError where there is none of this name.
  std::size_t column(std::string_view name) const;
  std::optional<std::size_t> find_column(std::string_view name) const;

  /// The cell as it stands in the file.
  std::string_view text(std::size_t row, std::size_t column) const;
  /// Throws InputError where the cell is no integer of 32 bits.
  std::int32_t integer(std::size_t row, std::size_t column) const;

  /// Throws InputError for a cell: `expected` and the text found, with line and column.
  [[noreturn]] void fail(std::size_t row, std::size_t column, const std::string& expected) const;

 private:
  const std::vector<std::string_view>& columns() const { return lines_.front().cells; }

  std::string path_;
  std::unique_ptr<const std::string> text_;  ///< that `lines_` point into
  std::vector<TsvLine> lines_;               ///< the first holds the columns' names
};

}  // namespace hypersynth
