#pragma once

#include <string>
#include <utility>
#include <vector>

#include "options/option_value.h"

namespace hypersynth {

/// Where networks run: on the GPUs if there are any and otherwise on the CPU (kAuto), on the CPU,
/// or on GPUs of NVIDIA.
struct ComputeDevice {
  enum class Kind { kAuto, kCpu, kCuda };
  Kind kind = Kind::kAuto;
  /// Of the GPUs, each once, from 0 among those that the program sees. None: all of them, or for
  /// what runs on one alone the first.
  std::vector<int> indices;

  static ComputeDevice cpu() { return {Kind::kCpu, {}}; }
  static ComputeDevice cuda(std::vector<int> indices = {}) {
    return {Kind::kCuda, std::move(indices)};
  }
};

/// "auto", "cpu", "cuda", "cuda:1", "cuda:0,2".
std::string to_string(const ComputeDevice& device);

template <>
struct OptionValue<ComputeDevice> {
  static constexpr OptionKind kKind = OptionKind::kValue;
  static std::string value_name() { return "DEVICE"; }
  static void read(const std::string& text, ComputeDevice& device);
  static std::string text(const ComputeDevice& device) { return to_string(device); }
  static std::string json(const ComputeDevice& device) { return quoted_json(to_string(device)); }
};

}  // namespace hypersynth
