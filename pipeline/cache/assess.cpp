#include "pipeline/cache/assess.h"

#include <system_error>

namespace hypersynth::pipeline {
namespace {

std::optional<std::string> find_damage(const OutputFile& file, DigestMemo& memo,
                                       const FileSystem& file_system, bool read_all) {
  const auto identity = file_system.identify(file.path);
  const FileIdentity& recorded = file.version.identity;
  if (!identity) return "output " + file.path.string() + " is missing";
  if (identity->folder != recorded.folder)
    return "output " + file.path.string() + " is of another kind";
  if (!identity->folder && identity->size_bytes != recorded.size_bytes) {
    return "output " + file.path.string() + " has " + std::to_string(identity->size_bytes) +
           " bytes, recorded were " + std::to_string(recorded.size_bytes);
  }
  if (!read_all && !identity->folder && *identity == recorded) return std::nullopt;
  const FileVersion version = read_all ? memo.reread(file.path) : memo.find(file.path);
  if (version.digest == file.version.digest) return std::nullopt;
  return "output " + file.path.string() + " has other content than recorded";
}

}  // namespace

std::optional<std::string> find_damage(const Result& result, DigestMemo& memo,
                                       const FileSystem& file_system, bool read_all) {
  try {
    for (const OutputFile& file : result.files) {
      if (auto damage = find_damage(file, memo, file_system, read_all)) return damage;
    }
  } catch (const std::system_error& error) {
    return std::string("an output cannot be read: ") + error.what();
  }
  return std::nullopt;
}

bool Assessor::is_suspect(const Result& result) const {
  return result.boot != boot_id() && history_.durable.count(result.key.digest) == 0;
}

Assessment Assessor::assess(const std::string& node, const CacheKey& key) const {
  Assessment assessment;
  const auto found = history_.results.find(key.digest);
  if (found != history_.results.end()) {
    const Result& result = *found->second;
    if (result.collected) {
      assessment.result = found->second;
      return assessment;
    }
    auto damage = find_damage(result, memo_, file_system_, verify_ || is_suspect(result));
    if (!damage) {
      assessment.result = found->second;
      return assessment;
    }
    assessment.damaged = true;
    assessment.reasons.push_back(std::move(*damage));
    return assessment;
  }
  const auto latest = history_.latest_key.find(node);
  const auto before = latest != history_.latest_key.end() ? history_.results.find(latest->second)
                                                          : history_.results.end();
  if (before == history_.results.end()) {
    assessment.reasons.push_back("it has not run before");
  } else {
    assessment.reasons = explain(before->second->key.fields, key.fields);
  }
  return assessment;
}

}  // namespace hypersynth::pipeline
