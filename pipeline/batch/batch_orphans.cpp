#include "pipeline/batch/batch_orphans.h"

#include <algorithm>
#include <utility>

namespace hypersynth::pipeline {

void BatchOrphans::look() {
  for (auto& batch : folder_.orphans(known_runs_)) {
    if (batch.unfinished.empty()) {
      folder_.remove(batch.id);
    } else {
      doubtful_.push_back(std::move(batch));
    }
  }
}

std::vector<BatchId> BatchOrphans::doubtful() const {
  std::vector<BatchId> ids;
  for (const auto& batch : doubtful_) ids.push_back(batch.id);
  return ids;
}

void BatchOrphans::resolve(const QueueListing& listing) {
  for (const auto& batch : std::exchange(doubtful_, {})) {
    bool any = false;
    for (const auto& [index, key] : batch.unfinished) {
      const QueuedJob* job = listing.find(batch.id, index);
      if (job == nullptr || !job->is_alive()) continue;
      any = true;
      alive_.insert_or_assign(key, Orphan{batch.id, index, job->job_id});
    }
    if (!any) folder_.remove(batch.id);
  }
}

std::optional<BatchOrphans::Orphan> BatchOrphans::adopt(const Digest& key) {
  auto orphan = alive_.extract(key);
  if (orphan.empty()) return std::nullopt;
  return std::move(orphan.mapped());
}

bool BatchOrphans::any_in(const BatchId& id) const {
  return std::any_of(alive_.begin(), alive_.end(),
                     [&](const auto& orphan) { return orphan.second.id == id; });
}

std::set<std::string> BatchOrphans::job_ids() const {
  std::set<std::string> ids;
  for (const auto& [key, orphan] : alive_) ids.insert(orphan.job_id);
  return ids;
}

}  // namespace hypersynth::pipeline
