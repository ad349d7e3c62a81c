#include "nodes/lookup.h"

#include <cstdio>
#include <map>

#include "image/line_palette.h"
#include "image/lookup_table.h"
#include "image/structures.h"
#include "report/volume_section.h"

namespace hypersynth {

std::vector<bids::LookupRow> lookup_table(const Model& model) {
  std::vector<bids::LookupRow> rows;
  for (const auto& entry : model.manifest.labels) {
    const Label label = describe_label(entry.index, entry.name);
    char color[8];
    std::snprintf(color, sizeof color, "#%02x%02x%02x", label.color[0], label.color[1],
                  label.color[2]);
    rows.push_back({label.index, label.name, label.abbreviation, color,
                    label.mapping ? std::to_string(*label.mapping) : std::string()});
  }
  return rows;
}

std::vector<Rgb> line_colours(const std::vector<LabelVolume>& structures) {
  const auto palette = line_palette();
  std::vector<StructureVolume> named;
  for (const auto& structure : structures) named.push_back({structure.index, structure.name, {}});
  const std::vector<StructureRow> rows = pair_sides(named);
  std::map<std::int32_t, Rgb> colour_of;
  const auto add = [&](std::int32_t label, std::size_t row, bool right) {
    const Structure* const known = rows.size() > palette.size() ? find_structure(label) : nullptr;
    const LineColor& color = palette[known != nullptr ? known->line_color : row % palette.size()];
    const auto& tone = (known != nullptr ? known->right_tone : right) ? color.right : color.left;
    colour_of[label] = {tone[0], tone[1], tone[2]};
  };
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (rows[row].left) add(rows[row].left->label, row, false);
    if (rows[row].right) add(rows[row].right->label, row, true);
  }
  std::vector<Rgb> colours;
  for (const auto& structure : structures) colours.push_back(colour_of.at(structure.index));
  return colours;
}

}  // namespace hypersynth
