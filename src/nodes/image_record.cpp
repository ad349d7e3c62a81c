#include "nodes/image_record.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <limits>
#include <system_error>

#include <sys/stat.h>

#include "bids/table.h"
#include "core/error.h"
#include "core/regular_file.h"
#include "core/utf8.h"
#include "pipeline/files/digest.h"
#include "pipeline/files/file_descriptor.h"
#include "pipeline/files/file_system.h"

namespace hypersynth {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

/// JSON has no NaN: a measure that could not be taken is null.
ordered_json number(double value) {
  return std::isfinite(value) ? ordered_json(value) : ordered_json(nullptr);
}

/// Counts are whole numbers: 181, not 181.0.
ordered_json value_of(const MeasureValue& measure) {
  const MeasureInfo* info = find_measure(measure.name);
  if (info == nullptr || !info->count || !std::isfinite(measure.value))
    return number(measure.value);
  return std::llround(measure.value);
}

double number_from(const ordered_json& value) {
  return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

ordered_json to_object(const std::vector<std::pair<std::string, double>>& pairs) {
  ordered_json object = ordered_json::object();
  for (const auto& [name, value] : pairs) object[name] = number(value);
  return object;
}

std::vector<std::pair<std::string, double>> to_pairs(const ordered_json& object) {
  std::vector<std::pair<std::string, double>> pairs;
  for (const auto& [name, value] : object.items()) pairs.emplace_back(name, number_from(value));
  return pairs;
}

ordered_json to_json(const InputRecipe& input) {
  return {{"spacing_mm", input.spacing_mm},
          {"low_percentile", input.low_percentile},
          {"high_percentile", input.high_percentile},
          {"clamp_min", input.clamp_min},
          {"clamp_max", input.clamp_max}};
}

InputRecipe input_recipe_from_json(const ordered_json& fields) {
  InputRecipe input;
  fields.at("spacing_mm").get_to(input.spacing_mm);
  fields.at("low_percentile").get_to(input.low_percentile);
  fields.at("high_percentile").get_to(input.high_percentile);
  fields.at("clamp_min").get_to(input.clamp_min);
  fields.at("clamp_max").get_to(input.clamp_max);
  return input;
}

ordered_json to_json(const TrainingFacts& facts) {
  ordered_json synthesis = ordered_json::array();
  for (const auto& [name, start, learned] : facts.synthesis)
    synthesis.push_back({{"name", valid_utf8(name)}, {"start", start}, {"learned", learned}});
  return {{"method", valid_utf8(facts.method)},
          {"steps", facts.steps},
          {"learned_synthesis", facts.learned_synthesis},
          {"labelled_scans", facts.labelled_scans},
          {"tuned_share", facts.tuned_share},
          {"synthesis", std::move(synthesis)}};
}

/// Records of earlier versions have only "learned_synthesis", in the provenance itself.
TrainingFacts training_from_json(const ordered_json& provenance) {
  TrainingFacts facts;
  if (!provenance.contains("training")) {
    provenance.at("learned_synthesis").get_to(facts.learned_synthesis);
    return facts;
  }
  const ordered_json& training = provenance.at("training");
  training.at("method").get_to(facts.method);
  training.at("steps").get_to(facts.steps);
  training.at("learned_synthesis").get_to(facts.learned_synthesis);
  training.at("labelled_scans").get_to(facts.labelled_scans);
  facts.tuned_share = training.value("tuned_share", 1.0);  // versions before had no means
  for (const auto& entry : training.at("synthesis")) {
    facts.synthesis.push_back({entry.at("name").get<std::string>(),
                               entry.at("start").get<std::vector<double>>(),
                               entry.at("learned").get<std::vector<double>>()});
  }
  return facts;
}

}  // namespace

bool has_file(const ImageRecord& record, const std::string& path) {
  return std::any_of(record.files.begin(), record.files.end(),
                     [&](const PublishedFile& file) { return file.path == path; });
}

std::string metadata_digest(const std::string& metadata) {
  return pipeline::digest_of(metadata).hex();
}

SourceIdentity stamp_of(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) {
    throw std::system_error(errno, std::generic_category(), file.string());
  }
  require_regular_file(file.string(), status.st_mode);
  SourceIdentity identity;
  identity.size_bytes = static_cast<std::uint64_t>(status.st_size);
  identity.modified_ns = nanoseconds(status.st_mtim);
  identity.changed_ns = nanoseconds(status.st_ctim);
  identity.inode = status.st_ino;
  return identity;
}

