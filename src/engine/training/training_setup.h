#pragma once

#include <map>
#include <memory>
#include <string>

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include "engine/augmentation/augmentation.h"
#include "engine/bilevel/hypergradient.h"
#include "engine/data/label_table.h"
#include "engine/model/manifest.h"
#include "engine/networks/network.h"
#include "engine/training/training_options.h"

namespace hypersynth {

// From TrainingOptions to the objects of the engine. All throw Error kUsage.

/// Throws with every violation of the options and of what is made from them.
void check_options(const TrainingOptions& options);
/// The CPU or a GPU, if this machine has it.
at::Device make_device(const ComputeDevice& device);
/// The options for label maps with voxels of `spacing_mm`.
SynthesisOptions on_spacing(SynthesisOptions synthesis, double spacing_mm);
/// The network asked for, with a channel for each of `classes`.
Architecture make_architecture(const TrainingOptions& options, int classes);
std::unique_ptr<Network> make_network(const TrainingOptions& options, int classes);
LossOptions make_loss(const TrainingOptions& options, const LossFormula& formula,
                      bool ignored_labels);
std::unique_ptr<Augmentation> make_augmentation(const TrainingOptions& options,
                                                int intensity_classes);

/// The start of theta with some parameters set by name, all elements of one ("mean") or a single
/// element ("mean[2]", counted from 0, set after the former); throws Error kUsage for an unknown
/// name (with those there are), an element that there is not, and for a value at or beyond a bound,
/// where it could not be learned.
at::Tensor theta_with(const Augmentation& augmentation, const at::Tensor& start,
                      const std::map<std::string, double>& values);

/// Sets the intensity prior of `theta` to class statistics [3,K] of real images, where the network
/// class of an intensity class is segmented and has some. Background keeps its start where the
/// label maps have extracerebral tissue of another class: references have both as one.
void set_intensity_prior(const Augmentation& augmentation, const LabelTable& table,
                         const at::Tensor& statistics, at::Tensor& theta);

/// Reads the weights of a model file into flat vectors; throws InputError where it segments other
/// structures than `table` or images of another spacing, and where tensors are missing or of other
/// shapes.
void read_weights(const std::string& path, const Network& network, const LabelTable& table,
                  double spacing_mm, at::Tensor& phi, at::Tensor& buffers);

/// What the model file says of a run after `steps`: its synthesis had the parameters `start` and
/// has `theta` now (both as Augmentation::layout() lays them out). The synthesis counts as learned
/// where they differ. `labelled_scans` are those of the data.
TrainingFacts training_facts(const TrainingOptions& options, std::int64_t steps,
                             std::int64_t labelled_scans, const Augmentation& augmentation,
                             const at::Tensor& start, const at::Tensor& theta);

/// Writes a model file that `hypersynth` reads.
void write_model(const std::string& path, const TrainingOptions& options, const Network& network,
                 const LabelTable& table, double spacing_mm, const at::Tensor& phi,
                 const at::Tensor& buffers, const TrainingFacts& facts);

}  // namespace hypersynth
