#pragma once

#include <vector>

#include "engine/networks/network.h"

namespace hypersynth {

/// The U-Net of the Learn2Synth paper.
struct ResizeUnetOptions {
  int dimensions = 2;
  std::int64_t in_channels = 1;
  std::int64_t out_channels = 2;
  /// Features of each level, finest first.
  std::vector<std::int64_t> features{16, 32, 64};
  /// 3x3 convolutions per level and direction.
  int convolutions = 2;
  Norm norm = Norm::kNone;
};

/// A linear 3x3 convolution, levels of 3x3 convolution + ELU (+ norm), down and up by linear
/// resizing (corners aligned) with a 1x1 convolution + ELU, a linear 1x1 head. Parameter names are
/// those of the authors' published code: `0.conv`, `1.encoder.*`, `1.decoder.*`, `2.conv`.
class ResizeUnet : public Network {
 public:
  explicit ResizeUnet(const ResizeUnetOptions& options);

  at::Tensor forward(const at::Tensor& image, const std::vector<at::Tensor>& parameters,
                     const NormStatistics& norm = {}) const override;

 private:
  struct Block {
    std::size_t weight = 0;
    std::size_t norm_weight = 0;
    std::size_t norm_buffer = 0;
  };
  using Group = std::vector<Block>;

  Block add_block(const std::string& name, std::int64_t in, std::int64_t out, std::int64_t kernel);
  Group add_group(const std::string& name, std::int64_t in, std::int64_t out);
  at::Tensor apply(const at::Tensor& x, const Block& block,
                   const std::vector<at::Tensor>& parameters, const NormStatistics& norm) const;
  at::Tensor apply(at::Tensor x, const Group& group, const std::vector<at::Tensor>& parameters,
                   const NormStatistics& norm) const;

  Norm norm_;
  std::size_t first_ = 0;
  std::vector<Group> encoder_;  // one per level but the coarsest (level 0 always)
  std::vector<Block> down_;     // into level 1, 2, ...
  std::vector<Group> decoder_;  // coarsest first
  std::vector<Block> up_;
  std::size_t head_ = 0;
};

}  // namespace hypersynth
