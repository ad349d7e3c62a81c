#include "nodes/lookup.h"

#include <cstdio>

#include "image/lookup_table.h"
#include "image/structures.h"

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

Rgb line_colour_of(std::int32_t index) {
  const Structure* const structure = find_structure(index);
  const auto color = structure != nullptr ? structure->line_color : describe_label(index, "").color;
  return {color[0], color[1], color[2]};
}

}  // namespace hypersynth
