#pragma once

#include "core/log.h"
#include "pipeline/graph/node_context.h"

namespace hypersynth {

/// A log that hands errors and warnings to `context`, which shows them to the user and must outlive
/// it.
inline Log log_of(pipeline::NodeContext& context) {
  return Log([&context](LogLevel level, std::string_view text) {
    if (level <= LogLevel::kWarning) context.warn(std::string(text));
  });
}

}  // namespace hypersynth
