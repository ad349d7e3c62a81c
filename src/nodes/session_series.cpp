#include "nodes/session_series.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <map>
#include <optional>
#include <set>

#include "bids/session_time.h"

namespace hypersynth {

namespace {

using Results = std::vector<const ImageResult*>;

std::string metadata_text(const ImageRecord& record, const char* key) {
  const auto found = record.metadata.find(key);
  if (found == record.metadata.end() || !found->is_string()) return "";
  return found->get<std::string>();
}

std::optional<double> day_of(const ImageResult& result) {
  return bids::days_of_time(metadata_text(result.record, bids::kAcquisitionTimeKey));
}

std::optional<double> age_of(const ImageResult& result) {
  const std::string text = metadata_text(result.record, bids::kSessionAgeKey);
  double age = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), age);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(age))
    return std::nullopt;
  return age;
}

bids::Entities entities_of(const ImageResult& result) {
  return data_file_at(result.record.path).entities;
}

/// "acq-fast T1w": the entities but subject, session and run, and the suffix.
std::string name_of_series(const ImageResult& result) {
  bids::DataFile source = data_file_at(result.record.path);
  source.entities.erase(bids::Entity::kSession);
  source.entities.erase(bids::Entity::kRun);
  const std::string name = outputs_of(source).name;
  std::string text = name.substr(name.find('_') + 1);
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

/// Whether two images were made so that their volumes can be compared.
bool made_alike(const ImageResult& a, const ImageResult& b) {
  return made_with(a.record.recipe) == made_with(b.record.recipe);
}

std::string file_name(const ImageResult& result) {
  return fs::path(result.record.path).filename().string();
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

/// Of the images of one session the one that is compared; `left_out` gets the names of the others.
const ImageResult* chosen_run(Results runs, std::vector<std::string>& left_out) {
  const auto failed = [](const ImageResult* run) { return run->record.verdict == "fail"; };
  std::stable_sort(runs.begin(), runs.end(),
                   [&](const auto* a, const auto* b) { return failed(a) < failed(b); });
  for (std::size_t i = 1; i < runs.size(); ++i) left_out.push_back(file_name(*runs[i]));
  return runs.front();
}

/// Keeps the images that were made as most were; `left_out` gets the names of the others.
void keep_those_made_alike(Results& images, std::vector<std::string>& left_out) {
  const auto alike = [&](const ImageResult* image) {
    return std::count_if(images.begin(), images.end(),
                         [&](const auto* other) { return made_alike(*image, *other); });
  };
  // The later of two that are alike to as many: max_element() finds the first of the reverse.
  const ImageResult* model =
      *std::max_element(images.rbegin(), images.rend(),
                        [&](const auto* a, const auto* b) { return alike(a) < alike(b); });
  for (const auto* image : images) {
    if (!made_alike(*image, *model)) left_out.push_back(file_name(*image));
  }
  std::erase_if(images, [&](const auto* image) { return !made_alike(*image, *model); });
}

/// Puts the images in the order of `time`, and notes the years between them; false where the time
/// of one is not known.
template <class Time>
bool order_by(const Time& time, double years_in_unit, SessionSeries& series) {
  std::map<const ImageResult*, double> times;
  for (const auto* image : series.images) {
    const auto known = time(*image);
    if (!known) return false;
    times[image] = *known * years_in_unit;
  }
  std::stable_sort(series.images.begin(), series.images.end(),
                   [&](const auto* a, const auto* b) { return times[a] < times[b]; });
  for (const auto* image : series.images)
    series.years.push_back(times[image] - times[series.images.front()]);
  return true;
}

void order_by_time(SessionSeries& series) {
  constexpr double kYears_in_day = 1 / 365.25;
  std::stable_sort(series.images.begin(), series.images.end(), [](const auto* a, const auto* b) {
    return strverscmp(session_of_image(*a).c_str(), session_of_image(*b).c_str()) < 0;
  });
  if (order_by(day_of, kYears_in_day, series)) return;
  series.by_age = order_by(age_of, 1, series);
  if (series.by_age) return;
  std::vector<std::string> unknown;
  for (const auto* image : series.images) {
    if (!day_of(*image)) unknown.push_back("ses-" + session_of_image(*image));
  }
  series.notes.push_back(
      "When these sessions took place is not known: " + joined(unknown) +
      ". The sessions are in the order of their labels, and changes a year are not given. Dates "
      "are read from acq_time in *_scans.tsv, or from acq_time or age in *_sessions.tsv.");
}

/// Volumes depend on the scanner: notes what differs between the images.
void note_differences(SessionSeries& series) {
  std::vector<std::string> differing;
  for (const char* key : {"Manufacturer", "ManufacturersModelName", "MagneticFieldStrength"}) {
    std::set<nlohmann::json> values;  // 3 and 3.0 are one value
    for (const auto* image : series.images) {
      const auto& metadata = image->record.metadata;
      if (metadata.contains(key)) values.insert(nlohmann::json(metadata.at(key)));
    }
    if (values.size() > 1) differing.emplace_back(key);
  }
  const auto& first = series.images.front()->record.geometry.spacing_mm;
  const bool same_voxels =
      std::all_of(series.images.begin(), series.images.end(), [&](const auto* image) {
        for (std::size_t axis = 0; axis < 3; ++axis) {
          if (std::abs(image->record.geometry.spacing_mm[axis] - first[axis]) > 0.05) return false;
        }
        return true;
      });
  if (!same_voxels) differing.emplace_back("voxel size");
  std::set<std::string> precisions;
  for (const auto* image : series.images) precisions.insert(image->record.precision);
  if (precisions.size() > 1) differing.emplace_back("the precision of the network");
  if (differing.empty()) return;
  series.notes.push_back("The sessions differ in " + joined(differing) +
                         ": a change may come from that and not from the person.");
}

}  // namespace

std::string session_of_image(const ImageResult& result) {
  return std::string(entities_of(result).get(bids::Entity::kSession).value_or(""));
}

std::string time_of_image(const ImageResult& result) {
  if (day_of(result)) return metadata_text(result.record, bids::kAcquisitionTimeKey);
  const std::string age = metadata_text(result.record, bids::kSessionAgeKey);
  return age_of(result) ? age + " years" : "";
}

std::vector<SessionSeries> session_series(const std::vector<ImageResult>& finished) {
  std::map<std::string, std::map<std::string, Results>> runs;  // series -> session -> images
  for (const auto& result : finished) {
    const std::string session = session_of_image(result);
    if (!session.empty()) runs[name_of_series(result)][session].push_back(&result);
  }
  std::vector<SessionSeries> all;
  for (const auto& [name, sessions] : runs) {
    if (sessions.size() < 2) continue;
    SessionSeries series;
    series.name = name;
    std::vector<std::string> other_runs, made_otherwise;
    for (const auto& session : sessions)
      series.images.push_back(chosen_run(session.second, other_runs));
    keep_those_made_alike(series.images, made_otherwise);
    if (!other_runs.empty())
      series.notes.push_back(
          "Of several runs in a session the first is compared whose verdict is not fail. Left "
          "out: " +
          joined(other_runs) + ".");
    if (!made_otherwise.empty())
      series.notes.push_back(
          "Left out, since made with another model, other options or another version of the "
          "program: " +
          joined(made_otherwise) + ".");
    series.suffix = series.images.front()->record.suffix;
    order_by_time(series);
    note_differences(series);
    all.push_back(std::move(series));
  }
  return all;
}

}  // namespace hypersynth
