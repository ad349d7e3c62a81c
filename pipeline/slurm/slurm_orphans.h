#pragma once

#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "pipeline/slurm/slurm_folder.h"
#include "pipeline/slurm/slurm_text.h"

namespace hypersynth::pipeline {

/// Jobs whose driver died: the cluster goes on with them all the same. A node that one of them is
/// at needs no new job; this driver adopts the old one instead.
///
/// A batch of a dead driver is first in doubt, because only squeue knows which of its jobs are
/// still there. Jobs that squeue lists can be adopted from then on; a batch without any is removed.
class SlurmOrphans {
 public:
  struct Orphan {
    BatchId id;
    int index = 0;
    std::string job_id;
  };

  explicit SlurmOrphans(const SlurmFolder& folder) : folder_(folder) {}

  /// Looks in the work folder for batches of drivers that died since the last look.
  void look();

  /// Whether squeue has to be asked before anything is submitted: a node might have a job already.
  bool are_in_doubt() const { return !doubtful_.empty(); }

  /// Takes note of which of the jobs in doubt `listing` has.
  void resolve(const QueueListing& listing);

  /// The job that makes the result of this cache key, which is an orphan no more.
  std::optional<Orphan> adopt(const Digest& key);

  /// Whether the folder of a batch is still used by an orphan.
  bool any_in(const BatchId& id) const;

  std::set<std::string> job_ids() const;

 private:
  const SlurmFolder& folder_;
  std::set<std::string> known_runs_;
  std::vector<SlurmFolder::Orphans> doubtful_;
  std::unordered_map<Digest, Orphan> alive_;  ///< by cache key
};

}  // namespace hypersynth::pipeline
