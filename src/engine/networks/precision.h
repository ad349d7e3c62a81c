#pragma once

#include <ATen/core/Tensor.h>

#include "engine/networks/network_choices.h"

namespace hypersynth {

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

/// While one lives, convolutions in float32 on `device` keep all bits of their inputs; on recent
/// GPUs libtorch rounds them to the 10 bits of TF32 otherwise. Several may live at once, in any
/// thread; what other threads run meanwhile is exact and slower too.
class WithoutTf32 {
 public:
  explicit WithoutTf32(const c10::Device& device);
  ~WithoutTf32();
  WithoutTf32(const WithoutTf32&) = delete;
  WithoutTf32& operator=(const WithoutTf32&) = delete;

 private:
  bool active_;
};

}  // namespace hypersynth
