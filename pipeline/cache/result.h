#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/cache/cache_key.h"
#include "pipeline/files/clock.h"
#include "pipeline/files/digest_memo.h"

namespace hypersynth::pipeline {

/// What an execution used.
struct Usage {
  std::int64_t started_ms = 0;  ///< since the epoch
  double wall_s = 0;
  double cpu_s = 0;                         ///< user and system, children included
  std::optional<std::uint64_t> peak_bytes;  ///< resident memory; not known of a thread
};

/// A file that an output names: below the result's folder, or anywhere for what a node published.
struct OutputFile {
  fs::path path;
  FileVersion version;
};

/// A committed execution of a node: what went in, what came out. Paths are absolute here and
/// relative to `folder` where they are stored, so that a work folder can be moved.
struct Result {
  std::string node;
  std::string folder;  ///< name of the result's folder
  CacheKey key;
  Values outputs;
  std::vector<OutputFile> files;
  std::vector<std::string> warnings;
  Usage usage;
  std::string host;
  std::string boot;  ///< boot of the kernel that wrote it: after a power cut files are suspect
  bool has_folder = false;  ///< false: no files, a single record
  bool collected = false;   ///< the files were removed on purpose
};

/// One line of JSON, without a line break, that ends in its own checksum; `nodes_folder` is where
/// result folders are.
std::string to_json_line(const Result& result, const fs::path& nodes_folder);

/// Nothing when the line is damaged or of another kind.
std::optional<Result> result_from_json_line(std::string_view line, const fs::path& nodes_folder);

/// Name of this machine, and of its current boot.
const std::string& host_name();
const std::string& boot_id();

}  // namespace hypersynth::pipeline
