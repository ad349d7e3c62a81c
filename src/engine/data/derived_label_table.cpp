#include "engine/data/derived_label_table.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

#include "core/error.h"
#include "core/joined.h"
#include "core/tsv.h"
#include "engine/data/sided_name.h"
#include "engine/model/manifest.h"
#include "image/lookup_table.h"

namespace hypersynth {
namespace {

constexpr std::string_view kAbsent = "n/a";
constexpr std::string_view kExtracerebral = "extracerebral";
/// Labels that a message lists.
constexpr std::size_t kMostListed = 10;

bool is_absent(std::string_view text) { return text.empty() || text == kAbsent; }

/// A value of label maps, or a class: 0 or above.
std::int32_t whole_number(const TsvTable& table, std::size_t row, std::size_t column) {
  const auto value = table.integer(row, column);
  if (value < 0) table.fail(row, column, "a whole number");
  return value;
}

std::optional<std::int32_t> number_if_any(const TsvTable& table, std::size_t row,
                                          std::optional<std::size_t> column) {
  if (!column || is_absent(table.text(row, *column))) return std::nullopt;
  return whole_number(table, row, *column);
}

/// "2, 3, 4", or the first ones "and 90 more".
std::string listed(std::vector<std::string> labels) {
  const std::size_t count = labels.size();
  labels.resize(std::min(count, kMostListed));
  std::string text = joined(labels, ", ");
  if (count > kMostListed) text += " and " + std::to_string(count - kMostListed) + " more";
  return text;
}

bool begins_with_extracerebral(const std::string& name) {
  return name.size() >= kExtracerebral.size() &&
         std::equal(kExtracerebral.begin(), kExtracerebral.end(), name.begin(), [](char a, char b) {
           return a == std::tolower(static_cast<unsigned char>(b));
         });
}

/// A label that was described, with what its name says.
struct NamedLabel {
  LabelDescription description;
  SidedName sided;
  bool extracerebral = false;

  /// The name in the table if what follows the side is `stem`.
  std::string name(const std::string& stem) const {
    if (extracerebral)
      return std::string(kExtracerebral) + description.name.substr(kExtracerebral.size());
    return side_first(sided.side, stem);
  }
};

NamedLabel named(const LabelDescription& description) {
  return {description, split_sided_name(description.name),
          begins_with_extracerebral(description.name)};
}

/// "30 (Left-vessel)".
std::string shown(const NamedLabel& label) {
  return std::to_string(label.description.index) + " (" + label.description.name + ")";
}

/// Makes the table, step by step.
class Derivation {
 public:
  Derivation(const std::vector<LabelDescription>& described, const std::set<std::int32_t>& present,
             const std::string& path);
  LabelTable table();

 private:
  [[noreturn]] void fail(const std::string& expected, const std::string& found) const {
    throw InputError(path_, expected, found);
  }
  void require_described() const;
  void require_names() const;
  void add_rows();
  std::int32_t contralateral_of(const NamedLabel& label);
  std::vector<const NamedLabel*> other_sides(const NamedLabel& label) const;
  void spell_sides_alike();
  void set_intensity_classes();
  void number_by_structure();
  void number_as_described();
  void require_mirrors_by_name(const LabelTable& table) const;

