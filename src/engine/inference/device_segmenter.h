#pragma once

#include <atomic>
#include <vector>

#include <ATen/core/Tensor.h>

#include "engine/inference/segmentation.h"
#include "engine/model/model_file.h"
#include "engine/networks/network.h"

namespace hypersynth {

/// What runs a network of volumes (3-D) for DeviceSegmenter.
struct DeviceNetwork {
  const Network& network;
  const std::vector<at::Tensor>& parameters;
  const NormStatistics& statistics;
  c10::Device device;
  /// Of the convolutions; softmax and all sums are float32 or float64.
  Precision precision = Precision::kFull;
  /// See InferenceOptions. Lowered where memory was short and the device served no other image, so
  /// that the next one does not fail there again.
  std::int64_t& most_voxels_at_once;
  /// Other images use the device's memory too: c10::Error where it is short, instead of pieces.
  bool beside_others = false;
  const std::atomic<bool>* stop = nullptr;
};

/// Segments images as Segmenter does (Billot et al. 2023, SynthSeg: inference), every step on the
/// device of the network: only the source's voxels go there, and a label map, sums and the masks
/// whose components are found on the CPU come back. The same operators run on any device, so what
/// the tests show on a CPU holds for a GPU but for rounding.
///
/// A volume goes through the network together with its mirror image. Where the device has no memory
/// for that, it goes by itself, and then in pieces that overlap.
class DeviceSegmenter {
 public:
  /// Posteriors that are not finite, from convolutions in 16-bit floats.
  struct OutOfRange {};

  DeviceSegmenter(const ModelManifest& model, const DeviceNetwork& network);

  /// False where the grid of the source is sheared. Throws c10::Error where the device fails,
  /// OutOfRange, and Error kInterrupted.
  bool segment(const Image& source, const SegmenterOptions& options, Segmentation& result) const;

 private:
  /// A volume is [nk,nj,ni] of float32, posteriors are [K,nk,nj,ni].
  /// `pieces` becomes the number of pieces that the network took, where that is larger.
  at::Tensor posteriors_of(const at::Tensor& scaled, bool fast, int& pieces) const;
  void add_passes(const at::Tensor& scaled, const std::vector<bool>& flips, float weight,
                  at::Tensor& posteriors, int& pieces) const;
  void add_in_parts(const at::Tensor& padded, const std::vector<bool>& flips, float weight,
                    at::Tensor& posteriors, int& pieces) const;
  at::Tensor forward(const at::Tensor& volumes) const;
  void postprocess(at::Tensor& posteriors, const PostprocessOptions& options) const;
  void keep_largest_pieces(at::Tensor& posteriors, float threshold) const;

  const ModelManifest& model_;
  DeviceNetwork network_;
  at::Tensor other_side_;  ///< [K] int64: the channel of the same structure on the other side
};

}  // namespace hypersynth
