#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "app/execution.h"
#include "nodes/blend_models.h"
#include "nodes/compare_sessions.h"
#include "nodes/draw_examples.h"
#include "nodes/draw_figures.h"
#include "nodes/measure_image.h"
#include "nodes/pack_training_data.h"
#include "nodes/record_image.h"
#include "nodes/refresh_record.h"
#include "nodes/score_model.h"
#include "nodes/segment_image.h"
#include "nodes/train_model.h"
#include "nodes/write_derivatives.h"
#include "pipeline/graph/registry.h"

namespace hypersynth {

namespace {

/// The settings before `--run-node`.
InferenceOptions inference_settings(const std::vector<std::string_view>& settings) {
  InferenceOptions options;
  for (const auto& setting : settings) {
    const auto equals = setting.find('=');
    if (equals == std::string_view::npos) continue;
    const auto name = setting.substr(0, equals);
    const std::string value(setting.substr(equals + 1));
    if (name == "--device") options.device = value;
    if (name == "--precision") options.precision = parse_word<InferencePrecision>(value);
    if (name == "--threads") options.threads = std::atoi(value.c_str());
    if (name == "--slab-bytes") options.slab_bytes = std::atoll(value.c_str());
  }
  return options;
}

/// Value of the setting `name`, such as "--training-device".
std::string setting(const std::vector<std::string_view>& settings, const std::string& name) {
  for (const auto& word : settings) {
    if (word.rfind(name + "=", 0) == 0) return std::string(word.substr(name.size() + 1));
  }
  return "cpu";
}

}  // namespace

std::optional<int> serve_step(int argc, const char* const* argv) {
  const auto* const end = argv + argc;
  const auto* const found = std::find(argv, end, std::string_view("--run-node"));
  if (found == end || found == argv) return std::nullopt;
  const std::vector<std::string_view> settings(argv + 1, found);
  const auto options = inference_settings(settings);
  pipeline::Registry registry;
  registry
      .add<SegmentImage>([options] {
        return SegmentImage{std::make_shared<SharedNetwork>(options), options.threads};
      })
      .add<MeasureImage>()
      .add<DrawFigures>()
      .add<CompareSessions>()
      .add<WriteDerivatives>()
      .add<RecordImage>()
      .add<RefreshRecord>()
      .add<BlendModels>()
      .add<DrawExamples>()
      .add<PackTrainingData>()
      .add<TrainModel>([&] {
        return TrainModel{setting(settings, "--training-device"), options.threads};
      })
      .add<ScoreModel>([&] {
        return ScoreModel{options.device, options.threads};
      });
  return pipeline::serve_node(static_cast<int>(end - found) + 1, found - 1, registry);
}

}  // namespace hypersynth
