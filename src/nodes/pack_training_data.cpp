#include "nodes/pack_training_data.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "core/error.h"
#include "core/joined.h"
#include "engine/data/derived_label_table.h"
#include "engine/data/pack_volumes.h"
#include "engine/data/packed_data.h"
#include "engine/data/sided_name.h"
#include "engine/data/undrawn_labels.h"
#include "evaluation/label_mapping.h"
#include "evaluation/structure_scores.h"
#include "image/nifti.h"

namespace hypersynth {
namespace {

/// Every so many label maps one is set aside, so that synthetic images are scored that no training
/// has seen; of fewer than that none can be spared.
constexpr std::size_t kMapsPerHeldOut = 6;

/// What messages call the text that label tables are derived from.
constexpr const char* kLookupTable =
    "lookup table of the label maps (a .tsv beside them that is named as they are, or the file of "
    "--label-table)";

std::string listed(const std::set<std::int32_t>& labels) {
  return joined(labels, ", ", [](std::int32_t label) { return std::to_string(label); });
}

/// In place of labels that the label mapping leaves out; no label table has it.
constexpr std::int32_t kLeftOut = std::numeric_limits<std::int32_t>::min();

/// Of each intensity class the structures, without their sides: "caudate, putamen and 3 more".
std::vector<std::string> intensity_class_names(const LabelTable& table) {
  constexpr std::size_t kShown = 2;
  std::vector<std::vector<std::string>> structures(
      static_cast<std::size_t>(table.intensity_class_count()));
  for (const auto& row : table.rows()) {
    auto& names = structures[static_cast<std::size_t>(row.intensity_class)];
    auto name = split_sided_name(row.name).stem;
    if (std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(std::move(name));
  }
  std::vector<std::string> classes;
  for (auto& names : structures) {
    const std::size_t more = names.size() > kShown + 1 ? names.size() - kShown : 0;
    names.resize(names.size() - more);
    classes.push_back(joined(names, ", ") +
                      (more > 0 ? " and " + std::to_string(more) + " more" : ""));
  }
  return classes;
}

/// Volumes in mm3 by label.
using LabelVolumes = std::vector<std::pair<std::int32_t, double>>;

class Packer {
 public:
  Packer(const PackTrainingData::Inputs& in, pipeline::NodeContext& context)
      : in_(in),
        context_(context),
        mapping_(LabelMapping::of_text(in.label_mapping, "label mapping")),
        reference_volumes_(measure_references()),
        map_volumes_(measure_maps()),
        table_(make_table()) {
    check_model_labels();
  }

  PackTrainingData::Outputs pack();

 private:
  /// Warnings about a header are given once, though a label map may be read several times.
  Log header_log(const fs::path& path) {
    if (!read_before_.insert(path).second) return Log();
    return Log([this, path](LogLevel, std::string_view message) {
      context_.warn(path.string() + ": " + std::string(message));
    });
  }
  LabelMap read_labels_of(const fs::path& path) {
    return read_labels(path.string(), header_log(path));
  }
  LabelMap read_reference(const fs::path& path) {
    LabelMap labels = read_labels_of(path);
    unmapped_.merge(mapping_.apply(labels));
    return labels;
  }
  /// The same for a loss: labels that the mapping leaves out are not background, but unknown.
  LabelMap read_for_loss(const fs::path& path) {
    const LabelMap raw = read_labels_of(path);
    LabelMap labels = raw;
    unmapped_.merge(mapping_.apply(labels));
    for (std::size_t i = 0; i < labels.voxels.size(); ++i) {
      if (labels.voxels[i] == 0 && raw.voxels[i] != 0) labels.voxels[i] = kLeftOut;
    }
    return labels;
  }
  LabelMap read_source(const fs::path& path) {
    return in_.label_maps.empty() ? read_reference(path) : read_labels_of(path);
  }

  std::vector<LabelVolumes> measure_references() {
    std::vector<LabelVolumes> volumes;
    for (const auto& path : in_.references) {
      try {
        volumes.push_back(label_volumes_mm3(read_reference(path)));
      } catch (const InputError&) {
        // Its scan is left out with that message.
      }
    }
    return volumes;
  }
  std::vector<LabelVolumes> measure_maps() const {
    std::vector<LabelVolumes> volumes;
    for (const auto& path : in_.label_maps)
      volumes.push_back(label_volumes_mm3(read_labels(path.string())));
    return volumes;
  }

  LabelTable make_table() const;
  void check_model_labels() const;
  std::vector<std::map<std::int32_t, double>> of_structures(
      const std::vector<LabelVolumes>& of_labels) const;
  void find_undrawn();
  void add_scans(const std::vector<fs::path>& images, const std::vector<fs::path>& references,
                 bool held_out);
  void add_maps();

  const PackTrainingData::Inputs& in_;
  pipeline::NodeContext& context_;
  LabelMapping mapping_;
  std::set<fs::path> read_before_;
  std::set<std::int32_t> unmapped_;  // labels of references that the mapping does not have
  std::vector<LabelVolumes> reference_volumes_;  // of the references to learn from
  std::vector<LabelVolumes> map_volumes_;        // of the label maps
  LabelTable table_;
  std::vector<fs::path> usable_references_;  // of scans to learn from, each once
  PackTrainingData::Outputs out_;
  std::optional<PackedDataWriter> writer_;
};

LabelTable Packer::make_table() const {
  if (!in_.derive_table) return parse_label_table(in_.label_table, "label table");
  std::set<std::int32_t> present(in_.model_labels.begin(), in_.model_labels.end());
  for (const auto& volumes : in_.label_maps.empty() ? reference_volumes_ : map_volumes_) {
    for (const auto& [label, mm3] : volumes) present.insert(label);
  }
  return derive_label_table(parse_label_descriptions(in_.label_table, kLookupTable), present,
                            kLookupTable);
}

void Packer::check_model_labels() const {
  if (in_.model_labels.empty()) return;
  const std::set<std::int32_t> wanted(in_.model_labels.begin(), in_.model_labels.end());
  const auto& found = table_.segmentation_labels();
  std::set<std::int32_t> missing = wanted, foreign;
  for (const auto label : found) {
    if (missing.erase(label) == 0) foreign.insert(label);
  }
  if (missing.empty() && foreign.empty()) return;
  std::string difference;
  if (!foreign.empty()) difference += "also " + listed(foreign);
  if (!missing.empty())
    difference += (difference.empty() ? "" : " and ") + ("not " + listed(missing));
  throw InputError("label table",
                   "the structures of the initial model in the column segmentation_index",
                   difference +
                       "; give each label its segmentation_index (0: none) with --label-table, or "
                       "train a new network with --initial-model none");
}

/// Volumes of the segmented structures, of those of labels.
std::vector<std::map<std::int32_t, double>> Packer::of_structures(
    const std::vector<LabelVolumes>& of_labels) const {
  std::vector<std::map<std::int32_t, double>> result;
  for (const auto& volumes : of_labels) {
    auto& structures = result.emplace_back();
    for (const auto& [label, mm3] : volumes) {
      const int row = table_.row_of(label);
      if (row < 0) continue;
      const auto structure = table_.rows()[static_cast<std::size_t>(row)].segmentation_index;
      if (structure != 0) structures[structure] += mm3;
    }
  }
  return result;
}

void Packer::find_undrawn() {
  const auto drawn = of_structures(reference_volumes_);
  const auto expected = of_structures(map_volumes_);
  std::set<std::int32_t> undrawn(in_.undrawn.begin(), in_.undrawn.end());
  for (const auto label : undrawn) {
    if (table_.class_of(label) <= 0)
      throw InputError("label table",
                       "the structure " + std::to_string(label) + " of --undrawn-labels",
                       "none of this index");
  }
  const std::string consequence =
      "The background of the references may be that: it is not learned from the scans";
  const auto shown = [&](std::int32_t label) {
    return table_.name_of(label) + " (" + std::to_string(label) + ")";
  };
  std::vector<std::string> absent;
  for (const auto label : table_.segmentation_labels()) {
    const bool is_drawn = std::any_of(drawn.begin(), drawn.end(), [&](const auto& volumes) {
      const auto found = volumes.find(label);
      return found != volumes.end() && found->second > 0;
    });
    if (label != 0 && !is_drawn && !drawn.empty() && undrawn.insert(label).second)
      absent.push_back(shown(label));
  }
  if (!absent.empty())
    context_.warn("no reference has " + joined(absent, ", ") + ". " + consequence);
  for (const auto& label : undrawn_labels(drawn, expected)) {
    if (!undrawn.insert(label.index).second) continue;
    char text[160];
    std::snprintf(text, sizeof text,
                  ": the references have %.1f ml of it, the label maps %.1f ml. ",
                  label.reference_mm3 / 1000, label.expected_mm3 / 1000);
    context_.warn(shown(label.index) + text + consequence);
  }
  out_.undrawn.assign(undrawn.begin(), undrawn.end());
}

void Packer::add_scans(const std::vector<fs::path>& images, const std::vector<fs::path>& references,
                       bool held_out) {
  std::set<std::int32_t> ignored;
  for (std::size_t i = 0; i < images.size(); ++i) {
    const std::string path = images[i].string();
    try {
      std::vector<std::int32_t> unknown;
      auto packed =
          pack_real_image(read_image(path, header_log(images[i])), read_for_loss(references[i]),
                          table_, in_.spacing_mm, references[i].string(), unknown, out_.undrawn);
      packed.volume.name = images[i].filename().string();
      packed.volume.validation = held_out;
      writer_->add(packed.view());
      ++(held_out ? out_.held_out : out_.scans);
      // Several images of a session may have one label map.
      if (!held_out && std::find(usable_references_.begin(), usable_references_.end(),
                                 references[i]) == usable_references_.end())
        usable_references_.push_back(references[i]);
      ignored.insert(unknown.begin(), unknown.end());
      ignored.erase(kLeftOut);
    } catch (const InputError& error) {
      context_.warn(path + " is left out: " + error.what());
      out_.left_out.push_back(path + ": " + error.what());
    }
  }
  if (!ignored.empty())
    context_.warn(
        std::string("labels of the ") + (held_out ? "held-out " : "") +
        "references that the label table does not have count nowhere: " + listed(ignored));
}

void Packer::add_maps() {
  const auto& paths = in_.label_maps.empty() ? usable_references_ : in_.label_maps;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    auto packed = pack_label_map(read_source(paths[i]), table_, in_.spacing_mm, paths[i].string());
    packed.volume.name = paths[i].filename().string();
    packed.volume.validation =
        paths.size() >= kMapsPerHeldOut && i % kMapsPerHeldOut == kMapsPerHeldOut - 1;
    writer_->add(packed.view());
    ++out_.maps;
  }
}

PackTrainingData::Outputs Packer::pack() {
  find_undrawn();
  out_.data = context_.work_dir() / "training.pack";
  writer_.emplace(out_.data.string(), table_, in_.spacing_mm, out_.undrawn);
  add_scans(in_.images, in_.references, false);
  add_scans(in_.held_out_images, in_.held_out_references, true);
  const auto require = [&](std::int64_t count, const std::vector<fs::path>& images,
                           const char* use) {
    if (count > 0 || images.empty()) return;
    throw InputError(images.front().string(), std::string("a labelled scan ") + use,
                     "none that can be used: " + joined(out_.left_out, "; "));
  };
  require(out_.scans, in_.images, "to learn from");
  require(out_.held_out, in_.held_out_images, "to hold out");
  if (!unmapped_.empty())
    context_.warn(
        "labels of the references that the label mapping does not have are not learned from, and "
        "background in the scores: " +
        listed(unmapped_));
  add_maps();
  out_.intensity_classes = intensity_class_names(table_);
  writer_->finish();
  return std::move(out_);
}

}  // namespace

PackTrainingData::Outputs PackTrainingData::run(const Inputs& in,
                                                pipeline::NodeContext& context) const {
  return Packer(in, context).pack();
}

}  // namespace hypersynth
