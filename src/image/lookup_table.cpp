#include "image/lookup_table.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "core/tsv.h"
#include "image/gz_file.h"
#include "image/gz_output.h"
#include "image/structures.h"

namespace hypersynth {

namespace {

constexpr std::size_t kMaxTableBytes = std::size_t{1} << 20;
constexpr std::string_view kAbsent = "n/a";

void write_text(const std::string& path, const std::string& text) {
  GzOutput file(path);
  file.write(std::as_bytes(std::span(text)));
  file.commit();
}

std::string to_text(const std::array<std::uint8_t, 3>& color) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text = "#";
  for (const auto part : color) {
    text += kHex[part >> 4];
    text += kHex[part & 15];
  }
  return text;
}

bool parse_color(std::string_view text, std::array<std::uint8_t, 3>& color) {
  if (text.size() != 7 || text[0] != '#') return false;
  for (std::size_t i = 0; i < 3; ++i) {
    const char* const begin = text.data() + 1 + 2 * i;
    const auto [end, error] = std::from_chars(begin, begin + 2, color[i], 16);
    if (error != std::errc() || end != begin + 2) return false;
  }
  return true;
}

/// Index of a row, which must be the first of that value.
std::int32_t unique_index(const TsvTable& table, std::size_t row, std::size_t column,
                          std::set<std::int32_t>& seen) {
  const std::int32_t index = table.integer(row, column);
  if (!seen.insert(index).second) table.fail(row, column, "an index that occurs once");
  return index;
}

/// A field that may be absent.
struct OptionalColumn {
  const TsvTable& table;
  std::optional<std::size_t> column;

  OptionalColumn(const TsvTable& of, std::string_view name)
      : table(of), column(of.find_column(name)) {}
  bool has(std::size_t row) const { return column && table.text(row, *column) != kAbsent; }
};

}  // namespace

std::string read_table_text(const std::string& path) {
  GzFile file(path);
  std::string text(kMaxTableBytes + 1, '\0');
  text.resize(file.read(std::as_writable_bytes(std::span(text))));
  if (text.size() > kMaxTableBytes) {
    throw InputError(path, "a table of at most 1 MiB", "a larger file");
  }
  return text;
}

Label describe_label(std::int32_t index, const std::string& name) {
  Label label;
  label.index = index;
  label.name = name;
  if (const Structure* const structure = find_structure(index)) {
    label.abbreviation = structure->abbreviation;
    label.color = structure->color;
    label.mapping = structure->bids_index;
    return label;
  }
  // Steps of the golden ratio spread indices that are near each other.
  const std::uint32_t mixed = static_cast<std::uint32_t>(index) * 2654435769U;
  for (std::size_t i = 0; i < 3; ++i) {
    label.color[i] = static_cast<std::uint8_t>(64 + (mixed >> (8 + 8 * i) & 0xffU) * 3 / 4);
  }
  return label;
}

std::vector<Label> parse_lookup_table(std::string text, const std::string& path) {
  const TsvTable table(std::move(text), path);
  const std::size_t index = table.column("index");
  const std::size_t name = table.column("name");
  const OptionalColumn abbreviation(table, "abbreviation");
  const OptionalColumn color(table, "color");
  const OptionalColumn mapping(table, "mapping");
  std::set<std::int32_t> seen;
  std::vector<Label> labels;
  for (std::size_t row = 0; row < table.row_count(); ++row) {
    Label label =
        describe_label(unique_index(table, row, index, seen), std::string(table.text(row, name)));
    if (abbreviation.has(row)) label.abbreviation = table.text(row, *abbreviation.column);
    if (color.has(row) && !parse_color(table.text(row, *color.column), label.color)) {
      table.fail(row, *color.column, "a colour #rrggbb");
    }
    if (mapping.has(row)) label.mapping = table.integer(row, *mapping.column);
    labels.push_back(std::move(label));
  }
  return labels;
}

std::vector<Label> read_lookup_table(const std::string& path) {
  return parse_lookup_table(read_table_text(path), path);
}

void write_lookup_table(const std::string& path, const std::vector<Label>& labels) {
  std::string text = tsv_line({"index", "name", "abbreviation", "color", "mapping"});
  for (const Label& label : labels) {
    text += tsv_line({std::to_string(label.index), label.name, label.abbreviation,
                      to_text(label.color), label.mapping ? std::to_string(*label.mapping) : ""});
  }
  write_text(path, text);
}

}  // namespace hypersynth
