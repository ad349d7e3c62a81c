#include "app/image_selection.h"

#include <algorithm>
#include <cstdio>
#include <system_error>

#include <boost/filesystem/operations.hpp>
#include <nlohmann/json.hpp>

#include "app/progress.h"
#include "bids/filter.h"
#include "bids/listing.h"
#include "bids/read_file.h"
#include "bids/session_time.h"
#include "core/annex.h"
#include "core/error.h"
#include "core/joined.h"
#include "core/utf8.h"
#include "image/nifti.h"
#include "nodes/extra_outputs.h"
#include "nodes/image_outputs.h"
#include "nodes/published_file.h"
#include "pipeline/files/digest.h"
#include "quality/threshold_file.h"

namespace hypersynth {

namespace {

using nlohmann::json;

std::string read_text(const fs::path& path) {
  try {
    return bids::read_regular_file(path);
  } catch (const std::system_error& error) {
    throw Error(ExitCode::kInputMissing, path.string() + ": " + error.code().message());
  }
}

/// Keeps every count-th participant from the index-th on.
void keep_batch(std::vector<bids::DataFile>& images, const Batch& batch) {
  std::vector<std::string> subjects;
  for (const auto& image : images) {
    subjects.emplace_back(image.entities.get(bids::Entity::kSubject).value_or(""));
  }
  std::sort(subjects.begin(), subjects.end());
  subjects.erase(std::unique(subjects.begin(), subjects.end()), subjects.end());
  std::erase_if(images, [&](const bids::DataFile& image) {
    const std::string subject(image.entities.get(bids::Entity::kSubject).value_or(""));
    const auto at = std::lower_bound(subjects.begin(), subjects.end(), subject) - subjects.begin();
    return at % batch.count != batch.index - 1;
  });
}

/// Why the results of `recorded` are not those of `wanted`; empty where they are.
std::string difference(const Recipe& recorded, const Recipe& wanted) {
  if (recorded.version != wanted.version) {
    return "made by version " + recorded.version + ", this is " + wanted.version;
  }
  if (recorded.steps != wanted.steps) {
    return "made by steps of other versions (" +
           (recorded.steps.empty() ? "not recorded" : recorded.steps) + "), now " + wanted.steps;
  }
  if (recorded.model_digest != wanted.model_digest) {
    return "made with model " + recorded.model + " (" + recorded.model_digest.substr(0, 8) +
           "), now " + wanted.model + " (" + wanted.model_digest.substr(0, 8) + ")";
  }
  if (recorded.fast != wanted.fast) {
    return std::string("made ") + (recorded.fast ? "with" : "without") + " --fast";
  }
  if (recorded.ct != wanted.ct)
    return std::string("made ") + (recorded.ct ? "with" : "without") + " --ct";
  return "";
}

/// Whether two JSON texts have different values; the order of keys does not count.
bool differ_as_json(const std::string& a, const std::string& b) {
  return json::parse(a, nullptr, false) != json::parse(b, nullptr, false);
}

/// Why the files of a finished image are not all that is wanted; empty where they are.
std::string missing_output(const ImageRecord& record, const ImageOutputs& outputs,
                           const ParticipantOptions& options) {
  if (options.save_posteriors && !record.has_posteriors) return "made without --save-posteriors";
  if (options.save_resampled && !record.has_resampled) return "made without --save-resampled";
  if (!options.no_viewer && !record.has_viewer) return "made with --no-viewer";
  if (options.save_qc_masks && !has_file(record, outputs.head_mask))
    return "made without --save-qc-masks";
  for (const auto& file : record.files) {
    if (!extra_that_writes(outputs, file.path).empty()) continue;  // see missing_extras()
    if (auto damage = damage_of(options.output_dir, file); !damage.empty())
      return file.path + " " + damage;
  }
  return "";
}

/// The extra outputs that are asked for and that a finished image does not have, or that it has and
/// that are damaged: they are made without segmenting it again.
Extras missing_extras(const ImageRecord& record, const ImageOutputs& outputs,
                      const ParticipantOptions& options) {
  Extras missing = options.extras();
  std::erase_if(missing, [&](const std::string& name) {
    return has_file(record, output_of_extra(outputs, name));
  });
  for (const auto& file : record.files) {
    const std::string name = extra_that_writes(outputs, file.path);
    if (name.empty() || damage_of(options.output_dir, file).empty()) continue;
    if (std::find(missing.begin(), missing.end(), name) == missing.end()) missing.push_back(name);
  }
  return missing;
}

bool same_source(const PlannedImage& image, const fs::path& path, const SourceIdentity& recorded) {
  if (!image.source.has_content)
    return !recorded.annex_key.empty() && annex_key(path.string()) == recorded.annex_key;
  return stamp_of(path).same_stamp(recorded) ||
         pipeline::digest_of_file(path).hex() == recorded.digest;
}

/// Why the image has to be segmented again; empty where it is finished.
std::string staleness(const PlannedImage& image, const fs::path& path, const ImageRecord& record,
                      const ParticipantOptions& options, const Recipe& recipe) {
  if (record.path != image.source.path) return "the result is that of " + record.path;
  if (auto reason = difference(record.recipe, recipe); !reason.empty()) return reason;
  if (auto reason = missing_output(record, outputs_of(image.source), options); !reason.empty())
    return reason;
  return same_source(image, path, record.source) ? "" : "the image has changed";
}

/// Ends a run that has no image; a listing for a machine is printed all the same.
[[noreturn]] void fail_without_images(const bids::Layout& layout, const CommonOptions& options,
                                      const std::string& message) {
  if (options.json) {
    layout.report({bids::IssueCode::kEmptySelection, "", message});
    std::printf("%s\n", describe_plan({}, layout).dump(2).c_str());
  } else {
    Progress progress(0, options.verbosity);
    show_issues(layout, options.skip_bids_validation, progress);
  }
  throw Error(ExitCode::kNothingSelected, message);
}

std::vector<bids::DataFile> select_files(const bids::Layout& layout, const CommonOptions& options,
                                         const bids::Selection& selection) {
  try {
    auto files = bids::select_images(layout, selection);
    if (!files.empty()) return files;
  } catch (const bids::DatasetError& error) {
    if (error.code() != bids::IssueCode::kEmptySelection) throw;
    fail_without_images(layout, options, error.what());
  }
  fail_without_images(layout, options,
                      layout.root().string() + ": no anatomical image fits the selection");
}

std::string text_of(const json& metadata) {
  return metadata.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// Whether git-annex has dropped a file that says something of the image.
bool lacks_description(const bids::Layout& layout, const bids::DataFile& image) {
  const auto files = described_by(layout, image);
  return std::any_of(files.begin(), files.end(), [&](const std::string& file) {
    return is_absent_from_annex((layout.root() / file).string());
  });
}

void plan_image(PlannedImage& image, const bids::Layout& layout, const ParticipantOptions& options,
                const Recipe& recipe) {
  const fs::path path = layout.root() / image.source.path;
  const auto outputs = outputs_of(image.source);
  image.reason = "no result yet";
  std::optional<ImageRecord> record;
  try {
    record = read_image_record(options.output_dir / outputs.measures);
  } catch (const InputError& error) {
    image.reason = "the record of its result is no use: " + error.found();
  }
  // What sidecars said when their content was here holds while it is not; what others say is newer.
  if (record && record->metadata_digest != metadata_digest(image.metadata) &&
      lacks_description(layout, image.source)) {
    json metadata = record->metadata;
    for (const auto& [name, value] : record->entities.items()) metadata.erase(name);
    metadata.update(json::parse(image.metadata));
    image.metadata = text_of(metadata);
  }
  try {
    if (record) image.reason = staleness(image, path, *record, options, recipe);
    if (image.reason.empty()) image.missing_extras = missing_extras(*record, outputs, options);
    const std::string extras = "it has no whole " + joined(image.missing_extras, ", ");
    if (need_source(image.missing_extras) && !image.source.has_content) image.reason = extras;
    if (!image.reason.empty()) {
      image.to_fetch = options.datalad_get && is_absent_from_annex(path.string());
      if (image.to_fetch) {
        image.reason += "; its content is fetched first";
      } else {
        image.grid = read_grid(path.string());
      }
    } else if (!image.missing_extras.empty()) {
      image.only_refresh = true;
      image.reason = extras + "; nothing is segmented again";
    } else if (record->metadata_digest != metadata_digest(image.metadata)) {
      image.only_refresh = true;
      image.reason = "its sidecars or session tables have changed; nothing is segmented again";
    } else if (differ_as_json(record->recipe.thresholds,
                              thresholds_of_suffix(recipe.thresholds, image.source.suffix))) {
      image.only_refresh = true;
      image.reason = "the thresholds of the verdict have changed; it is judged again";
    } else if (options.mriqc_json && !has_file(*record, outputs.mriqc)) {
      image.only_refresh = true;
      image.reason = "made without --mriqc-json; nothing is segmented again";
    } else {
      image.status = ImageStatus::kCached;
      image.reason = "finished before";
    }
  } catch (const InputError& error) {
    refuse(image, error.expected(), error.found());
  } catch (const std::system_error& error) {
    image.status = ImageStatus::kUnusable;
    image.reason = error.code().message();
    image.grid.reset();
  }
}

}  // namespace

std::string to_string(ImageStatus status) {
  switch (status) {
    case ImageStatus::kRun:
      return "run";
    case ImageStatus::kCached:
      return "cached";
    case ImageStatus::kUnusable:
      return "unusable";
  }
  return "";
}

Grid PlannedImage::assumed_grid() const {
  constexpr std::int64_t kSide_voxels = 256;  // of 1 mm: a field of view that holds any head
  Grid large;
  large.shape = {kSide_voxels, kSide_voxels, kSide_voxels};
  return grid.value_or(to_fetch || !missing_extras.empty() ? large : Grid{});
}

std::string PlannedImage::subject() const {
  return std::string(source.entities.get(bids::Entity::kSubject).value_or(""));
}

std::vector<std::string> described_by(const bids::Layout& layout, const bids::DataFile& image) {
  const std::string subject(image.entities.get(bids::Entity::kSubject).value_or(""));
  std::vector<std::string> files = {bids::scans_table_of(image), bids::sessions_table_of(subject)};
  for (const auto& sidecar : layout.applicable(image, ".json")) files.push_back(sidecar.path);
  return files;
}

void refuse(PlannedImage& image, const std::string& expected, const std::string& found) {
  image.status = ImageStatus::kUnusable;
  image.reason = "expected " + expected + ", found " + found;
  image.input = InputFindings{image.source.path, expected, found};
  image.grid.reset();
}

std::vector<PlannedImage> select(const bids::Layout& layout, const CommonOptions& options) {
  bids::Selection selection;
  selection.participants = options.participant_label;
  selection.excluded_participants = options.exclude_participant_label;
  selection.sessions = options.session_label;
  selection.runs = options.run_id;
  selection.modalities = options.modalities;
  if (!options.bids_filter_file.empty()) {
    bids::Issues issues;
    selection.filters = bids::parse_filter_file(read_text(options.bids_filter_file),
                                                options.bids_filter_file.string(), issues);
    for (const auto& issue : issues) layout.report(issue);
  }
  auto files = select_files(layout, options, selection);
  if (options.batch) keep_batch(files, *options.batch);
  std::vector<PlannedImage> images;
  for (auto& file : files) images.push_back({std::move(file), ImageStatus::kRun, "", {}});
  return images;
}

bool has_unread_folder(const bids::Layout& layout, const CommonOptions& options) {
  const auto names = [](const std::vector<std::string>& labels, const std::string& subject) {
    return std::any_of(labels.begin(), labels.end(), [&](const std::string& label) {
      return label == subject || "sub-" + label == subject;
    });
  };
  const auto issues = layout.issues();
  return std::any_of(issues.begin(), issues.end(), [&](const bids::Issue& issue) {
    const std::string subject = issue.path.substr(0, issue.path.find('/'));
    return issue.code == bids::IssueCode::kDirectoryUnreadable && subject.starts_with("sub-") &&
           (options.participant_label.empty() || names(options.participant_label, subject)) &&
           !names(options.exclude_participant_label, subject);
  });
}

void plan(std::vector<PlannedImage>& images, const bids::Layout& layout,
          const ParticipantOptions& options, const Recipe& recipe) {
  bids::SessionTimes times(layout);
  for (auto& image : images) {
    auto metadata = layout.metadata(image.source).values();
    const auto time = times.of(image.source);
    if (!time.acq_time.empty()) metadata[bids::kAcquisitionTimeKey] = time.acq_time;
    if (!time.age.empty()) metadata[bids::kSessionAgeKey] = time.age;
    image.metadata = text_of(metadata);
    plan_image(image, layout, options, recipe);
  }
}

json describe_plan(const std::vector<PlannedImage>& images, const bids::Layout& layout) {
  std::vector<json> rows;
  for (const auto& image : images) {
    json row = bids::listing_of(layout, image.source);
    row["status"] = to_string(image.status);
    row["reason"] = valid_utf8(image.reason);
    rows.push_back(std::move(row));
  }
  return bids::make_listing(layout, std::move(rows));
}

}  // namespace hypersynth
