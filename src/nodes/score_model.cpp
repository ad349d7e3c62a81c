#include "nodes/score_model.h"

#include <algorithm>
#include <map>

#include "core/error.h"
#include "engine/data/packed_data.h"
#include "engine/data/shifted_scan.h"
#include "engine/inference/segmenter.h"
#include "engine/training/training_loader.h"
#include "evaluation/label_mapping.h"
#include "image/nifti.h"
#include "nodes/context_log.h"
#include "nodes/train_model.h"

namespace hypersynth {
namespace {

/// As pack_real_image() has it.
constexpr double kGridTolerance_mm = 1e-3;

/// Voxels of a structure in two label maps.
struct Overlap {
  std::int64_t segmentation = 0, reference = 0, both = 0;
};

/// Dice of each of `labels` (0 where the segmentation misses it); kNoDice where the reference lacks
/// it.
std::vector<double> dice_of(const LabelMap& segmentation, const LabelMap& reference,
                            const std::vector<std::int32_t>& labels) {
  std::map<std::int32_t, Overlap> overlaps;
  for (const auto label : labels) overlaps[label];
  const auto found = [&](std::int32_t label) {
    const auto at = overlaps.find(label);
    return at == overlaps.end() ? nullptr : &at->second;
  };
  for (std::size_t i = 0; i < reference.voxels.size(); ++i) {
    auto* mine = found(segmentation.voxels[i]);
    auto* theirs = found(reference.voxels[i]);
    if (mine != nullptr) ++mine->segmentation;
    if (theirs != nullptr) ++theirs->reference;
    if (mine != nullptr && mine == theirs) ++mine->both;
  }
  std::vector<double> dice;
  for (const auto label : labels) {
    const auto& [s, r, both] = overlaps[label];
    dice.push_back(r == 0 ? ScoreModel::kNoDice
                          : 2 * static_cast<double>(both) / static_cast<double>(s + r));
  }
  return dice;
}

}  // namespace

double mean_dice(const std::vector<double>& dice) {
  double sum = 0;
  int count = 0;
  for (const double value : dice) {
    if (value == ScoreModel::kNoDice) continue;
    sum += value;
    ++count;
  }
  return count == 0 ? ScoreModel::kNoDice : sum / count;
}

ScoreModel::Outputs ScoreModel::run(const Inputs& in, pipeline::NodeContext& context) const {
  const auto stop_if_asked = [&context] {
    if (context.stop_token().stop_requested())
      throw Error(ExitCode::kInterrupted, "scoring was interrupted; run again to go on");
  };
  const Model model = read_model(in.model.string());
  InferenceOptions inference;
  inference.device = device;
  inference.threads = threads;
  inference.precision = InferencePrecision::kFull;  // scores are compared, also between machines
  const auto network = load_inference_network(model, inference, log_of(context));
  SegmenterOptions options;
  options.fast = true;
  options.threads = threads;
  const Segmenter segmenter(model.manifest, *network, options);

  Outputs out;
  for (const auto& label : model.manifest.labels) {
    if (label.index == 0) continue;
    out.labels.push_back(label.index);
    out.names.push_back(label.name);
  }
  out.shifted_dice.resize(in.shifts.size());
  const auto mapping = LabelMapping::of_text(in.label_mapping, "label mapping");
  for (std::size_t i = 0; i < in.images.size(); ++i) {
    stop_if_asked();
    try {
      LabelMap reference = read_labels(in.references[i].string());
      mapping.apply(reference);
      const Image image = read_image(in.images[i].string());
      check_intensities(image, in.images[i].string());
      if (!same_grid(image.grid, reference.grid, kGridTolerance_mm))
        continue;  // the packing says so
      const auto dice_in = [&](const Image& scan) {
        auto dice = dice_of(segmenter.segment(scan).labels, reference, out.labels);
        for (std::size_t k = 0; k < out.labels.size(); ++k) {
          if (std::find(in.undrawn.begin(), in.undrawn.end(), out.labels[k]) != in.undrawn.end())
            dice[k] = kNoDice;
        }
        return dice;
      };
      out.dice.push_back(dice_in(image));
      out.scans.push_back(in.images[i].filename().string());
      if (static_cast<int>(out.scans.size()) > in.shifted_scans) continue;
      Image scaled = image;
      normalise_intensities(scaled, InputRecipe());
      for (std::size_t k = 0; k < in.shifts.size(); ++k) {
        stop_if_asked();
        Image other = scaled;
        shift_intensities(other.voxels, scan_shift(in.shifts[k]), in.seed + i);
        out.shifted_dice[k].push_back(mean_dice(dice_in(other)));
      }
    } catch (const InputError& error) {
      context.warn(in.images[i].string() + " is not scored: " + error.what());
    }
  }

  if (in.synthetic_images == 0) return out;
  const auto data = PackedData::open(in.data.string());
  std::vector<const PackedVolume*> maps;
  for (const bool held_out : {true, false}) {
    for (const auto& map : data.label_maps()) {
      if (map.validation == held_out) maps.push_back(&map);
    }
    if (!maps.empty()) break;  // none of those that a candidate trained on, where others are
  }
  SynthesisOptions synthesis;
  synthesis.spacing_mm = data.spacing_mm();
  const auto& architecture = model.manifest.architecture;
  synthesis.patch =
      whole_head(data.spacing_mm(), side_multiple_of(architecture), dimensions_of(architecture));
  for (int number = 0; number < in.synthetic_images && !maps.empty(); ++number) {
    stop_if_asked();
    const auto& map = *maps[static_cast<std::size_t>(number) % maps.size()];
    const auto pair = synthesise_in_engine(map, data.table(), synthesis, in.seed, number);
    const auto found = segmenter.segment(pair.image);
    const double dice = mean_dice(dice_of(found.labels, pair.reference, out.labels));
    if (dice != kNoDice) out.synthetic_dice.push_back(dice);  // else a slice beside the head
  }
  return out;
}

}  // namespace hypersynth
