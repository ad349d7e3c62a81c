#pragma once

#include <string>
#include <vector>

#include "core/error.h"
#include "pipeline/cache/cache_key.h"
#include "pipeline/graph/value_json.h"

namespace hypersynth::pipeline {

/// Parts that several kinds of records share. Reading throws for what writing does not give.
nlohmann::json text_to_json(const std::string& text);
std::string text_from_json(const nlohmann::json& json);
nlohmann::json path_to_json(const fs::path& path);
fs::path path_from_json(const nlohmann::json& json);
Digest digest_from_json(const nlohmann::json& json);
nlohmann::json key_to_json(const CacheKey& key);
CacheKey key_from_json(const nlohmann::json& json);
nlohmann::json values_to_json(const Values& values);
Values values_from_json(const nlohmann::json& json);
nlohmann::json findings_to_json(const InputFindings& findings);
InputFindings findings_from_json(const nlohmann::json& json);

/// Puts a checksum into a JSON object's text, and checks it.
std::string seal(std::string object);
bool is_sealed(std::string_view line);

/// The line without the line break at its end.
std::string_view without_line_break(std::string_view line);

}  // namespace hypersynth::pipeline
