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

}  // namespace hypersynth