  std::set<std::int32_t> present_;
  std::string path_;
  std::map<std::int32_t, NamedLabel> described_;
  std::map<std::pair<NamedSide, std::string>, std::vector<const NamedLabel*>> by_side_and_key_;
  std::map<std::int32_t, LabelTableRow> rows_;
  std::vector<std::string> unpaired_;  // labels whose other side is unknown, for a message
};

Derivation::Derivation(const std::vector<LabelDescription>& described,
                       const std::set<std::int32_t>& present, const std::string& path)
    : present_(present), path_(path) {
  for (const auto& description : described)
    described_.emplace(description.index, named(description));
  if (described_.count(0) == 0) described_.emplace(0, named({0, "background"}));
  for (const auto& [index, label] : described_)
    by_side_and_key_[{label.sided.side, label.sided.key}].push_back(&label);
  present_.insert(0);
}

LabelTable Derivation::table() {
  require_described();
  add_rows();
  require_names();
  spell_sides_alike();
  set_intensity_classes();
  std::vector<LabelTableRow> rows;
  for (const auto& [index, row] : rows_) rows.push_back(row);
  LabelTable table(std::move(rows), path_);
  require_mirrors_by_name(table);
  return table;
}

void Derivation::require_described() const {
  std::vector<std::string> missing;
  for (const auto index : present_) {
    if (described_.count(index) == 0) missing.push_back(std::to_string(index));
  }
  if (!missing.empty())
    fail("a row for every label of the label maps", "none for " + listed(missing));
}

void Derivation::add_rows() {
  std::vector<std::string> missing;
  std::set<std::int32_t> waiting = present_;
  while (!waiting.empty()) {
    const auto index = *waiting.begin();
    waiting.erase(waiting.begin());
    const NamedLabel& label = described_.at(index);
    const auto own_segmentation = label.extracerebral ? 0 : index;
    const LabelTableRow row{index, label.name(label.sided.stem), contralateral_of(label), 0,
                            label.description.segmentation_index.value_or(own_segmentation)};
    rows_.emplace(index, row);
    const auto need = [&](std::int32_t other, const std::string& column) {
      if (rows_.count(other) > 0) return;
      if (described_.count(other) > 0) {
        waiting.insert(other);
      } else {
        missing.push_back(std::to_string(other) + " (" + column + " of " + std::to_string(index) +
                          ")");
      }
    };
    need(row.contralateral, "contralateral");
    need(row.segmentation_index, "segmentation_index");
  }
  if (!unpaired_.empty())
    fail("a column contralateral with the label of the other side (or the label itself)",
         listed(unpaired_));
  if (!missing.empty())
    fail("a row for every label that another one names", "none for " + listed(missing));
}

std::int32_t Derivation::contralateral_of(const NamedLabel& label) {
  const auto own = label.description.index;
  if (label.description.contralateral) return *label.description.contralateral;
  if (own == 0 || label.sided.side == NamedSide::kNone) return own;
  const auto others = other_sides(label);
  if (others.size() == 1) return others.front()->description.index;
  unpaired_.push_back(others.empty() ? "none for " + shown(label)
                                     : "several for " + shown(label) + ": " +
                                           joined(others, " and ", [](const NamedLabel* other) {
                                             return shown(*other);
                                           }));
  return own;
}

/// The labels that have the name of the other side.
std::vector<const NamedLabel*> Derivation::other_sides(const NamedLabel& label) const {
  const auto side = label.sided.side == NamedSide::kLeft ? NamedSide::kRight : NamedSide::kLeft;
  const auto found = by_side_and_key_.find({side, label.sided.key});
  if (found == by_side_and_key_.end()) return {};
  auto others = found->second;
  const auto keep_if_any = [&others](const auto& better) {
    std::vector<const NamedLabel*> kept;
    std::copy_if(others.begin(), others.end(), std::back_inserter(kept), better);
    if (!kept.empty()) others = kept;
  };
  keep_if_any(
      [this](const NamedLabel* other) { return present_.count(other->description.index) > 0; });
  keep_if_any([&label](const NamedLabel* other) { return other->sided.stem == label.sided.stem; });
  return others;
}

void Derivation::require_names() const {
  std::vector<std::string> unnamed;
  for (const auto& [index, row] : rows_) {
    const NamedLabel& label = described_.at(index);
    if (label.sided.key.empty()) unnamed.push_back(shown(label));
  }
  if (!unnamed.empty()) fail("names with letters or digits besides a side", listed(unnamed));
}

void Derivation::spell_sides_alike() {
  for (auto& [index, row] : rows_) {
    const NamedLabel& left = described_.at(index);
    const NamedLabel& right = described_.at(row.contralateral);
    if (left.sided.side != NamedSide::kLeft || right.sided.side != NamedSide::kRight ||
        left.sided.key != right.sided.key)
      continue;
    rows_.at(row.contralateral).name = right.name(left.sided.stem);
  }
}

void Derivation::set_intensity_classes() {
  std::vector<std::string> without;
  for (const auto& [index, row] : rows_) {
    const NamedLabel& label = described_.at(index);
    if (index != 0 && !label.description.intensity_class) without.push_back(shown(label));
  }
  if (without.size() == rows_.size() - 1) {
    number_by_structure();
  } else if (without.empty()) {
    number_as_described();
  } else {
    fail("a value of intensity_class for every label of the label maps, or for none of them",
         "none for " + listed(without));
  }
}

void Derivation::number_by_structure() {
  std::int32_t next = 1;
  for (auto& [index, row] : rows_) {
    if (index == 0) continue;
    row.intensity_class =
        row.contralateral < index ? rows_.at(row.contralateral).intensity_class : next++;
  }
}

void Derivation::number_as_described() {
  const auto described_class = [this](std::int32_t index) {
    return described_.at(index).description.intensity_class.value_or(0);
  };
  std::map<std::int32_t, std::int32_t> numbers{{0, 0}};
  for (const auto& [index, row] : rows_) numbers[described_class(index)] = 0;
  std::int32_t next = 0;
  for (auto& [number, renumbered] : numbers) renumbered = next++;
  for (auto& [index, row] : rows_) row.intensity_class = numbers.at(described_class(index));
}

/// Training mirrors structures by the table, the trained model by their names.
void Derivation::require_mirrors_by_name(const LabelTable& table) const {
  ModelManifest model;
  for (const auto label : table.segmentation_labels())
    model.labels.push_back({label, table.name_of(label)});
  const auto by_name = model.contralateral();
  for (std::size_t channel = 0; channel < by_name.size(); ++channel) {
    const LabelTableRow& row = rows_.at(model.labels[channel].index);
    const int mirror = table.class_of(row.contralateral);
    if (by_name[channel] == (mirror < 0 ? static_cast<int>(channel) : mirror)) continue;
    fail("sides of a segmented structure with one name but for left and right, each once",
         row.name + " (" + std::to_string(row.index) + ") with contralateral " +
             table.name_of(row.contralateral) + " (" + std::to_string(row.contralateral) + ")");
  }
}

}  // namespace

std::vector<LabelDescription> parse_label_descriptions(std::string text, const std::string& path) {
  const TsvTable table(std::move(text), path);
  const auto index = table.column("index");
  const auto name = table.column("name");
  const auto contralateral = table.find_column("contralateral");
  const auto intensity_class = table.find_column("intensity_class");
  const auto segmentation_index = table.find_column("segmentation_index");
  std::set<std::int32_t> seen;
  std::vector<LabelDescription> described;
  for (std::size_t row = 0; row < table.row_count(); ++row) {
    LabelDescription label;
    label.index = whole_number(table, row, index);
    if (!seen.insert(label.index).second) table.fail(row, index, "an index that occurs once");
    label.name = table.text(row, name);
    if (is_absent(label.name)) table.fail(row, name, "a name");
    label.contralateral = number_if_any(table, row, contralateral);
    label.intensity_class = number_if_any(table, row, intensity_class);
    label.segmentation_index = number_if_any(table, row, segmentation_index);
    described.push_back(std::move(label));
  }
  return described;
}

std::vector<LabelDescription> read_label_descriptions(const std::string& path) {
  return parse_label_descriptions(read_table_text(path), path);
}

LabelTable derive_label_table(const std::vector<LabelDescription>& described,
                              const std::set<std::int32_t>& present, const std::string& path) {
  return Derivation(described, present, path).table();
}

}  // namespace hypersynth
