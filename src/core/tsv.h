#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hypersynth {

// Tables of tab-separated values as BIDS defines them: a line of column names, then one row per
// line.

/// A line of a table.
struct TsvLine {
  std::size_t number = 0;  ///< line number in the file, from 1
  std::vector<std::string_view> cells;
};

/// Cuts `text` into lines, without the blank ones, and the lines at tabs. The views point into
/// `text`. Leading byte order marks are skipped (tables that were joined by hand have several), and
/// so is the carriage return of CR LF line ends. `line_end` is '\n', or '\r' for files of old
/// Macintosh systems.
std::vector<TsvLine> split_tsv(std::string_view text, char line_end = '\n');

/// `cells` as one line, with its newline. An empty cell is written as n/a, tabs and line breaks
/// inside a cell as spaces, and bytes that are not UTF-8 as U+FFFD.
std::string tsv_line(const std::vector<std::string>& cells);

/// A table that the program cannot do without. Anything wrong with it throws InputError with the
/// path and, if possible, line and column. For tables that users write, bids::Table is more
/// forgiving.
class TsvTable {
 public:
  /// Parses `text`. Throws InputError if it has no line, if two columns have the same name or if a
  /// row has not one cell for each column.
  TsvTable(std::string text, std::string path);

  std::size_t row_count() const { return lines_.size() - 1; }

  /// The position of a column; throws InputError if there is no column of this name.
  std::size_t column(std::string_view name) const;
  /// The position of a column; nothing if there is no column of this name.
  std::optional<std::size_t> find_column(std::string_view name) const;

  /// The cell exactly as it stands in the file.
  std::string_view text(std::size_t row, std::size_t column) const;
  /// The cell as a number; throws InputError if it is not an integer of 32 bits.
  std::int32_t integer(std::size_t row, std::size_t column) const;

  /// Throws InputError about a cell, with its line and column: `expected`, and the text that was
  /// found.
  [[noreturn]] void fail(std::size_t row, std::size_t column, const std::string& expected) const;

 private:
  const std::vector<std::string_view>& columns() const { return lines_.front().cells; }

  std::string path_;
  std::unique_ptr<const std::string> text_;  ///< the text that `lines_` point into
  std::vector<TsvLine> lines_;               ///< the first line holds the column names
};

}  // namespace hypersynth
