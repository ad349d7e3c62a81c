#include "engine/training/step_report.h"

#include <cmath>

#include <nlohmann/json.hpp>

namespace hypersynth {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kMostElements = 64;

Json elements(const at::Tensor& tensor) {
  auto values = Json::array();
  const auto flat = tensor.reshape({-1});
  for (std::int64_t i = 0; i < flat.size(0); ++i) values.push_back(flat[i].item<double>());
  return values;
}

/// The elements of a flat vector by name, of a long tensor its norm.
Json by_name(const at::Tensor& flat, const TensorLayout& layout) {
  auto result = Json::object();
  const auto values = layout.views(flat.cpu());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& name = layout.specs()[i].name;
    if (values[i].numel() == 1)
      result[name] = values[i].item<double>();
    else if (values[i].numel() > kMostElements)
      result[name + ".norm"] = values[i].norm().item<double>();
    else
      result[name] = elements(values[i]);
  }
  return result;
}

}  // namespace

nlohmann::ordered_json log_line(const StepReport& report, const TensorLayout& theta) {
  Json line{{"step", report.step}, {"learning_rate", report.learning_rate}};
  if (report.synthetic_loss.defined())
    line["synthetic_loss"] = report.synthetic_loss.item<double>();
  if (report.real_loss.defined()) line["real_loss"] = report.real_loss.item<double>();
  if (report.baseline_loss.defined()) line["baseline_loss"] = report.baseline_loss.item<double>();
  if (report.hypergradient.defined()) line["hypergradient"] = by_name(report.hypergradient, theta);
  if (report.signal_to_noise.defined())
    line["signal_to_noise"] = by_name(report.signal_to_noise, theta);
  line["theta"] = by_name(report.theta, theta);
  line["seconds"] = report.elapsed_s;
  line["cpu_seconds"] = report.cpu_s;
  return line;
}

bool is_finite(const StepReport& report) {
  for (const auto& tensor :
       {report.synthetic_loss, report.real_loss, report.baseline_loss, report.hypergradient}) {
    if (tensor.defined() && !std::isfinite(tensor.norm().item<double>())) return false;
  }
  return true;
}

}  // namespace hypersynth
