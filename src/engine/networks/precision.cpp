#include "engine/networks/precision.h"

#include <mutex>

#include <ATen/Context.h>
#include <ATen/autocast_mode.h>
#include <torch/version.h>

namespace hypersynth {
namespace {

void set_autocast(c10::DeviceType device, bool enabled, at::ScalarType type) {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
  at::autocast::set_autocast_enabled(device, enabled);
  if (enabled) at::autocast::set_autocast_dtype(device, type);
#else
  if (device == c10::DeviceType::CPU) {
    at::autocast::set_cpu_enabled(enabled);
    if (enabled) at::autocast::set_autocast_cpu_dtype(type);
  } else {
    at::autocast::set_enabled(enabled);
    if (enabled) at::autocast::set_autocast_gpu_dtype(type);
  }
#endif
}

}  // namespace

AutocastScope::AutocastScope(Precision precision, c10::DeviceType device)
    : active_(precision != Precision::kFull), device_(device) {
  if (!active_) return;
  at::autocast::increment_nesting();
  set_autocast(device, true, precision == Precision::kBfloat16 ? at::kBFloat16 : at::kHalf);
}

AutocastScope::~AutocastScope() {
  if (!active_) return;
  set_autocast(device_, false, at::kFloat);
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
}

namespace {

/// Who needs all bits now, and what libtorch did before the first of them came.
std::mutex tf32_mutex;
int without_tf32 = 0;
bool tf32_before = false;

}  // namespace

WithoutTf32::WithoutTf32(const c10::Device& device) : active_(device.is_cuda()) {
  if (!active_) return;
  const std::lock_guard lock(tf32_mutex);
  if (without_tf32++ > 0) return;
  tf32_before = at::globalContext().allowTF32CuDNN();
  at::globalContext().setAllowTF32CuDNN(false);
}

WithoutTf32::~WithoutTf32() {
  if (!active_) return;
  const std::lock_guard lock(tf32_mutex);
  if (--without_tf32 == 0) at::globalContext().setAllowTF32CuDNN(tf32_before);
}

bool AutocastScope::enabled_on_cpu() {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
  return at::autocast::is_autocast_enabled(at::kCPU);
#else
  return at::autocast::is_cpu_enabled();
#endif
}

}  // namespace hypersynth
