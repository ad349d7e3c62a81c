#include "pipeline/batch/batch_listing.h"

#include <algorithm>
#include <charconv>

namespace hypersynth::pipeline {
namespace {

/// The end of the part of `text` in front of its last `count` dots, or npos.
std::size_t before_last_dots(std::string_view text, int count) {
  std::size_t at = text.size();
  for (; count > 0; --count) {
    if (at == 0) return std::string_view::npos;
    at = text.rfind('.', at - 1);
    if (at == std::string_view::npos) return at;
  }
  return at;
}

/// Takes the number that `text` begins with.
std::optional<int> take_number(std::string_view& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<IndexRange> parse_range(std::string_view text) {
  const auto first = take_number(text);
  if (!first) return std::nullopt;
  IndexRange range{*first, *first, 1};
  if (take(text, '-')) {
    const auto last = take_number(text);
    const auto step = take(text, ':') ? take_number(text) : 1;
    if (!last || step.value_or(0) < 1) return std::nullopt;
    range = {*first, *last, *step};
  }
  return text.empty() ? std::optional(range) : std::nullopt;
}

}  // namespace

bool IndexRange::has(int index) const {
  return first <= index && index <= last && (index - first) % step == 0;
}

std::vector<IndexRange> parse_indices(std::string_view text) {
  std::vector<IndexRange> ranges;
  text = text.substr(0, text.find('%'));
  while (!text.empty()) {
    const auto part = text.substr(0, text.find(','));
    if (const auto range = parse_range(part)) ranges.push_back(*range);
    text.remove_prefix(std::min(text.size(), part.size() + 1));
  }
  return ranges;
}

bool QueuedJob::has(int index) const {
  return std::any_of(indices.begin(), indices.end(),
                     [&](const IndexRange& range) { return range.has(index); });
}

void QueueListing::add(const std::string& name, QueuedJob job) {
  const std::size_t prefix = before_last_dots(name, 2);
  if (prefix == std::string::npos) return;
  Batch& batch = batches_[name.substr(prefix + 1)];
  if (job.indices.size() == 1 && job.indices[0].first == job.indices[0].last) {
    batch.jobs.insert_or_assign(job.indices[0].first, std::move(job));
  } else {
    batch.ranges.push_back(std::move(job));
  }
}

const QueuedJob* QueueListing::find(const BatchId& id, int index) const {
  const auto batch = batches_.find(id.text());
  if (batch == batches_.end()) return nullptr;
  const auto job = batch->second.jobs.find(index);
  if (job != batch->second.jobs.end()) return &job->second;
  for (const auto& range : batch->second.ranges) {
    if (range.has(index)) return &range;
  }
  return nullptr;
}

std::optional<std::string> QueueListing::job_id(const BatchId& id) const {
  const auto batch = batches_.find(id.text());
  if (batch == batches_.end()) return std::nullopt;
  const auto& [jobs, ranges] = batch->second;
  return ranges.empty() ? jobs.begin()->second.job_id : ranges.front().job_id;
}

}  // namespace hypersynth::pipeline