ordered_json to_json(const ImageRecord& record) {
  ordered_json result = ordered_json::object();
  ordered_json notes = ordered_json::object();
  for (const auto& measure : record.measures) {
    result[measure.name] = value_of(measure);
    if (!measure.note.empty()) notes[measure.name] = valid_utf8(measure.note);
  }
  result["notes"] = std::move(notes);
  result["mean_posteriors"] = to_object(record.mean_posteriors);
  result["bids_meta"] = record.metadata;
  for (const auto& [name, value] : record.entities.items()) result["bids_meta"][name] = value;
  result["entities"] = record.entities;
  result["path"] = record.path;
  result["suffix"] = record.suffix;
  result["geometry"] = {{"shape", record.geometry.shape},
                        {"spacing_mm", record.geometry.spacing_mm},
                        {"orientation", record.geometry.orientation}};
  result["icv_mm3"] = number(record.intracranial_mm3);
  result["brain_parenchymal_fraction"] = number(record.brain_parenchymal_fraction);
  result["verdict"] = record.verdict;
  result["verdict_reasons"] = record.verdict_reasons;
  if (!record.recipe.thresholds.empty())
    result["thresholds"] = ordered_json::parse(record.recipe.thresholds);
  json warnings = json::array();
  for (const auto& warning : record.warnings) warnings.push_back(valid_utf8(warning));
  result["warnings"] = std::move(warnings);
  result["timings_s"] = to_object(record.timings_s);
  result["provenance"] = {{"software", "hypersynth"},
                          {"version", record.recipe.version},
                          {"model", record.recipe.model},
                          {"model_xxh3", record.recipe.model_digest},
                          {"fast", record.recipe.fast},
                          {"ct", record.recipe.ct},
                          {"steps", record.recipe.steps},
                          {"training", to_json(record.recipe.training)},
                          {"device", record.device},
                          {"precision", record.precision},
                          {"posteriors", record.has_posteriors},
                          {"resampled", record.has_resampled},
                          {"viewer", record.has_viewer},
                          {"metadata_xxh3", record.metadata_digest},
                          {"source",
                           {{"size_bytes", record.source.size_bytes},
                            {"modified_ns", record.source.modified_ns},
                            {"changed_ns", record.source.changed_ns},
                            {"inode", record.source.inode},
                            {"xxh3", record.source.digest}}},
                          {"files", files_to_json(record.files)}};
  if (!record.source.annex_key.empty())
    result["provenance"]["source"]["annex_key"] = record.source.annex_key;
  if (!(record.input == InputRecipe())) result["provenance"]["model_input"] = to_json(record.input);
  return result;
}

std::string to_text(const ImageRecord& record) {
  return to_json(record).dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string made_with(const Recipe& recipe) {
  return recipe.version + "\n" + recipe.model_digest + (recipe.fast ? " fast" : "") +
         (recipe.ct ? " ct" : "") + "\n" + recipe.steps;
}

ImageRecord image_record_from_json(const ordered_json& source) {
  ImageRecord record;
  static const char* const kOwnKeys[] = {"bids_meta",
                                         "entities",
                                         "path",
                                         "suffix",
                                         "geometry",
                                         "icv_mm3",
                                         "verdict",
                                         "notes",
                                         "mean_posteriors",
                                         "verdict_reasons",
                                         "timings_s",
                                         "provenance",
                                         "warnings",
                                         "brain_parenchymal_fraction",
                                         "thresholds"};
  ordered_json measures = source;
  for (const char* key : kOwnKeys) measures.erase(key);
  const ordered_json& notes = source.at("notes");
  for (const auto& [name, value] : measures.items())
    record.measures.push_back({name, number_from(value), notes.value(name, std::string())});
  record.mean_posteriors = to_pairs(source.at("mean_posteriors"));
  record.metadata = source.at("bids_meta");
  record.entities = source.at("entities");
  source.at("path").get_to(record.path);
  source.at("suffix").get_to(record.suffix);
  const ordered_json& geometry = source.at("geometry");
  geometry.at("shape").get_to(record.geometry.shape);
  geometry.at("spacing_mm").get_to(record.geometry.spacing_mm);
  geometry.at("orientation").get_to(record.geometry.orientation);
  record.intracranial_mm3 = number_from(source.at("icv_mm3"));
  record.brain_parenchymal_fraction =
      number_from(source.value("brain_parenchymal_fraction", ordered_json()));
  source.at("verdict").get_to(record.verdict);
  source.at("verdict_reasons").get_to(record.verdict_reasons);
  if (source.contains("thresholds")) record.recipe.thresholds = source.at("thresholds").dump();
  record.warnings = source.value("warnings", record.warnings);
  record.timings_s = to_pairs(source.at("timings_s"));
  const ordered_json& provenance = source.at("provenance");
  provenance.at("version").get_to(record.recipe.version);
  provenance.at("model").get_to(record.recipe.model);
  provenance.at("model_xxh3").get_to(record.recipe.model_digest);
  provenance.at("fast").get_to(record.recipe.fast);
  record.recipe.ct = provenance.value("ct", false);
  record.recipe.steps = provenance.value("steps", "");  // which records before did not have
  provenance.at("device").get_to(record.device);
  record.precision = provenance.value("precision", "");
  record.recipe.training = training_from_json(provenance);
  provenance.at("metadata_xxh3").get_to(record.metadata_digest);
  record.files = files_from_json(provenance.at("files"));
  if (provenance.contains("model_input"))
    record.input = input_recipe_from_json(provenance.at("model_input"));
  provenance.at("posteriors").get_to(record.has_posteriors);
  provenance.at("resampled").get_to(record.has_resampled);
  record.has_viewer = provenance.value("viewer", false);
  const ordered_json& identity = provenance.at("source");
  identity.at("size_bytes").get_to(record.source.size_bytes);
  identity.at("modified_ns").get_to(record.source.modified_ns);
  identity.at("changed_ns").get_to(record.source.changed_ns);
  identity.at("inode").get_to(record.source.inode);
  identity.at("xxh3").get_to(record.source.digest);
  record.source.annex_key = identity.value("annex_key", "");
  return record;
}

std::optional<ImageRecord> read_image_record(const fs::path& path) {
  std::optional<std::string> text;
  try {
    text = pipeline::real_file_system().read(path);
    if (!text) return std::nullopt;
    return image_record_from_json(ordered_json::parse(*text));
  } catch (const NotARegularFile&) {
    throw InputError(path.string(), "the record of a finished image", "no regular file");
  } catch (const std::system_error& error) {
    throw InputError(path.string(), "the record of a finished image", error.code().message());
  } catch (const json::exception&) {
    throw InputError(path.string(), "the record of a finished image",
                     text->empty() ? "an empty file" : "a damaged one");
  }
}

}  // namespace hypersynth
