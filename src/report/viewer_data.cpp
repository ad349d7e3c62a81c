#include "report/viewer_data.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <zlib.h>

#include "report/base64.h"
#include "report/mosaic_plan.h"

namespace hypersynth {
namespace {

constexpr std::string_view kScriptBegin = "document.currentScript.volumes = {image: \"";
constexpr std::string_view kScriptMiddle = "\", labels: \"";
constexpr std::string_view kScriptEnd = "\"};\n";

/// How one axis is cut and made coarser. Indices count along right, anterior or superior.
struct AxisPlan {
  Range range;                ///< of the scan
  std::int64_t length = 0;    ///< new voxels
  double voxels_per_new = 1;  ///< old voxels in a new one

  /// The end of the new voxel before `index`, in old voxels from the edge of the scan.
  double edge(std::int64_t index) const {
    return static_cast<double>(range.first) + voxels_per_new * static_cast<double>(index);
  }
  std::int64_t nearest(std::int64_t index) const {
    return std::min(range.last, static_cast<std::int64_t>(edge(index) + voxels_per_new / 2));
  }
};

using Plan = std::array<AxisPlan, 3>;

Plan plan_axes(const RasAxes& axes, const SliceCounts& counts, const ViewerOptions& options,
               double finest_mm) {
  Plan plan;
  for (int axis = 0; axis < 3; ++axis) {
    AxisPlan& along = plan[axis];
    const auto margin =
        static_cast<std::int64_t>(std::ceil(options.margin_mm / axes.spacing_mm[axis]));
    along.range = slices_with(counts[axis], 1);
    along.range.first = std::max<std::int64_t>(0, along.range.first - margin);
    along.range.last = std::min(axes.shape[axis] - 1, along.range.last + margin);
    const std::int64_t old_length = along.range.last - along.range.first + 1;
    const double wanted = static_cast<double>(old_length) * axes.spacing_mm[axis] / finest_mm;
    along.length = std::clamp<std::int64_t>(std::llround(wanted), 1, old_length);
    along.voxels_per_new = static_cast<double>(old_length) / static_cast<double>(along.length);
  }
  return plan;
}

std::int64_t voxels_of(const Plan& plan) {
  return plan[0].length * plan[1].length * plan[2].length;
}

/// The old voxels that a new one overlaps along an axis, and how much of it each fills.
struct Share {
  std::int64_t first = 0;
  std::vector<float> weights;
};

std::vector<Share> shares_of(const AxisPlan& axis) {
  std::vector<Share> shares;
  for (std::int64_t index = 0; index < axis.length; ++index) {
    const double begin = axis.edge(index), end = axis.edge(index + 1);
    Share share;
    share.first = std::min(axis.range.last, static_cast<std::int64_t>(std::floor(begin + 1e-6)));
    for (std::int64_t old = share.first; old <= axis.range.last; ++old) {
      const double from = std::max(begin, static_cast<double>(old));
      const double overlap = std::min(end, static_cast<double>(old + 1)) - from;
      if (overlap < 1e-6 && !share.weights.empty()) break;
      share.weights.push_back(static_cast<float>(overlap / axis.voxels_per_new));
    }
    shares.push_back(std::move(share));
  }
  return shares;
}

/// Averages the voxels of a scan, one new slice at a time.
class Averager {
 public:
  Averager(const VoxelView& view, const RasAxes& axes, const Plan& plan)
      : view_(view),
        axes_(axes),
        x_(shares_of(plan[0])),
        y_(shares_of(plan[1])),
        z_(shares_of(plan[2])) {}

  /// The means of slice `k`, row by row.
  void slice(std::size_t k, std::vector<float>& means) {
    means.assign(x_.size() * y_.size(), 0);
    const Share& along_z = z_[k];
    for (std::size_t n = 0; n < along_z.weights.size(); ++n) {
      const std::ptrdiff_t slice =
          axes_.origin + axes_.stride[2] * (along_z.first + static_cast<std::int64_t>(n));
      for (std::size_t j = 0; j < y_.size(); ++j) {
        const Share& along_y = y_[j];
        for (std::size_t m = 0; m < along_y.weights.size(); ++m) {
          add_row(slice + axes_.stride[1] * (along_y.first + static_cast<std::int64_t>(m)),
                  along_z.weights[n] * along_y.weights[m], means.data() + j * x_.size());
        }
      }
    }
  }

 private:
  void add_row(std::ptrdiff_t offset, float weight, float* means) {
    for (std::size_t i = 0; i < x_.size(); ++i) {
      std::ptrdiff_t at = offset + axes_.stride[0] * x_[i].first;
      float mean = 0;
      for (const float share : x_[i].weights) {
        mean += share * view_.intensities[static_cast<std::size_t>(at)];
        at += axes_.stride[0];
      }
      means[i] += weight * mean;
    }
  }

