#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/html.h"
#include "report/report.h"

namespace hypersynth {

/// A structure of both sides, or one that has no sides (in `left`, with `paired` false).
struct StructureRow {
  std::string name;  ///< without the side
  bool paired = false;
  std::optional<StructureVolume> left;
  std::optional<StructureVolume> right;
};

/// Rows in the order in which the structures first appear.
std::vector<StructureRow> pair_sides(const std::vector<StructureVolume>& volumes);

/// 100 (left - right) / ((left + right) / 2); NaN where both are zero or one is NaN.
double asymmetry_percent(double left, double right);

/// The table of volumes and its charts, with rows of zero volume kept.
void write_volumes(HtmlWriter& html, const std::vector<StructureVolume>& volumes,
                   std::optional<double> icv_mm3);

}  // namespace hypersynth
