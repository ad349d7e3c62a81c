#include "nodes/morph_table.h"

#include <charconv>
#include <limits>

#include <nlohmann/json.hpp>

#include "bids/derivative.h"
#include "bids/table.h"
#include "core/number_text.h"
#include "nodes/tissue_classes.h"

namespace hypersynth {

namespace {

constexpr const char* kSoft = "volume_soft_mm3";
constexpr const char* kHard = "volume_hard_mm3";

std::string cubic_millimetres(double value) { return decimal_places(value, 3); }

double number_or_nan(std::optional<std::string_view> text) {
  double value = std::numeric_limits<double>::quiet_NaN();
  if (text) std::from_chars(text->data(), text->data() + text->size(), value);
  return value;
}

}  // namespace

std::string format_volume_table(const std::vector<LabelVolume>& volumes, double intracranial_mm3) {
  bids::Table table({"index", "name", kSoft, kHard});
  double hard = 0;
  for (const auto& volume : volumes) {
    hard += volume.hard_mm3;
    table.add_row({std::to_string(volume.index), volume.name, cubic_millimetres(volume.soft_mm3),
                   cubic_millimetres(volume.hard_mm3)});
  }
  for (const auto& sum : volume_sums(volumes))
    table.add_row({"", sum.name, cubic_millimetres(sum.soft_mm3), cubic_millimetres(sum.hard_mm3)});
  table.add_row(
      {"", "intracranial volume", cubic_millimetres(intracranial_mm3), cubic_millimetres(hard)});
  return table.format();
}

std::vector<LabelVolume> parse_volume_table(std::string_view text) {
  bids::Issues ignored;  // of a table that this program wrote, and whose digest the record holds
  const auto table = bids::Table::parse(text, "", ignored);
  std::vector<LabelVolume> volumes;
  for (std::size_t row = 0; row < table.row_count(); ++row) {
    const auto index = table.cell(row, "index");
    const auto name = table.cell(row, "name");
    LabelVolume volume;
    if (!index || !name) continue;
    const auto end = index->data() + index->size();
    if (std::from_chars(index->data(), end, volume.index).ptr != end) continue;
    volume.name = *name;
    volume.soft_mm3 = number_or_nan(table.cell(row, kSoft));
    volume.hard_mm3 = number_or_nan(table.cell(row, kHard));
    volumes.push_back(std::move(volume));
  }
  return volumes;
}

std::string volume_table_sidecar() {
  return bids::format_sidecar(
      {{"index", {{"Description", "Value of the structure in the label map"}}},
       {"name",
        {{"Description",
          "Name of the structure, or of a sum of several: rows without an index, the last of "
          "all"}}},
       {kSoft,
        {{"Description",
          "Sum of the posterior over all voxels times the volume of a voxel, on the "
          "grid of the model: less sensitive to resolution than counting voxels"},
         {"Units", "mm^3"}}},
       {kHard,
        {{"Description",
          "Voxels that carry the label times the volume of a voxel, on the grid of "
          "the image"},
         {"Units", "mm^3"}}}});
}

}  // namespace hypersynth
