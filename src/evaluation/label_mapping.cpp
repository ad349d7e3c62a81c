#include "evaluation/label_mapping.h"

#include <utility>

#include "core/tsv.h"

namespace hypersynth {

LabelMapping LabelMapping::parse(std::string text, const std::string& path) {
  const TsvTable table(std::move(text), path);
  const std::size_t index = table.column("index"), mapping = table.column("mapping");
  LabelMapping result;
  result.table_.emplace();
  for (std::size_t row = 0; row < table.row_count(); ++row) {
    const auto target = table.text(row, mapping);
    const bool is_ignored = target.empty() || target == "n/a";
    const std::int32_t to = is_ignored ? 0 : table.integer(row, mapping);
    if (!result.table_->emplace(table.integer(row, index), to).second)
      table.fail(row, index, "an index that occurs once");
  }
  return result;
}

std::int32_t LabelMapping::apply(std::int32_t label) const {
  if (!table_ || label == 0) return label;
  const auto found = table_->find(label);
  return found == table_->end() ? 0 : found->second;
}

std::set<std::int32_t> LabelMapping::apply(LabelMap& labels) const {
  std::set<std::int32_t> unknown;
  if (!table_) return unknown;
  std::int32_t from = 0, to = 0;
  for (auto& label : labels.voxels) {
    if (label != from) {
      from = label;
      to = apply(label);
      if (from != 0 && table_->count(from) == 0) unknown.insert(from);
    }
    label = to;
  }
  return unknown;
}

}  // namespace hypersynth
