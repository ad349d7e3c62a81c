#include "nodes/image_record.h"

#include <cerrno>
#include <cmath>
#include <fstream>
#include <limits>
#include <system_error>

#include <sys/stat.h>

#include "bids/table.h"
#include "image/regular_file.h"

namespace hypersynth {

namespace {

using nlohmann::json;

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

/// JSON has no NaN: a measure that could not be taken is null.
json number(double value) { return std::isfinite(value) ? json(value) : json(nullptr); }

double number_from(const json& value) {
  return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

json to_object(const std::vector<std::pair<std::string, double>>& pairs) {
  json object = json::object();
  for (const auto& [name, value] : pairs) object[name] = number(value);
  return object;
}

std::vector<std::pair<std::string, double>> to_pairs(const json& object) {
  std::vector<std::pair<std::string, double>> pairs;
  for (const auto& [name, value] : object.items()) pairs.emplace_back(name, number_from(value));
  return pairs;
}

}  // namespace

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

json to_json(const ImageRecord& record) {
  json result = json::object();
  json notes = json::object();
  for (const auto& measure : record.measures) {
    result[measure.name] = number(measure.value);
    if (!measure.note.empty()) notes[measure.name] = bids::valid_utf8(measure.note);
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
  result["verdict"] = record.verdict;
  result["verdict_reasons"] = record.verdict_reasons;
  json warnings = json::array();
  for (const auto& warning : record.warnings) warnings.push_back(bids::valid_utf8(warning));
  result["warnings"] = std::move(warnings);
  result["timings_s"] = to_object(record.timings_s);
  result["provenance"] = {{"software", "hypersynth"},
                          {"version", record.recipe.version},
                          {"model", record.recipe.model},
                          {"model_xxh3", record.recipe.model_digest},
                          {"fast", record.recipe.fast},
                          {"device", record.device},
                          {"posteriors", record.has_posteriors},
                          {"resampled", record.has_resampled},
                          {"source",
                           {{"size_bytes", record.source.size_bytes},
                            {"modified_ns", record.source.modified_ns},
                            {"changed_ns", record.source.changed_ns},
                            {"inode", record.source.inode},
                            {"xxh3", record.source.digest}}}};
  return result;
}

ImageRecord image_record_from_json(const json& source) {
  ImageRecord record;
  static const char* const kOwnKeys[] = {
      "bids_meta", "entities",   "path",    "suffix",          "geometry",
      "icv_mm3",   "verdict",    "notes",   "mean_posteriors", "verdict_reasons",
      "timings_s", "provenance", "warnings"};
  json measures = source;
  for (const char* key : kOwnKeys) measures.erase(key);
  const json& notes = source.at("notes");
  for (const auto& [name, value] : measures.items())
    record.measures.push_back({name, number_from(value), notes.value(name, std::string())});
  record.mean_posteriors = to_pairs(source.at("mean_posteriors"));
  record.metadata = source.at("bids_meta");
  record.entities = source.at("entities");
  source.at("path").get_to(record.path);
  source.at("suffix").get_to(record.suffix);
  const json& geometry = source.at("geometry");
  geometry.at("shape").get_to(record.geometry.shape);
  geometry.at("spacing_mm").get_to(record.geometry.spacing_mm);
  geometry.at("orientation").get_to(record.geometry.orientation);
  record.intracranial_mm3 = number_from(source.at("icv_mm3"));
  source.at("verdict").get_to(record.verdict);
  source.at("verdict_reasons").get_to(record.verdict_reasons);
  record.warnings = source.value("warnings", record.warnings);
  record.timings_s = to_pairs(source.at("timings_s"));
  const json& provenance = source.at("provenance");
  provenance.at("version").get_to(record.recipe.version);
  provenance.at("model").get_to(record.recipe.model);
  provenance.at("model_xxh3").get_to(record.recipe.model_digest);
  provenance.at("fast").get_to(record.recipe.fast);
  provenance.at("device").get_to(record.device);
  provenance.at("posteriors").get_to(record.has_posteriors);
  provenance.at("resampled").get_to(record.has_resampled);
  const json& identity = provenance.at("source");
  identity.at("size_bytes").get_to(record.source.size_bytes);
  identity.at("modified_ns").get_to(record.source.modified_ns);
  identity.at("changed_ns").get_to(record.source.changed_ns);
  identity.at("inode").get_to(record.source.inode);
  identity.at("xxh3").get_to(record.source.digest);
  return record;
}

std::optional<ImageRecord> read_image_record(const fs::path& path) {
  std::ifstream stream(path.string());
  if (!stream) return std::nullopt;
  try {
    return image_record_from_json(json::parse(stream));
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

}  // namespace hypersynth
