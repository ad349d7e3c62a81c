#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/label_dataset.h"
#include "app/learn_options.h"
#include "bids/layout.h"
#include "engine/data/shifted_scan.h"
#include "engine/model/manifest.h"

namespace hypersynth {

/// A scan of the dataset with its label map.
struct LabelledScan {
  bids::DataFile image;
  fs::path image_path, reference_path;

  /// The subject's label.
  std::string person() const;
};

/// A scan that takes no part, and why.
struct UnusedScan {
  std::string path;
  std::string reason;
};

/// What there is to learn from.
struct LearnData {
  std::vector<LabelledScan> scans;
  std::vector<UnusedScan> unused;    ///< selected scans of several label maps or without content
  std::size_t without_labels = 0;    ///< selected scans that have no label map
  std::vector<fs::path> label_maps;  ///< to synthesise from; empty: those of the scans
  /// Text of a label table or, where `derive_table`, of a lookup table.
  std::string label_table;
  bool derive_table = false;
  MappingFile mapping;
  std::optional<ModelManifest> initial;  ///< nothing: fresh weights
};

/// Finds the selected scans that have a label map, and what the options say of the labels. Throws
/// what the places that it reads throw, and Error kNothingSelected where no scan has a label map.
LearnData find_learn_data(const LearnOptions& options, const bids::Layout& layout,
                          const LabelDataset& labels);

/// Which scans are learned from and which are held out: positions in LearnData::scans. All scans of
/// a person are on one side.
struct Split {
  std::string name;  ///< "fold-1"; empty where there is only one
  std::vector<std::size_t> learning, held_out;
};

/// The splits that the options ask for, the same for a seed whatever the order of the scans. Throws
/// Error kUsage for a participant who has no labelled scan, and Error kNothingSelected where there
/// are too few people.
std::vector<Split> make_splits(const LearnOptions& options, const std::vector<LabelledScan>& scans);

/// The labels of all people who are held out in one of the splits, or who are learned from in one.
std::set<std::string> people_of(const std::vector<Split>& splits,
                                const std::vector<LabelledScan>& scans, bool held_out);

/// One way to make a model.
struct LearnCandidate {
  std::string name;         ///< "finetune"
  std::string explanation;  ///< what it learns from, in a sentence
  bool from_initial = false;
  std::vector<std::string> options;  ///< as hypersynth-train takes them
};

/// The candidates that the method, the preset and the data allow. Throws Error kUsage where a
/// network like the initial model's cannot be trained.
std::vector<LearnCandidate> make_candidates(const LearnOptions& options, const LearnData& data);

/// The preset asked for, or that of the device.
LearnPreset preset_of(const LearnOptions& options);

/// Synthetic images that score a model.
int synthetic_images_of(LearnPreset preset);

/// Held-out scans that score a model with another look, in each split.
int shifted_scans_of(LearnPreset preset);

/// The looks: that of T2-weighted scans where all scans are T1-weighted.
std::vector<ScanShift> shifts_of(const std::vector<LabelledScan>& scans);

/// The device that trains: "cpu", "cuda" or "cuda:N".
std::string training_device(const LearnOptions& options);

}  // namespace hypersynth
