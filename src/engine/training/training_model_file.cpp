#include <vector>

#include <ATen/TensorOperators.h>
#include <ATen/ops/from_blob.h>

#include "core/json.h"
#include "engine/model/safetensors.h"
#include "engine/networks/dilated_net.h"
#include "engine/training/training_setup.h"

namespace hypersynth {
namespace {

at::Tensor read_flat(const Safetensors& file, const TensorLayout& layout, const at::Tensor& like) {
  std::vector<at::Tensor> rows;
  for (const auto& spec : layout.specs()) {
    auto values = file.floats(spec.name, spec.shape);
    rows.push_back(at::from_blob(values.data(), {static_cast<std::int64_t>(values.size())},
                                 at::TensorOptions(at::kFloat))
                       .clone());
  }
  return layout.flatten(rows, like.cpu()).to(like.device());
}

void add_views(std::map<std::string, TensorView>& views, const TensorLayout& layout,
               const at::Tensor& flat) {
  const auto tensors = layout.views(flat);
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const auto& spec = layout.specs()[i];
    views[spec.name] = {ElementType::kF32, spec.shape,
                        static_cast<const std::byte*>(tensors[i].data_ptr()),
                        static_cast<std::size_t>(spec.size()) * sizeof(float)};
  }
}

/// The network in the words of the default model's file, so that a reader can tell what it is and
/// that it is not another.
std::string spec_json(const TrainingOptions& options) {
  const std::string dimensions = std::to_string(options.synthesis.dimensions());
  const std::string head = dimensions == "3" ? "conv 1x1x1" : "conv 1x1";
  if (options.network == NetworkKind::kDilated) {
    return Json::object({{"in_channels", 1},
                         {"base_features", options.features},
                         {"convs", DilatedNetOptions{}.convolutions},
                         {"kernel", 3},
                         {"dilation", "2^i in convolution i"},
                         {"activation", "ELU(alpha=1)"},
                         {"norm", "none"},
                         {"head", head}})
        .dump();
  }
  const bool resizes = options.network == NetworkKind::kResizeUnet;
  const std::string norm = options.norm == Norm::kBatch
                               ? "BatchNorm" + dimensions + "d(eps=1e-5) after activation"
                           : options.norm == Norm::kInstance
                               ? "InstanceNorm" + dimensions + "d(eps=1e-5) after activation"
                               : word_of(options.norm);
  Json spec = Json::object({{"in_channels", 1},
                            {"levels", options.levels},
                            {"base_features", options.features},
                            {"feature_multiplier", 2},
                            {"convs_per_level", 2},
                            {"kernel", 3},
                            {"activation", "ELU(alpha=1)"},
                            {"norm", norm}});
  if (resizes) spec.add("first", "conv 3 without activation");
  spec.add("pool",
           resizes ? "linear resize to half, corners aligned, conv 1 + activation" : "max 2");
  spec.add("upsample",
           resizes ? "conv 1 + activation, linear resize, corners aligned" : "nearest 2");
  spec.add("skip", "concat [upsampled, skip]");
  spec.add("head", head);
  return spec.dump();
}

std::string input_json(double spacing_mm) {
  return Json::object({{"orientation", "RAS"},
                       {"spacing_mm", Json::array({spacing_mm, spacing_mm, spacing_mm})},
                       {"intensity",
                        "x -> clamp((x - p0.5) / (p99.5 - p0.5), 0, 1.2) over the whole volume"},
                       {"pad", "zeros, symmetric, to a multiple of the network's stride"}})
      .dump();
}

std::string labels_json(const LabelTable& table) {
  std::vector<Json> labels;
  for (const auto index : table.segmentation_labels())
    labels.push_back(Json::object(
        {{"index", static_cast<std::int64_t>(index)}, {"name", table.name_of(index)}}));
  return Json::array(labels).dump();
}

}  // namespace

void read_weights(const std::filesystem::path& path, const Network& network, at::Tensor& phi,
                  at::Tensor& buffers) {
  const auto file = Safetensors::read(path);
  phi = read_flat(file, network.parameters(), phi);
  buffers = read_flat(file, network.buffers(), buffers);
}

void write_model(const std::filesystem::path& path, const TrainingOptions& options,
                 const Network& network, const LabelTable& table, double spacing_mm,
                 const at::Tensor& phi, const at::Tensor& buffers, std::int64_t steps) {
  const auto parameters = phi.detach().cpu().contiguous();
  const auto running = buffers.detach().cpu().contiguous();
  std::map<std::string, TensorView> views;
  add_views(views, network.parameters(), parameters);
  add_views(views, network.buffers(), running);
  const auto architecture = options.network == NetworkKind::kPoolUnet
                                ? "unet" + std::to_string(network.dimensions()) + "d"
                                : word_of(options.network);
  const auto training = Json::object({{"method", word_of(options.method)},
                                      {"steps", steps},
                                      {"options", Json::parse(options.fingerprint())}});
  write_safetensors(path, views,
                    {{"format", "hypersynth-model"},
                     {"version", "1"},
                     {"architecture", architecture},
                     {"spec", spec_json(options)},
                     {"labels", labels_json(table)},
                     {"input", input_json(spacing_mm)},
                     {"training", training.dump()}});
}

}  // namespace hypersynth
