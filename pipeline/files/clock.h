#pragma once

#include <cstdint>
#include <string>

namespace hypersynth::pipeline {

/// Milliseconds since the epoch.
std::int64_t now_ms();

/// "2026-03-01T12:34:56.789Z" (ISO 8601, xsd:dateTime).
std::string display_time(std::int64_t ms_since_epoch);

}  // namespace hypersynth::pipeline
