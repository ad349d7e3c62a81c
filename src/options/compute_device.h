#pragma once

#include <string>

#include "options/option_value.h"

namespace hypersynth {

/// Where a network runs: on a GPU if there is one and otherwise on the CPU (kAuto), on the CPU, or
/// on a GPU of NVIDIA.
struct ComputeDevice {
  enum class Kind { kAuto, kCpu, kCuda };
  Kind kind = Kind::kAuto;
  int index = -1;  ///< of the GPU, from 0; -1: the current one

  static ComputeDevice cpu() { return {Kind::kCpu, -1}; }
  static ComputeDevice cuda(int index = -1) { return {Kind::kCuda, index}; }
};

/// "auto", "cpu", "cuda", "cuda:1".
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
