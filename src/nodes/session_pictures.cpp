#include "nodes/session_pictures.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <boost/filesystem/operations.hpp>

#include "bids/derivative.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "evaluation/rigid_alignment.h"
#include "image/nifti.h"
#include "image/resample.h"
#include "image/resample_labels.h"
#include "image/rotation.h"
#include "nodes/lookup.h"
#include "pipeline/files/file_system.h"
#include "quality/structure_kind.h"
#include "report/viewer_data.h"

namespace hypersynth {

namespace {

using nlohmann::json;

/// Raised whenever pictures or numbers would change: they are then made anew.
constexpr int kVersion = 1;
constexpr double kFinest_mm = 1;
constexpr std::int64_t kMostVoxels = 12000000;

std::string viewer_path(const ImageResult& image) {
  return viewer_script_of(data_file_at(image.record.path));
}

/// The digest of what the viewer of the image shows; empty where it has none.
std::string viewer_digest(const ImageResult& image) {
  const std::string path = viewer_path(image);
  for (const auto& file : image.record.files) {
    if (file.path == path) return file.digest;
  }
  return "";
}

/// How two images lie to each other, as it is kept in the output folder.
fs::path sidecar_of_pair(const fs::path& output_dir, const ImageResult& later) {
  return output_dir / (later.outputs.figures + "/" + later.outputs.stem + "_desc-sessions_" +
                       later.record.suffix + ".json");
}

std::vector<std::array<Reportlet, 2>> planes_of(const ImageResult& first,
                                                const ImageResult& later) {
  return comparison_planes(later.outputs.figures, later.outputs.stem, later.record.suffix,
                           session_of_image(first), session_of_image(later));
}

std::vector<std::string> picture_paths(const std::vector<std::array<Reportlet, 2>>& planes) {
  std::vector<std::string> paths;
  for (const auto& pair : planes) {
    for (const auto& reportlet : pair) {
      paths.push_back(reportlet.picture);
      for (const auto& overlay : reportlet.overlays) paths.push_back(overlay.path);
    }
  }
  return paths;
}

/// What is known of a pair; null where nothing is, or it is about other images.
json known_of(const fs::path& output_dir, const ImageResult& first, const ImageResult& later) {
  const auto text = pipeline::real_file_system().read(sidecar_of_pair(output_dir, later));
  if (!text) return nullptr;
  json known = json::parse(*text, nullptr, false);
  if (!known.is_object()) return nullptr;
  const auto is = [&](const char* key, const json& value) {
    const auto found = known.find(key);
    return found != known.end() && *found == value;
  };
  if (!is("Version", kVersion) || !is("First", first.record.path) ||
      !is("FirstDigest", viewer_digest(first)) || !is("LaterDigest", viewer_digest(later)))
    return nullptr;
  for (const auto& path : picture_paths(planes_of(first, later))) {
    if (!fs::exists(output_dir / path)) return nullptr;
  }
  return known;
}

double number_of(const json& known, const char* key) {
  const auto found = known.find(key);
  return found != known.end() && found->is_number() ? found->get<double>() : NAN;
}

SessionComparison comparison_of(const fs::path& output_dir, const ImageResult& first,
                                const ImageResult& later) {
  SessionComparison comparison;
  comparison.first = session_of_image(first);
  comparison.later = session_of_image(later);
  if (const json known = known_of(output_dir, first, later); !known.is_null()) {
    comparison.rotation_deg = number_of(known, "Rotation_deg");
    comparison.shift_mm = number_of(known, "Shift_mm");
    comparison.correlation = number_of(known, "Correlation");
    comparison.mirrored =
        number_of(known, "MirroredMutualInformation") > number_of(known, "MutualInformation");
    comparison.planes = planes_of(first, later);
    return comparison;
  }
  for (const auto* image : {&first, &later}) {
    if (!viewer_digest(*image).empty()) continue;
    comparison.missing = "Not shown beside each other: ses-" + session_of_image(*image) +
                         " was made with --no-viewer, and so there is nothing to draw it from.";
    return comparison;
  }
  comparison.missing =
      "Not shown beside each other yet: the next run of the participant level aligns and draws "
      "them.";
  return comparison;
}

LabelledScan read_scan(const fs::path& output_dir, const ImageResult& image,
                       const fs::path& work_dir) {
  const std::string path = viewer_path(image);
  for (const auto& file : image.record.files) {
    if (file.path != path) continue;
    if (const std::string damage = damage_of(output_dir, file, true); !damage.empty())
      throw InputError((output_dir / path).string(), "the file that was written",
                       "one that " + damage);
  }
  const auto text = pipeline::real_file_system().read(output_dir / path);
  const auto files = text ? files_of_viewer_script(*text) : std::nullopt;
  if (!files)
    throw InputError((output_dir / path).string(), "the script of a viewer", "something else");
  const auto unpacked = [&](const char* name, const std::string& bytes) {
    const fs::path file = work_dir / name;
    write_atomically(file, bytes);
    return file.string();
  };
  return {read_image(unpacked("image.nii.gz", files->image)),
          read_labels(unpacked("labels.nii.gz", files->labels))};
}

/// For each structure with a side the one of the other side.
std::map<std::int32_t, std::int32_t> partners_of(const std::vector<LabelVolume>& structures) {
  std::map<std::int32_t, std::int32_t> partners;
  for (const auto& one : structures) {
    const auto kind = kind_of_structure(one.name);
    if (kind.side == Side::kNone) continue;
    for (const auto& other : structures) {
      const auto its = kind_of_structure(other.name);
      if (its.side != Side::kNone && its.side != kind.side && its.stem == kind.stem)
        partners[one.index] = other.index;
    }
  }
  return partners;
}

/// A grid along the axes of the world around both grids, each moved into that world.
Grid grid_around(const Grid& a, const Affine& world_from_a, const Grid& b,
                 const Affine& world_from_b) {
  std::array<double, 3> low{INFINITY, INFINITY, INFINITY}, high{-INFINITY, -INFINITY, -INFINITY};
  for (const auto& [grid, world] : {std::pair{&a, &world_from_a}, std::pair{&b, &world_from_b}}) {
    const Affine affine = multiply(*world, grid->world_from_voxel);
    for (int corner = 0; corner < 8; ++corner) {
      std::array<double, 3> index{};
      for (int axis = 0; axis < 3; ++axis)
        index[axis] = (corner >> axis & 1) != 0 ? static_cast<double>(grid->shape[axis] - 1) : 0;
      const auto place = transform(affine, index);
      for (int axis = 0; axis < 3; ++axis) {
        low[axis] = std::min(low[axis], place[axis]);
        high[axis] = std::max(high[axis], place[axis]);
      }
    }
  }
  Grid grid;
  for (double size = kFinest_mm;; size *= 1.1) {
    for (int axis = 0; axis < 3; ++axis) {
      grid.shape[axis] = 1 + std::llround((high[axis] - low[axis]) / size);
      grid.world_from_voxel[axis] = {};
      grid.world_from_voxel[axis][axis] = size;
      grid.world_from_voxel[axis][3] = low[axis];
    }
    if (grid.voxel_count() <= kMostVoxels) return grid;
  }
}

/// The scan on `grid`, after its world has been moved.
LabelledScan moved(const LabelledScan& scan, const Affine& move, const Grid& grid) {
  Grid from = scan.image.grid;
  from.world_from_voxel = multiply(move, from.world_from_voxel);
  return {resample(Image(from, scan.image.voxels), grid),
          resample_labels(LabelMap(from, scan.labels.voxels), grid)};
}

/// Pearson's correlation of the intensities where both scans are labelled; NaN where one of them
/// does not vary.
double correlation_of(const LabelledScan& a, const LabelledScan& b) {
  double n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0;
  for (std::size_t v = 0; v < a.image.voxels.size(); ++v) {
    if (a.labels.voxels[v] == 0 || b.labels.voxels[v] == 0) continue;
    const double p = a.image.voxels[v], q = b.image.voxels[v];
    ++n;
    x += p;
    y += q;
    xx += p * p;
    yy += q * q;
    xy += p * q;
  }
  const double spread = (n * xx - x * x) * (n * yy - y * y);
  return spread > 0 ? (n * xy - x * y) / std::sqrt(spread) : NAN;
}

VoxelView view_of(const LabelledScan& scan) {
  VoxelView view;
  view.intensities = scan.image.voxels;
  view.labels = std::span<const std::int32_t>(scan.labels.voxels);
  view.shape = scan.image.grid.shape;
  view.world_from_voxel = scan.image.grid.world_from_voxel;
  return view;
}

json number_or_null(double value) { return std::isfinite(value) ? json(value) : json(nullptr); }

void draw_pair(const fs::path& output_dir, const ImageResult& first, const ImageResult& later,
               const LabelledScan& first_scan, const fs::path& work_dir) {
  const LabelledScan later_scan = read_scan(output_dir, later, work_dir);
  const RigidAlignment alignment =
      align_rigidly(first_scan, later_scan, partners_of(first.volumes));
  // Both are moved half the way, so that one is as blurred by it as the other.
  const Affine from_first = half_of_rigid(alignment.later_from_first);
  const Affine from_later = inverse(from_first);
  const Grid grid =
      grid_around(first_scan.image.grid, from_first, later_scan.image.grid, from_later);
  const LabelledScan a = moved(first_scan, from_first, grid);
  const LabelledScan b = moved(later_scan, from_later, grid);
  std::vector<LabelColour> colours;
  const auto lines = line_colours(first.volumes);
  for (std::size_t i = 0; i < lines.size(); ++i)
    colours.push_back({first.volumes[i].index, lines[i]});
  draw_comparison(later.outputs.stem, later.record.suffix, view_of(a), view_of(b), colours,
                  [&](const std::string& name, std::string_view png) {
                    write_atomically(output_dir / later.outputs.figures / name, png);
                  });
  // Last: what it says is there.
  write_atomically(
      sidecar_of_pair(output_dir, later),
      bids::format_sidecar({{"Version", kVersion},
                            {"First", first.record.path},
                            {"FirstDigest", viewer_digest(first)},
                            {"Later", later.record.path},
                            {"LaterDigest", viewer_digest(later)},
                            {"LaterFromFirst_mm", alignment.later_from_first},
                            {"Rotation_deg", alignment.rotation_deg},
                            {"Shift_mm", alignment.shift_mm},
                            {"Correlation", number_or_null(correlation_of(a, b))},
                            {"MutualInformation", alignment.information},
                            {"MirroredMutualInformation", alignment.mirrored_information}}));
}

}  // namespace

std::vector<SessionComparison> session_comparisons(const fs::path& output_dir,
                                                   const SessionSeries& series) {
  std::vector<SessionComparison> comparisons;
  for (std::size_t i = 1; i < series.images.size(); ++i)
    comparisons.push_back(comparison_of(output_dir, *series.images.front(), *series.images[i]));
  return comparisons;
}

std::vector<fs::path> draw_sessions(const fs::path& output_dir, const SessionSeries& series,
                                    const fs::path& work_dir, const Log& log) {
  std::vector<fs::path> files;
  std::optional<LabelledScan> first_scan;
  const ImageResult& first = *series.images.front();
  for (std::size_t i = 1; i < series.images.size(); ++i) {
    const ImageResult& later = *series.images[i];
    if (viewer_digest(first).empty() || viewer_digest(later).empty()) continue;
    const std::string not_compared =
        later.record.path + ": not shown beside " + first.record.path + ": ";
    try {
      if (known_of(output_dir, first, later).is_null()) {
        if (!first_scan) first_scan = read_scan(output_dir, first, work_dir);
        draw_pair(output_dir, first, later, *first_scan, work_dir);
      }
      for (const auto& path : picture_paths(planes_of(first, later)))
        files.push_back(output_dir / path);
      files.push_back(sidecar_of_pair(output_dir, later));
    } catch (const InputError& error) {
      log.warning(not_compared + error.what());
    } catch (const Error& error) {
      if (error.code() != ExitCode::kInternal) throw;  // ITK's, which cannot align any two scans
      log.warning(not_compared + error.what());
    } catch (const std::invalid_argument& error) {
      log.warning(not_compared + error.what());
    }
  }
  return files;
}

}  // namespace hypersynth