  const VoxelView& view_;
  const RasAxes& axes_;
  std::vector<Share> x_, y_, z_;
};

/// `level` rounded to a multiple of `step`, below 256.
std::uint8_t rounded_to(int step, int level) {
  return static_cast<std::uint8_t>(std::min(level + step / 2, 255) / step * step);
}

/// The bytes in base64 of so many voxels with these grey levels, by their entropy: what zlib makes
/// of noise, while it makes less of a background of zeros.
double expected_bytes(const std::array<std::int64_t, 256>& counts) {
  double voxels = 0, bits = 0;
  for (const std::int64_t count : counts) voxels += static_cast<double>(count);
  for (const std::int64_t count : counts) {
    const auto n = static_cast<double>(count);
    if (count > 0) bits += n * std::log2(voxels / n);
  }
  return bits / 8 * 4 / 3;
}

/// Leaves as many grey levels as the file has room for, 32 to 128.
void limit_levels(std::vector<std::uint8_t>& grey, double most_bytes) {
  std::array<std::int64_t, 256> counts{};
  for (const std::uint8_t level : grey) ++counts[level];
  int step = 2;
  for (; step < 8; step *= 2) {
    std::array<std::int64_t, 256> rounded{};
    for (int level = 0; level < 256; ++level) rounded[rounded_to(step, level)] += counts[level];
    if (expected_bytes(rounded) <= most_bytes) break;
  }
  std::array<std::uint8_t, 256> table{};
  for (int level = 0; level < 256; ++level) table[level] = rounded_to(step, level);
  for (std::uint8_t& level : grey) level = table[level];
}

template <typename Label>
void pick_labels(std::span<const Label> from, const RasAxes& axes, const Plan& plan,
                 std::vector<std::int32_t>& labels) {
  if (from.empty()) {
    labels.assign(static_cast<std::size_t>(voxels_of(plan)), 0);
    return;
  }
  labels.reserve(static_cast<std::size_t>(voxels_of(plan)));
  for (std::int64_t k = 0; k < plan[2].length; ++k) {
    for (std::int64_t j = 0; j < plan[1].length; ++j) {
      const std::ptrdiff_t row =
          axes.origin + axes.stride[2] * plan[2].nearest(k) + axes.stride[1] * plan[1].nearest(j);
      for (std::int64_t i = 0; i < plan[0].length; ++i) {
        const auto at = static_cast<std::size_t>(row + axes.stride[0] * plan[0].nearest(i));
        labels.push_back(static_cast<std::int32_t>(from[at]));
      }
    }
  }
}

/// The affine of the new grid: its steps are those of the scan, turned round where needed.
std::array<std::array<double, 4>, 4> affine_of(const VoxelView& view, const RasAxes& axes,
                                               const Plan& plan) {
  std::array<std::array<double, 4>, 4> affine{{{}, {}, {}, {0, 0, 0, 1}}};
  for (int world = 0; world < 3; ++world) {
    const auto& from = view.world_from_voxel[world];
    affine[world][3] = from[3];
    for (int axis = 0; axis < 3; ++axis) {
      const double step = from[axes.voxel_axis[axis]] * (axes.flipped[axis] ? -1 : 1);
      const double centre = plan[axis].edge(0) + plan[axis].voxels_per_new / 2 - 0.5;
      affine[world][axis] = step * plan[axis].voxels_per_new;
      affine[world][3] += step * centre;
      if (axes.flipped[axis])
        affine[world][3] += from[axes.voxel_axis[axis]] * static_cast<double>(axes.shape[axis] - 1);
    }
  }
  return affine;
}

/// `strategy` is one of zlib: for intensities, whose noise seldom repeats itself, Z_RLE takes half
/// the time of the default and makes smaller files.
std::string gzip(std::string_view bytes, int level, int strategy) {
  constexpr int kWindowOfGzip = 15 + 16;
  z_stream stream{};
  if (deflateInit2(&stream, level, Z_DEFLATED, kWindowOfGzip, 9, strategy) != Z_OK)
    throw std::bad_alloc();
  if (bytes.size() > std::numeric_limits<uInt>::max())
    throw std::length_error("the viewer has more voxels than it can show");
  std::string packed(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int status = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) throw std::logic_error("zlib did not finish");
  return packed;
}

}  // namespace

ViewerVolumes viewer_volumes(const VoxelView& view, const ViewerOptions& options) {
  const RasAxes axes = ras_axes(view);
  const SliceCounts counts = count_labelled(view, axes);
  const GreyWindow window = grey_window(view);
  Plan plan = plan_axes(axes, counts, options, options.finest_mm);
  for (double size = options.finest_mm; voxels_of(plan) > options.most_voxels; size *= 1.1)
    plan = plan_axes(axes, counts, options, size);
  ViewerVolumes volumes;
  for (int axis = 0; axis < 3; ++axis) volumes.shape[axis] = plan[axis].length;
  volumes.world_from_voxel = affine_of(view, axes, plan);
  volumes.grey.reserve(static_cast<std::size_t>(voxels_of(plan)));
  Averager averager(view, axes, plan);
  std::vector<float> means;
  for (std::int64_t k = 0; k < plan[2].length; ++k) {
    averager.slice(static_cast<std::size_t>(k), means);
    for (const float mean : means) volumes.grey.push_back(grey_level(mean, window));
  }
  limit_levels(volumes.grey, options.most_bytes);
  std::visit([&](auto labels) { pick_labels(labels, axes, plan, volumes.labels); }, view.labels);
  return volumes;
}

std::string viewer_script(std::string_view image, std::string_view labels) {
  std::string script(kScriptBegin);
  append_base64(gzip(image, 1, Z_RLE), script);
  script += kScriptMiddle;
  append_base64(gzip(labels, 6, Z_DEFAULT_STRATEGY), script);
  script += kScriptEnd;
  return script;
}

std::optional<ViewerFiles> files_of_viewer_script(std::string_view script) {
  if (!script.starts_with(kScriptBegin) || !script.ends_with(kScriptEnd)) return std::nullopt;
  script.remove_prefix(kScriptBegin.size());
  script.remove_suffix(std::min(script.size(), kScriptEnd.size()));
  const std::size_t middle = script.find(kScriptMiddle);
  if (middle == std::string_view::npos) return std::nullopt;
  auto image = from_base64(script.substr(0, middle));
  auto labels = from_base64(script.substr(middle + kScriptMiddle.size()));
  if (!image || !labels) return std::nullopt;
  return ViewerFiles{std::move(*image), std::move(*labels)};
}

std::string viewer_script_name(const std::string& stem, const std::string& suffix) {
  return stem + "_desc-viewer_" + suffix + ".js";
}

}  // namespace hypersynth
