#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "engine/augmentation/augmentation.h"
#include "engine/bilevel/losses.h"
#include "engine/bilevel/optimiser.h"
#include "engine/networks/network.h"

namespace hypersynth {

/// One recorded bilevel training run: configuration and float64 tensors by name.
class GoldenCase {
 public:
  /// Reads `folder`/manifest.json and data.bin; the tensors are put on `device`.
  GoldenCase(const std::filesystem::path& folder, at::Device device);

  const std::string& name() const { return name_; }
  int steps() const { return steps_; }
  double alpha() const { return alpha_; }
  bool has(const std::string& tensor) const { return tensors_.count(tensor) == 1; }
  const at::Tensor& tensor(const std::string& name) const { return tensors_.at(name); }
  /// Tensors whose name starts with `prefix`, under the rest of their name.
  std::map<std::string, at::Tensor> below(const std::string& prefix) const;
  /// Tensors `prefix` + name in the order of `layout`, as one flat vector.
  at::Tensor flat(const std::string& prefix, const TensorLayout& layout) const;

  std::unique_ptr<Network> network() const;
  std::unique_ptr<Augmentation> augmentation() const;
  LossOptions loss() const;
  OptimiserOptions segmentation_optimiser() const { return segmentation_optimiser_; }
  OptimiserOptions synthesis_optimiser() const { return synthesis_optimiser_; }

 private:
  std::string name_, net_, synth_, loss_;
  int steps_ = 0;
  double alpha_ = 1;
  bool residual_ = false;
  OptimiserOptions segmentation_optimiser_, synthesis_optimiser_;
  std::map<std::string, at::Tensor> tensors_;
};

/// Folders below `root` that hold a manifest.json, sorted.
std::vector<std::filesystem::path> golden_folders(const std::filesystem::path& root);

}  // namespace hypersynth
