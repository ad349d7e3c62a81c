#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/log.h"
#include "engine/inference/inference_precision.h"
#include "engine/inference/segmentation.h"
#include "engine/model/model_file.h"

namespace hypersynth {

/// Takes the posteriors, each in [0,1], of one row of voxels (all i at a given k and j): that of
/// class c at voxel i is values[c * class_stride + i]. Called from several threads at once, for
/// different rows.
using PosteriorRowSink = std::function<void(std::int64_t k, std::int64_t j, const float* values,
                                            std::int64_t class_stride)>;

/// A trained network on a device, ready to turn images into posteriors.
class InferenceNetwork {
 public:
  virtual ~InferenceNetwork() = default;

  /// Posteriors of one image. `voxels` is [nk][nj][ni] (i fastest, running to the right), scaled as
  /// the model's recipe says; `shape` = {nk, nj, ni}, every extent a positive multiple of
  /// side_multiple_of() the model's architecture. A network of slices (2-D) runs on every axial
  /// slice [nj][ni] by itself, and nk may be any positive number. Every row is given to `sink`
  /// once. Throws Error where memory or the device fails: some rows may have been given by then.
  virtual void run(const float* voxels, const std::array<std::int64_t, 3>& shape,
                   const PosteriorRowSink& sink) = 0;

  /// Segments a whole image on the device, from the voxels of the source to its labels. False, with
  /// `result` as it was, where this network has no such way or the grid of `source` is sheared: the
  /// caller then does all but the network itself. Throws Error as run() does.
  virtual bool segment(const Image& source, const SegmenterOptions& options, Segmentation& result) {
    static_cast<void>(source), static_cast<void>(options), static_cast<void>(result);
    return false;
  }

  /// Images that segment() may be given at once, by as many threads; run() takes one.
  virtual int images_at_once() const { return 1; }

  /// "cpu", "cuda:0".
  virtual std::string device() const = 0;

  /// In which numbers convolutions run: "float32", "bfloat16" or "float16". Sums, softmax and all
  /// else are float32 or more.
  virtual std::string precision() const { return "float32"; }
};

struct InferenceOptions {
  std::string device = "auto";  ///< auto, cpu, cuda or cuda:N.
  int gpu = -1;                 ///< N where `device` names none; -1: the first.
  int threads = 0;              ///< CPU threads; 0 = all processors this process may use.
  /// Memory for the output of one layer at a time; less is slower and needs less memory. libtorch
  /// runs a network of volumes (3-D) on the whole image, however small this is.
  std::int64_t slab_bytes = 64 << 20;
  InferencePrecision precision = InferencePrecision::kAuto;
  /// libtorch segments whole images on a GPU (InferenceNetwork::segment). True: on the CPU as well,
  /// in float32, which is slower there than oneDNN; for tests and measurements.
  bool cpu_as_gpu = false;
  /// Voxels of a volume that libtorch gives a 3-D network at once, 0: all. A volume of more is cut
  /// into pieces that overlap, also where the device's memory does not suffice for the whole.
  std::int64_t most_voxels_at_once = 0;
  /// Looked at between slabs; run() throws Error kInterrupted once it is true.
  const std::atomic<bool>* stop = nullptr;
};

/// Puts `model` on the device asked for. On the CPU the network of the default model runs on oneDNN
/// without libtorch, where the build has oneDNN; libtorch is loaded for all other networks and for
/// CUDA. "auto" falls back to the CPU with a warning where the GPU cannot be used; "cuda" throws
/// Error instead.
std::unique_ptr<InferenceNetwork> load_inference_network(const Model& model,
                                                         const InferenceOptions& options,
                                                         const Log& log);

/// Slices of `slice_voxels` voxels that a network of slices takes at once, so that the features of
/// its finest level fill no more than `slab_bytes`; at least 1.
std::int64_t slices_at_once(const Architecture& architecture, std::int64_t slice_voxels,
                            std::int64_t slab_bytes);

/// GPUs that NVIDIA's driver lets this process use: those of CUDA_VISIBLE_DEVICES, where it is set.
/// Asked without libtorch, which takes a second to load.
int visible_gpus();

/// Whether make_onednn_unet() can run a network: the default model's kind, "pool-unet", in 3-D with
/// batch normalisation, at least two levels and two features.
bool runs_on_onednn(const Architecture& architecture);

/// The CPU network on oneDNN, for what runs_on_onednn(); only in a build that has oneDNN.
std::unique_ptr<InferenceNetwork> make_onednn_unet(const Model& model,
                                                   const InferenceOptions& options);

}  // namespace hypersynth
