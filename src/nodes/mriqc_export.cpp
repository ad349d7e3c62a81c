#include "nodes/mriqc_export.h"

#include <cmath>

#include <nlohmann/json.hpp>

namespace hypersynth {

namespace {

using nlohmann::json;

bool begins_with(const std::string& name, const char* prefix) { return name.rfind(prefix, 0) == 0; }

json missing_value(const std::string& name) {
  if (begins_with(name, "snrd_") || name == "fber" || name == "qi_1") return -1.0;
  return name == "qi_2" ? json(0.0) : json(nullptr);
}

json value_of(const MeasureValue& measure) {
  if (!std::isfinite(measure.value)) return missing_value(measure.name);
  // There, the counts of voxels of the tissues have a decimal point.
  if (begins_with(measure.name, "size_")) return std::llround(measure.value);
  return measure.value;
}

/// MRIQC's names of the entities: "subject_id".
json metadata_of(const ImageRecord& record) {
  json result = record.metadata;
  for (const auto& [name, value] : record.entities.items()) {
    result.erase(name);
    const std::string short_name = name == "acquisition"      ? "acq"
                                   : name == "reconstruction" ? "rec"
                                                              : name;
    result[short_name + "_id"] = value;
  }
  result["modality"] = record.suffix;
  result["dataset"] = "<unset>";
  return result;
}

}  // namespace

std::string mriqc_json(const ImageRecord& record) {
  json result = json::object();
  bool has_air = false;
  for (const auto& measure : record.measures) {
    if (begins_with(measure.name, "qc_")) continue;  // not MRIQC's
    result[measure.name] = value_of(measure);
    if (measure.name == "summary_bg_n") has_air = std::isfinite(measure.value);
  }
  result["bids_meta"] = metadata_of(record);
  result["provenance"] = {{"software", "hypersynth"},
                          {"version", record.recipe.version},
                          {"xxh3", record.source.digest},
                          {"settings", {{"fast", record.recipe.fast}}},
                          {"warnings", {{"small_air_mask", !has_air}}}};
  return result.dump(4, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace hypersynth
