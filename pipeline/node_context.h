#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include <boost/filesystem/path.hpp>

#include "pipeline/resources.h"

namespace hypersynth::pipeline {

namespace fs = boost::filesystem;

/// What a running node knows of its surroundings.
class NodeContext {
 public:
  NodeContext(std::string node_name, fs::path work_dir, Slots slots, std::uint64_t seed,
              std::stop_token stop);

  const std::string& node_name() const { return node_name_; }

  /// An empty folder for this attempt, made when first asked for. Output paths below it are
  /// committed together when the node succeeds; the current folder of the process is not changed.
  const fs::path& work_dir();
  bool has_work_dir() const { return made_; }

  /// Threads, memory and GPU ids the node may use.
  const Slots& slots() const { return slots_; }

  /// Follows from the cache key: the same inputs give the same seed.
  std::uint64_t seed() const { return seed_; }

  /// Asked to stop when the run is cancelled.
  const std::stop_token& stop_token() const { return stop_; }

  /// Something the user should know; it reaches the observer and is kept with the result.
  void warn(std::string message) { warnings_.push_back(std::move(message)); }
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  std::string node_name_;
  fs::path work_dir_;
  bool made_ = false;
  Slots slots_;
  std::uint64_t seed_;
  std::stop_token stop_;
  std::vector<std::string> warnings_;
};

}  // namespace hypersynth::pipeline
