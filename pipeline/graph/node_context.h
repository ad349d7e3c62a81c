#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <boost/filesystem/path.hpp>

#include "pipeline/files/digest.h"
#include "pipeline/graph/resources.h"

namespace hypersynth::pipeline {

/// An input file or folder, and the digest of it that went into the cache key.
using InputDigest = std::pair<fs::path, Digest>;

/// What the engine tells a node that runs, and what the node can tell the engine.
class NodeContext {
 public:
  NodeContext(std::string node_name, fs::path work_dir, Slots slots, std::uint64_t seed,
              std::stop_token stop, std::vector<InputDigest> input_digests = {});

  const std::string& node_name() const { return node_name_; }

  /// An empty folder for this attempt, made when first asked for. Output paths below it are
  /// committed together when the node succeeds; the current folder of the process is not changed.
  const fs::path& work_dir();
  bool has_work_dir() const { return made_; }

  /// Threads, memory and GPU ids the node may use.
  const Slots& slots() const { return slots_; }

  /// Follows from the cache key: the same inputs give the same seed.
  std::uint64_t seed() const { return seed_; }

  /// Tells when the run is cancelled: long loops look at it and throw.
  const std::stop_token& stop_token() const { return stop_; }

  /// The digest by which the cache key knows the input file at `path`; nothing for a path that is
  /// no input, or one whose content does not count. A node whose result must never be that of other
  /// bytes compares it with the digest of what it has read.
  std::optional<Digest> input_digest(const fs::path& path) const;

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
  std::vector<InputDigest> input_digests_;
  std::vector<std::string> warnings_;
};

}  // namespace hypersynth::pipeline
