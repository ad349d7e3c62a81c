#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/html.h"
#include "report/report.h"

namespace hypersynth {

/// A row of the table of volumes: the left and right side of one structure, or a structure that has
/// no sides, which is then in `left` with `paired` false.
struct StructureRow {
  std::string name;  ///< name without the side
  bool paired = false;
  std::optional<StructureVolume> left;
  std::optional<StructureVolume> right;
};

/// Joins left and right structures into rows, in the order in which the structures first appear.
std::vector<StructureRow> pair_sides(const std::vector<StructureVolume>& volumes);

/// Writes a square of each colour that the row has in the pictures.
void write_swatches(HtmlWriter& html, const StructureRow& row);

/// 100 (left - right) / ((left + right) / 2); NaN if both are zero or one is NaN.
double asymmetry_percent(double left, double right);

/// Writes the table of volumes and its charts. Structures with a volume of zero are kept: they may
/// have been missed.
void write_volumes(HtmlWriter& html, const std::vector<StructureVolume>& volumes,
                   std::optional<double> icv_mm3);

}  // namespace hypersynth
