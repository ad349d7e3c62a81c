#pragma once

#include "options/choice.h"

namespace hypersynth {

// What a network can be told to be, without libtorch.

/// Families of networks.
enum class NetworkKind {
  kPoolUnet,    ///< U-Net with max pooling and nearest upsampling; that of the default model
  kResizeUnet,  ///< U-Net that resizes linearly
  kDilated,     ///< a chain of dilated convolutions at full resolution
};

template <>
struct Choices<NetworkKind> {
  static constexpr Choice<NetworkKind> kAll[] = {{NetworkKind::kPoolUnet, "pool-unet"},
                                                 {NetworkKind::kResizeUnet, "resize-unet"},
                                                 {NetworkKind::kDilated, "dilated"}};
};

/// Normalisation after each activation of a network's convolutions.
enum class Norm { kNone, kInstance, kBatch };

template <>
struct Choices<Norm> {
  static constexpr Choice<Norm> kAll[] = {
      {Norm::kNone, "none"}, {Norm::kInstance, "instance"}, {Norm::kBatch, "batch"}};
};

/// Arithmetic of the training passes. The two difference passes of a hypergradient always run in
/// the parameters' own type: their difference would drown in the rounding of 16 bits.
enum class Precision { kFull, kBfloat16, kFloat16 };

template <>
struct Choices<Precision> {
  static constexpr Choice<Precision> kAll[] = {
      {Precision::kFull, "full"}, {Precision::kBfloat16, "bf16"}, {Precision::kFloat16, "fp16"}};
};

}  // namespace hypersynth
