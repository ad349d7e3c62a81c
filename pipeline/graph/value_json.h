#pragma once

#include <nlohmann/json.hpp>

#include "pipeline/graph/value.h"

namespace hypersynth::pipeline {

/// Numbers, texts, truth values and lists as in JSON; a path is {"file": path}. What JSON cannot
/// hold is {"float": "nan"}, {"bytes": hex} and {"file_bytes": hex}.
nlohmann::json to_json(const Value& value);

/// Throws ValueError for what `to_json` does not write.
Value value_from_json(const nlohmann::json& json);

}  // namespace hypersynth::pipeline
