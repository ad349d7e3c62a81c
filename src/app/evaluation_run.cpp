#include "app/evaluation_run.h"

#include <atomic>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "bids/anatomical.h"
#include "core/error.h"
#include "core/joined.h"
#include "image/nifti.h"
#include "image/resample_labels.h"
#include "nodes/source_image.h"

namespace hypersynth {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
/// Grids whose affines differ by less are the same: headers are rounded in several ways.
constexpr double kGridTolerance_mm = 1e-3;

/// Calls work(index) for 0 to count - 1 in `threads` threads, each taking the next index.
template <class Work>
void for_each_index(std::size_t count, int threads, const Work& work) {
  std::atomic<std::size_t> next{0};
  const auto run = [&] {
    for (std::size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::jthread> others;
  for (int i = 1; i < threads && static_cast<std::size_t>(i) < count; ++i) others.emplace_back(run);
  run();
}

std::string label(const bids::DataFile& file, bids::Entity entity) {
  return std::string(file.entities.get(entity).value_or(""));
}

std::string list_of(const std::set<std::int32_t>& labels) {
  return joined(labels, ", ", [](std::int32_t index) { return std::to_string(index); });
}

/// Reads a label map; labels that its lookup table does not name become 0, which `warnings` tell,
/// as they do of contradictions in the header. `digest` gets that of the bytes that were read.
LabelMap read_known_labels(const LabelDataset& dataset, const bids::DataFile& file,
                           std::vector<std::string>& warnings, std::string* digest = nullptr) {
  const PinnedFile opened(dataset.path_of(file));
  const Log log([&](LogLevel, std::string_view message) {
    warnings.push_back(file.path + ": " + std::string(message));
  });
  LabelMap labels = opened.read([&](const std::string& path) { return read_labels(path, log); });
  if (digest != nullptr) *digest = opened.identity().digest;
  const auto names = dataset.structures_of(file);
  if (!names) return labels;
  std::set<std::int32_t> unnamed;
  std::int32_t known = 0;  // labels come in runs
  for (auto& here : labels.voxels) {
    if (here == 0 || here == known) continue;
    if (names->count(here) == 1) {
      known = here;
    } else {
      unnamed.insert(here);
      here = 0;
    }
  }
  if (!unnamed.empty())
    warnings.push_back(file.path + ": labels that the lookup table does not name are ignored: " +
                       list_of(unnamed));
  return labels;
}

void score(EvaluatedImage& image, const bids::FilePair& pair, const LabelDataset& segmentations,
           const LabelDataset& references, const LabelRules& rules) {
  LabelMap segmentation =
      read_known_labels(segmentations, pair.first, image.warnings, &image.digest);
  LabelMap reference = read_known_labels(references, pair.second, image.warnings);
  if (const auto unknown = rules.mapping.apply(reference); !unknown.empty())
    image.warnings.push_back(
        pair.second.path +
        ": labels that the label mapping does not have are ignored: " + list_of(unknown));
  if (!same_grid(segmentation.grid, reference.grid, kGridTolerance_mm)) {
    segmentation = resample_labels(segmentation, reference.grid);
    image.resampled = true;
    image.warnings.push_back(
        "the grids differ: the segmentation was resampled to that of the reference");
  }
  if (!has_orthogonal_axes(reference.grid))
    image.warnings.push_back(
        "the axes of the grid are not orthogonal: surface distances are approximate");
  image.scores = score_structures(segmentation, reference, rules.ignored);
}

/// Runs `work` on the label map `path`; returns why it could not be used, or nothing.
template <class Work>
std::optional<std::string> failure_of(const std::string& path, const Work& work) {
  try {
    work();
  } catch (const InputError& error) {
    return error.what();  // names its file
  } catch (const std::exception& error) {
    return path + ": " + error.what();
  }
  return std::nullopt;
}

std::vector<RepeatedVolume> volumes_of(const bids::FilePair& pair,
                                       const LabelDataset& segmentations, const LabelRules& rules,
                                       std::vector<std::string>& warnings) {
  std::map<std::int32_t, std::pair<double, double>> volumes;
  const auto read = [&](const bids::DataFile& file, double std::pair<double, double>::*volume) {
    for (const auto& [index, mm3] :
         label_volumes_mm3(read_known_labels(segmentations, file, warnings))) {
      if (rules.ignored.count(index) == 0)
        volumes.try_emplace(index, kNaN, kNaN).first->second.*volume = mm3;
    }
  };
  read(pair.first, &std::pair<double, double>::first);
  read(pair.second, &std::pair<double, double>::second);
  bids::DataFile image = pair.first;
  image.entities.erase(bids::Entity::kSession);
  std::vector<RepeatedVolume> found;
  for (const auto& [index, volume] : volumes) {
    found.push_back({label(pair.first, bids::Entity::kSubject), image_name(image),
                     label(pair.first, bids::Entity::kSession),
                     label(pair.second, bids::Entity::kSession), index, volume.first,
                     volume.second});
  }
  return found;
}

}  // namespace

std::string image_name(const bids::DataFile& file) {
  const auto space = file.entities.get(bids::Entity::kSpace);
  const bool names_image = space && bids::is_anatomical_suffix(*space);
  if (names_image)
    return bids::format_name({bids::source_entities(file.entities), std::string(*space), ""});
  auto entities = bids::source_entities(file.entities);
  if (space) entities.set(bids::Entity::kSpace, *space);  // label maps in other spaces are others
  return bids::format_name({entities, "dseg", ""});
}

EvaluatedImage describe_image(const bids::DataFile& file, const LabelDataset& dataset) {
  EvaluatedImage image;
  image.image = image_name(file);
  image.subject = label(file, bids::Entity::kSubject);
  image.session = label(file, bids::Entity::kSession);
  image.suffix = suffix_of_image(image.image);
  image.segmentation = file.path;
  image.source = dataset.source_of(file);
  return image;
}

std::vector<EvaluatedImage> score_pairs(const std::vector<bids::FilePair>& pairs,
                                        const LabelDataset& segmentations,
                                        const LabelDataset& references, const LabelRules& rules,
                                        int threads, const ImageDone& done) {
  std::vector<EvaluatedImage> images;
  for (const auto& pair : pairs) {
    images.push_back(describe_image(pair.first, segmentations));
    images.back().reference = pair.second.path;
  }
  for_each_index(pairs.size(), threads, [&](std::size_t i) {
    EvaluatedImage& image = images[i];
    const auto failure = failure_of(
        image.segmentation, [&] { score(image, pairs[i], segmentations, references, rules); });
    if (failure) {
      image.state = EvaluationState::kFailed;
      image.message = *failure;
    }
    done(image);
  });
  return images;
}

RetestResult measure_sessions(const std::vector<bids::FilePair>& pairs,
                              const LabelDataset& segmentations, const LabelRules& rules,
                              int threads) {
  std::vector<std::vector<RepeatedVolume>> volumes(pairs.size());
  std::vector<std::vector<std::string>> warnings(pairs.size());
  RetestResult result;
  std::mutex mutex;
  for_each_index(pairs.size(), threads, [&](std::size_t i) {
    const std::string& path = pairs[i].first.path;
    const auto failure = failure_of(
        path, [&] { volumes[i] = volumes_of(pairs[i], segmentations, rules, warnings[i]); });
    if (!failure) return;
    const std::lock_guard lock(mutex);
    result.failures.push_back({path, *failure});
  });
  for (auto& of_pair : volumes)
    result.volumes.insert(result.volumes.end(), of_pair.begin(), of_pair.end());
  for (auto& of_pair : warnings)
    result.warnings.insert(result.warnings.end(), of_pair.begin(), of_pair.end());
  return result;
}

}  // namespace hypersynth
