#pragma once

#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "pipeline/batch/batch_folder.h"
#include "pipeline/batch/batch_listing.h"

namespace hypersynth::pipeline {

/// Jobs whose driver died: the cluster goes on with them all the same. A node that one of them is
/// at needs no new job; this driver adopts the old one instead.
///
/// A batch of a dead driver is first in doubt, because only the scheduler knows which of its jobs
/// are still there. Jobs that it lists can be adopted from then on; a batch without any is removed.
class BatchOrphans {
 public:
  struct Orphan {
    BatchId id;
    int index = 0;
    std::string job_id;
  };

  explicit BatchOrphans(const BatchFolder& folder) : folder_(folder) {}

  /// Looks in the work folder for batches of drivers that died since the last look.
  void look();

  /// Whether a listing is needed before anything is submitted: a node might have a job already.
  bool are_in_doubt() const { return !doubtful_.empty(); }

  /// Those that are in doubt.
  std::vector<BatchId> doubtful() const;

  /// Takes note of which of the jobs in doubt `listing` has.
  void resolve(const QueueListing& listing);

  /// The job that makes the result of this cache key, which is an orphan no more.
  std::optional<Orphan> adopt(const Digest& key);

  /// Whether the folder of a batch is still used by an orphan.
  bool any_in(const BatchId& id) const;

  std::set<std::string> job_ids() const;

 private:
  const BatchFolder& folder_;
  std::set<std::string> known_runs_;
  std::vector<BatchFolder::Orphans> doubtful_;
  std::unordered_map<Digest, Orphan> alive_;  ///< by cache key
};

}  // namespace hypersynth::pipeline
