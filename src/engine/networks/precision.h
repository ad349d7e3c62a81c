#pragma once

#include <string>

#include <ATen/core/Tensor.h>

namespace hypersynth {

/// Arithmetic of the training passes. The two difference passes of a hypergradient always run in
/// the parameters' own type: their difference would drown in the rounding of 16 bits.
enum class Precision { kFull, kBfloat16, kFloat16 };

/// "full", "bf16", "fp16"; throws std::invalid_argument that names another word.
Precision parse_precision(const std::string& text);

/// While it lives, convolutions on `device` run in `precision` (autocast).
class AutocastScope {
 public:
  AutocastScope(Precision precision, c10::DeviceType device);
  ~AutocastScope();
  AutocastScope(const AutocastScope&) = delete;
  AutocastScope& operator=(const AutocastScope&) = delete;

  static bool enabled_on_cpu();

 private:
  bool active_;
  c10::DeviceType device_;
};

}  // namespace hypersynth
