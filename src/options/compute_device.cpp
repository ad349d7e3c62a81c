#include "options/compute_device.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>

namespace hypersynth {
namespace {

/// Numbers with commas between them, each once.
std::optional<std::vector<int>> indices_in(const std::string& text) {
  std::vector<int> indices;
  const char* at = text.data();
  const char* const end = at + text.size();
  for (;;) {
    int index = -1;
    const auto result = std::from_chars(at, end, index);
    const bool known = std::find(indices.begin(), indices.end(), index) != indices.end();
    if (result.ec != std::errc() || index < 0 || known) return std::nullopt;
    indices.push_back(index);
    if (result.ptr == end) return indices;
    if (*result.ptr != ',') return std::nullopt;
    at = result.ptr + 1;
  }
}

}  // namespace

std::string to_string(const ComputeDevice& device) {
  if (device.kind == ComputeDevice::Kind::kAuto) return "auto";
  if (device.kind == ComputeDevice::Kind::kCpu) return "cpu";
  std::string text = "cuda";
  for (const int index : device.indices)
    text += (text == "cuda" ? ":" : ",") + std::to_string(index);
  return text;
}

void OptionValue<ComputeDevice>::read(const std::string& text, ComputeDevice& device) {
  const std::string prefix = "cuda:";
  if (text == "auto") {
    device = {};
  } else if (text == "cpu") {
    device = ComputeDevice::cpu();
  } else if (text == "cuda") {
    device = ComputeDevice::cuda();
  } else {
    const auto indices =
        text.rfind(prefix, 0) == 0 ? indices_in(text.substr(prefix.size())) : std::nullopt;
    if (!indices)
      throw std::invalid_argument(
          "expected auto, cpu, cuda, cuda:N or several as in cuda:0,1, found " + text);
    device = ComputeDevice::cuda(*indices);
  }
}

}  // namespace hypersynth
