#include "pipeline/run/key_claims.h"

#include <utility>

namespace hypersynth::pipeline {
namespace {

/// Short beside what a node takes, long beside what asking for a lock takes.
constexpr auto kForeignRetry = std::chrono::milliseconds(50);

}  // namespace

bool KeyClaims::take(NodeId id, const Digest& key) {
  if (const auto same = taken_.find(key); same != taken_.end()) {
    same->second.push_back(id);
    return false;
  }
  if (!work_folder_.try_lock(key)) {
    if (foreign_.empty()) loop_.after(kForeignRetry, [this] { retry_foreign(); });
    foreign_.push_back(id);
    return false;
  }
  taken_.try_emplace(key);
  return true;
}

void KeyClaims::give_back(const Digest& key) {
  work_folder_.unlock(key);
  const auto waiting = taken_.extract(key);
  if (waiting.empty()) return;
  for (const NodeId id : waiting.mapped()) again_(id);
}

void KeyClaims::retry_foreign() {
  for (const NodeId id : std::exchange(foreign_, {})) again_(id);
}

}  // namespace hypersynth::pipeline
