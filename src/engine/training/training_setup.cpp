#include "engine/training/training_setup.h"

#include <cmath>
#include <optional>
#include <regex>
#include <stdexcept>
#include <utility>

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <c10/util/Exception.h>

#include "core/error.h"
#include "core/joined.h"
#include "engine/networks/build_network.h"

namespace hypersynth {
namespace {

[[noreturn]] void usage(const std::string& message) { throw Error(ExitCode::kUsage, message); }

/// Words that a parser refuses are violations of the options too.
template <typename F>
auto understood(F parse) {
  try {
    return parse();
  } catch (const std::invalid_argument& error) {
    usage(error.what());
  }
}

std::string known_names(const Augmentation& augmentation) {
  std::string text;
  for (const auto& parameter : augmentation.parameters())
    text += (text.empty() ? "" : ", ") + parameter.tensor.name;
  return text.empty() ? "none" : text;
}

/// "mean[2]" to "mean" and 2, "mean" to "mean" and nothing: all of its elements.
std::pair<std::string, std::optional<std::int64_t>> parameter_and_element(const std::string& name) {
  static const std::regex pattern(R"((.+)\[(\d{1,9})\])");
  std::smatch parts;
  if (!std::regex_match(name, parts, pattern)) return {name, std::nullopt};
  return {parts[1].str(), std::stol(parts[2].str())};
}

}  // namespace

void check_options(const TrainingOptions& options) {
  auto violations = options.check();
  for (const auto& sentence : make_loss(options, options.loss, false).check())
    violations.push_back("loss: " + sentence);
  if (!options.real_loss.terms.empty()) {
    for (const auto& sentence : make_loss(options, options.real_loss, false).check())
      violations.push_back("real loss: " + sentence);
  }
  if (violations.empty()) return;
  usage(joined(violations, "\n"));
}

at::Device make_device(const ComputeDevice& device) {
  const auto name = to_string(device);
  if (device.kind == ComputeDevice::Kind::kCpu) return at::Device(at::kCPU);
  if (device.kind == ComputeDevice::Kind::kAuto || device.indices.size() > 1)
    usage("unknown device '" + name + "': choose cpu, cuda or cuda:N");
  if (!at::globalContext().hasCUDA()) usage("no CUDA device on this machine");
  try {
    return at::Device(device.indices.empty() ? name + ":0" : name);
  } catch (const c10::Error&) {
    usage("unknown device '" + name + "': choose cpu, cuda or cuda:N");
  }
}

SynthesisOptions on_spacing(SynthesisOptions synthesis, double spacing_mm) {
  synthesis.spacing_mm = spacing_mm;
  return synthesis;
}

Architecture make_architecture(const TrainingOptions& options, int classes) {
  return understood(
      [&] { return make_architecture(options.network, options.network_choice(classes)); });
}

std::unique_ptr<Network> make_network(const TrainingOptions& options, int classes) {
  auto network = build_network(make_architecture(options, classes));
  for (const auto side : options.synthesis.patch) {
    if (side % network->side_multiple() != 0)
      usage("patch sides must be multiples of " + std::to_string(network->side_multiple()) +
            " for this network, not " + std::to_string(side));
  }
  std::int64_t coarsest = options.batch_size;
  for (const auto side : options.synthesis.patch) coarsest *= side / network->side_multiple();
  if (coarsest == 1 && options.norm == Norm::kBatch && !options.frozen_norm)
    usage(
        "batch normalisation needs more than one voxel of the coarsest features in a batch: take "
        "larger patches, more images per batch, fewer levels or another --norm");
  return network;
}

LossOptions make_loss(const TrainingOptions& options, const LossFormula& formula,
                      bool ignored_labels) {
  LossOptions loss;
  loss.terms = formula.terms;
  if (options.dice_smoothing != 0) loss.dice_smoothing = options.dice_smoothing;
  loss.dice_over_batch = options.dice_over_batch;
  loss.skip_absent_classes = options.skip_absent_classes;
  loss.ignored_labels = ignored_labels;
  return loss;
}

std::unique_ptr<Augmentation> make_augmentation(const TrainingOptions& options,
                                                int intensity_classes) {
  AugmentationOptions augmentation;
  augmentation.dimensions = options.synthesis.dimensions();
  augmentation.intensity_classes = intensity_classes;
  augmentation.unet_features = options.augmentation_features;
  augmentation.unchanged_share = options.unchanged_share;
  return understood([&] { return make_augmentation(options.augmentation, augmentation); });
}

at::Tensor theta_with(const Augmentation& augmentation, const at::Tensor& start,
                      const std::map<std::string, double>& values) {
  auto theta = start.clone();
  const auto views = augmentation.layout().views(theta);
  for (const auto& [name, value] : values) {
    const auto [parameter, element] = parameter_and_element(name);
    std::size_t position = 0;
    try {
      position = augmentation.layout().index_of(parameter);
    } catch (const std::out_of_range&) {
      usage("the augmentation has no parameter '" + parameter + "'; it has " +
            known_names(augmentation));
    }
    auto elements = views[position].reshape({-1});
    if (!element) {
      elements.fill_(value);
    } else if (*element < elements.size(0)) {
      elements[*element] = value;
    } else {
      usage("parameter " + parameter + " has elements 0 to " +
            std::to_string(elements.size(0) - 1) + ", not " + std::to_string(*element));
    }
  }
  for (std::size_t i = 0; i < views.size(); ++i) {
    const auto& parameter = augmentation.parameters()[i];
    const double low = views[i].min().item<double>();
    const double high = views[i].max().item<double>();
    if (low > parameter.lower && high < parameter.upper) continue;
    usage("parameter " + parameter.tensor.name + " starts at " +
          std::to_string(low > parameter.lower ? high : low) + ", outside or at a bound of (" +
          std::to_string(parameter.lower) + ", " + std::to_string(parameter.upper) +
          "), where it cannot be learned");
  }
  return theta;
}

void set_intensity_prior(const Augmentation& augmentation, const LabelTable& table,
                         const at::Tensor& statistics, at::Tensor& theta) {
  const auto views = augmentation.layout().views(theta);
  const bool paints_surroundings = [&] {
    const auto& background = table.rows()[static_cast<std::size_t>(table.background_row())];
    for (std::size_t row = 0; row < table.rows().size(); ++row) {
      if (table.extracerebral(static_cast<int>(row)) &&
          table.rows()[row].intensity_class != background.intensity_class)
        return true;
    }
    return false;
  }();
  const char* names[] = {"mean", "spread", "deviation"};
  for (std::size_t i = 0; i < views.size(); ++i) {
    const auto& parameter = augmentation.parameters()[i];
    const auto& full = parameter.tensor.name;
    const auto own = full.substr(full.rfind('.') + 1);
    for (std::int64_t statistic = 0; statistic < 3; ++statistic) {
      const bool chained = full.rfind("intensity-prior.", 0) == 0;
      const bool alone = full == own && views[i].dim() == 1;
      if (own != names[statistic] || !(chained || alone)) continue;
      for (const auto& row : table.rows()) {
        const int k = table.class_of(row.segmentation_index);
        // Of what is around the structures the statistics know the mixture alone: it is that of the
        // background where the label maps have nothing else there.
        if (k == 0 && (row.index != 0 || paints_surroundings)) continue;
        const double value = statistics[statistic][k].item<double>();
        if (std::isnan(value)) continue;
        const double inside = 1e-3 * (parameter.upper - parameter.lower);
        views[i][row.intensity_class] =
            std::min(parameter.upper - inside, std::max(parameter.lower + inside, value));
      }
    }
  }
}

}  // namespace hypersynth
