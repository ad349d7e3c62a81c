#pragma once

#include <chrono>
#include <cstdio>
#include <mutex>
#include <string>

#include "bids/layout.h"
#include "core/log.h"

namespace hypersynth {

/// Writes to stderr what happens: a bar (done / total, rate, time left) on a terminal, a line per
/// event elsewhere. May be used by several threads at once.
class Progress {
 public:
  /// `verbosity` 0 shows warnings and errors, 1 information, 2 everything. `unit` is one of the
  /// total; empty where they differ in length, so that rate and time left say nothing.
  Progress(std::size_t total, int verbosity, std::string unit = "image");
  ~Progress();

  /// One more is done; `line` says which, and how it ended.
  void advance(const std::string& line);
  /// A message, above the bar.
  void message(LogLevel level, std::string_view text);

 private:
  void clear_bar();
  void draw_bar();

  std::mutex mutex_;
  std::size_t total_;
  std::size_t done_ = 0;
  int verbosity_;
  std::string unit_;
  bool terminal_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Findings on a dataset: a warning or a few for each kind, every single one as information.
/// `skip_names`: without those on names that BIDS does not allow; `skip_links`: nor those on links
/// without content, as where that is fetched.
void show_issues(const bids::Layout& layout, bool skip_names, Progress& progress,
                 bool skip_links = false);

}  // namespace hypersynth
