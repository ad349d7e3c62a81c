#include "nodes/session_pictures.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

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

using json = nlohmann::ordered_json;

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

std::string alignment_path(const ImageResult& later) {
  return session_alignment_of(data_file_at(later.record.path));
}

std::vector<std::array<Reportlet, 2>> planes_of(const ImageResult& first,
                                                const ImageResult& later) {
  return comparison_planes(later.outputs.figures, later.outputs.stem, later.record.suffix,
                           session_of_image(first), session_of_image(later));
}

/// The content of a file of alignment; null where it is not there or not readable as one.
json read_alignment(const fs::path& file) {
  try {
    const auto text = pipeline::real_file_system().read(file);
    json known = text ? json::parse(*text, nullptr, false) : json();
    return known.is_object() && known.contains("Files") ? known : json();
  } catch (const std::exception&) {
    return {};  // it is made anew
  }
}

/// What is known of a pair; null where nothing is, it is about other images, or a picture is not
/// the one that was drawn.
json known_of(const fs::path& output_dir, const ImageResult& first, const ImageResult& later) {
  json known = read_alignment(output_dir / alignment_path(later));
  if (known.is_null()) return nullptr;
  try {
    if (known.at("Version") != kSessionPicturesVersion || known.at("First") != first.record.path ||
        known.at("FirstDigest") != viewer_digest(first) ||
        known.at("LaterDigest") != viewer_digest(later))
      return nullptr;
    for (const auto& file : files_from_json(known.at("Files"))) {
      if (!damage_of(output_dir, file).empty()) return nullptr;
    }
  } catch (const json::exception&) {
    return nullptr;
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
  for (const auto* image : {&first, &later}) {
    if (!viewer_digest(*image).empty()) continue;
    comparison.missing = "Not shown beside each other: ses-" + session_of_image(*image) +
                         " was made with --no-viewer, and so there is nothing to draw it from. A "
                         "run without that option makes it.";
    return comparison;
  }
  const json known = known_of(output_dir, first, later);
  if (known.is_null()) {
    comparison.missing =
        "Not shown beside each other yet: the next run of the participant level aligns and draws "
        "them.";
    return comparison;
  }
  if (known.contains("Problem")) {
    comparison.missing =
        "Not shown beside each other: " + known.value("Problem", std::string()) + ".";
    return comparison;
  }
  comparison.rotation_deg = number_of(known, "Rotation_deg");
  comparison.shift_mm = number_of(known, "Shift_mm");
  comparison.correlation = number_of(known, "Correlation");
  comparison.mirrored = known.value("Mirrored", false);
  comparison.planes = planes_of(first, later);
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
  const fs::path image_file = work_dir / "image.nii.gz", labels_file = work_dir / "labels.nii.gz";
  write_atomically(image_file, files->image);
  write_atomically(labels_file, files->labels);
  LabelledScan scan{read_image(image_file.string()), read_labels(labels_file.string())};
  fs::remove(image_file);
  fs::remove(labels_file);
  return scan;
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

/// What a file of alignment says in any case.
json begun_alignment(const ImageResult& first, const ImageResult& later) {
  return {{"Version", kSessionPicturesVersion},  {"First", first.record.path},
          {"FirstDigest", viewer_digest(first)}, {"Later", later.record.path},
          {"LaterDigest", viewer_digest(later)}, {"Files", json::object()}};
}

void write_alignment(const fs::path& output_dir, const ImageResult& later, const json& alignment) {
  write_atomically(output_dir / alignment_path(later), bids::format_sidecar(alignment));
}

/// Draws a pair; returns what is known of it then.
json draw_pair(const fs::path& output_dir, const ImageResult& first, const ImageResult& later,
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
  Publisher publisher(output_dir);
  draw_comparison(later.outputs.stem, later.record.suffix, view_of(a), view_of(b), colours,
                  [&](const std::string& name, std::string_view png) {
                    publisher.text(later.outputs.figures + "/" + name, png);
                  });
  json known = begun_alignment(first, later);
  known["Files"] = files_to_json(publisher.files());
  known["LaterFromFirst_mm"] = alignment.later_from_first;
  known["Rotation_deg"] = alignment.rotation_deg;
  known["Shift_mm"] = alignment.shift_mm;
  known["Correlation"] = number_or_null(correlation_of(a, b));
  known["MutualInformation"] = alignment.information;
  known["MirroredMutualInformation"] = alignment.mirrored_information;
  known["Mirrored"] = alignment.mirrored_information > kMirroredRatio * alignment.information;
  write_alignment(output_dir, later, known);  // last: what it names is there
  return known;
}

/// What is known of a pair, which is drawn where nothing is. Of one that cannot be compared the
/// reason is kept, so that it is not tried again and again.
json known_or_drawn(const fs::path& output_dir, const ImageResult& first, const ImageResult& later,
                    std::optional<LabelledScan>& first_scan, const fs::path& work_dir,
                    const Log& log) {
  json known = known_of(output_dir, first, later);
  if (!known.is_null()) return known;
  std::string problem;
  try {
    if (!first_scan) first_scan = read_scan(output_dir, first, work_dir);
    known = draw_pair(output_dir, first, later, *first_scan, work_dir);
    if (known.at("Mirrored"))
      log.warning(later.record.path + ": it is more like " + first.record.path +
                  " if it is mirrored: left and right seem to be swapped in one of them");
    return known;
  } catch (const InputError& error) {
    problem = error.what();
  } catch (const Error& error) {
    if (error.code() != ExitCode::kInternal) throw;  // ITK's, which cannot align any two scans
    problem = error.what();
  } catch (const std::invalid_argument& error) {
    problem = error.what();
  }
  log.warning(later.record.path + ": not shown beside " + first.record.path + ": " + problem);
  known = begun_alignment(first, later);
  known["Problem"] = problem;
  write_alignment(output_dir, later, known);
  return known;
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
                                    const fs::path& work_dir, const std::stop_token& stop,
                                    const Log& log) {
  std::vector<fs::path> files;
  std::optional<LabelledScan> first_scan;
  const ImageResult& first = *series.images.front();
  for (std::size_t i = 1; i < series.images.size(); ++i) {
    if (stop.stop_requested()) throw Error(ExitCode::kInterrupted, "interrupted");
    const ImageResult& later = *series.images[i];
    if (viewer_digest(first).empty() || viewer_digest(later).empty()) continue;
    const json known = known_or_drawn(output_dir, first, later, first_scan, work_dir, log);
    for (const auto& file : files_from_json(known.at("Files")))
      files.push_back(output_dir / file.path);
    files.push_back(output_dir / alignment_path(later));
  }
  return files;
}

std::vector<std::string> session_files(const fs::path& output_dir, const std::string& alignment,
                                       std::string* first) {
  const json known = read_alignment(output_dir / alignment);
  if (known.is_null()) return {};
  std::vector<std::string> files;
  const std::string folder = fs::path(alignment).parent_path().string() + "/";
  try {
    for (const auto& file : files_from_json(known.at("Files"))) {
      const std::string path = fs::path(file.path).lexically_normal().string();
      if (path.starts_with(folder)) files.push_back(path);
    }
    if (first != nullptr) *first = known.at("First").get<std::string>();
  } catch (const json::exception&) {
    if (first != nullptr) first->clear();
  }
  files.push_back(alignment);
  return files;
}

void remove_other_sessions(const fs::path& output_dir, const std::string& subject,
                           const std::vector<SessionSeries>& series) {
  std::set<std::string> wanted;
  for (const auto& one : series) {
    for (std::size_t i = 1; i < one.images.size(); ++i)
      wanted.insert(alignment_path(*one.images[i]));
  }
  std::string problem;
  const std::string figures = "sub-" + subject + "/figures";
  for (const auto& name : names_in(output_dir / figures, problem)) {
    const std::string path = figures + "/" + name;
    if (name.find("_desc-sessions_") == std::string::npos || wanted.contains(path)) continue;
    for (const auto& file : session_files(output_dir, path)) {
      boost::system::error_code ignored;
      fs::remove(output_dir / file, ignored);
    }
  }
}

}  // namespace hypersynth
