#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/files/digest.h"
#include "pipeline/graph/any_interface.h"

namespace hypersynth::pipeline {

/// One ingredient of a cache key: what it is called, how a person reads it, what it hashes to.
struct KeyField {
  std::string name;
  std::string text;
  Digest digest;

  bool operator==(const KeyField&) const = default;
};

/// The key of a result and what it was made from.
struct CacheKey {
  Digest digest;
  std::vector<KeyField> fields;
  std::vector<InputDigest> files;  ///< those that must stay as they are while the node runs
};

/// Gives the digest of the file or folder at a path.
using PathDigest = std::function<Digest(const fs::path&)>;

/// Interface, version and every input: values by value, paths by file name and content (or as they
/// are, for ports that are `Hashed::kPath`). `node` keeps the results of two nodes apart.
CacheKey cache_key(const std::string& node, const AnyInterface& interface, const Values& inputs,
                   const PathDigest& path_digest);

/// The differences between two keys of one node in words, such as "input 'shrink': 4 -> 2".
std::vector<std::string> explain(const std::vector<KeyField>& before,
                                 const std::vector<KeyField>& now);

}  // namespace hypersynth::pipeline
