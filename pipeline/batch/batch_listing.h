#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pipeline/batch/batch_folder.h"

namespace hypersynth::pipeline {

/// Numbers of jobs in their array: every `step`-th from `first` to `last`.
struct IndexRange {
  int first = 0;
  int last = 0;
  int step = 1;
  bool has(int index) const;
};

/// Reads "3", "7-20,24" or "1-9:2", and what stands behind a "%" is skipped: "0-99%4" are at most
/// four at a time. Parts that are none of this are left out.
std::vector<IndexRange> parse_indices(std::string_view text);

/// Where a job is in its life, as far as its scheduler knows.
enum class JobPhase {
  kWaiting,
  kStuck,  ///< it waits, but for a reason that will not go away by itself
  kRunning,
  kEnded,
};

/// A job, or the part of an array that still waits, as its scheduler lists it.
struct QueuedJob {
  std::string job_id;  ///< of the whole array
  std::vector<IndexRange> indices;
  JobPhase phase = JobPhase::kWaiting;
  std::string state;     ///< of a job that has ended, in the scheduler's words
  std::string reason;    ///< for that state
  bool is_array = true;  ///< otherwise its index is 0

  bool has(int index) const;
  bool is_alive() const { return phase != JobPhase::kEnded; }
};

/// What a scheduler says of the jobs of this user, by batch.
class QueueListing {
 public:
  /// Adds a job; those that are not called "<anything>.<run>.<number>" are skipped.
  void add(const std::string& name, QueuedJob job);

  /// Nothing when it is not listed (any more).
  const QueuedJob* find(const BatchId& id, int index) const;

  /// The id of a batch of which any job is listed.
  std::optional<std::string> job_id(const BatchId& id) const;

 private:
  struct Batch {
    std::unordered_map<int, QueuedJob> jobs;  ///< by index
    std::vector<QueuedJob> ranges;            ///< parts of the array that wait
  };

  std::unordered_map<std::string, Batch> batches_;
};

}  // namespace hypersynth::pipeline
