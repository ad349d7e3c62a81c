#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "pipeline/execution/thread_pool.h"
#include "pipeline/run/journal.h"
#include "pipeline/run/node_table.h"

namespace hypersynth::pipeline {

/// Removes what nobody needs any more: the files of results that every node has read which wanted
/// to, and results that newer ones of the same node have replaced.
class Collector {
 public:
  Collector(NodeTable& nodes, const WorkFolder& work_folder, Journal& journal, Reporter& reporter,
            EventLoop& loop);

  /// A result that names files of other results keeps those.
  void pin_sources(const Result& result);

  /// Removes, in a thread of its own, the files that only `settled`, which is done, still needed. A
  /// node that turns out to need them later makes them again (see Revivals).
  void collect_after(NodeId settled);

  /// Removes results in `history` of nodes that have a newer one now.
  void remove_superseded(const History& history);

  /// Whether files are being removed.
  bool is_busy() const { return removing_ > 0; }

 private:
  std::vector<NodeId> freed_by(NodeId settled) const;
  bool is_free(NodeId id) const;
  bool all_done(const std::vector<NodeId>& nodes) const;

  NodeTable& nodes_;
  const WorkFolder& work_folder_;
  Journal& journal_;
  Reporter& reporter_;
  EventLoop& loop_;
  std::unordered_set<std::string> pinned_;  ///< folders of results
  std::size_t removing_ = 0;                ///< results whose files are being removed
  ThreadPool threads_;                      // last: its jobs use the rest
};

}  // namespace hypersynth::pipeline
