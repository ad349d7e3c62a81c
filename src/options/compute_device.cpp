#include "options/compute_device.h"

#include <charconv>
#include <stdexcept>

namespace hypersynth {

std::string to_string(const ComputeDevice& device) {
  if (device.kind == ComputeDevice::Kind::kAuto) return "auto";
  if (device.kind == ComputeDevice::Kind::kCpu) return "cpu";
  return device.index < 0 ? "cuda" : "cuda:" + std::to_string(device.index);
}

void OptionValue<ComputeDevice>::read(const std::string& text, ComputeDevice& device) {
  if (text == "auto") {
    device = {};
  } else if (text == "cpu") {
    device = ComputeDevice::cpu();
  } else if (text == "cuda") {
    device = ComputeDevice::cuda();
  } else {
    const std::string prefix = "cuda:";
    int index = -1;
    const char* end = text.data() + text.size();
    if (text.rfind(prefix, 0) == 0) {
      const auto result = std::from_chars(text.data() + prefix.size(), end, index);
      if (result.ec != std::errc() || result.ptr != end) index = -1;
    }
    if (index < 0) throw std::invalid_argument("expected auto, cpu, cuda or cuda:N, found " + text);
    device = ComputeDevice::cuda(index);
  }
}

}  // namespace hypersynth
