#include "pipeline/cache/run_log.h"

#include <algorithm>
#include <fcntl.h>
#include <map>

#include "pipeline/cache/record_json.h"

namespace hypersynth::pipeline {
namespace {

using nlohmann::json;

std::optional<Digest> digest_member(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return Digest::parse(found->get_ref<const std::string&>());
}

/// Reads one log file into a history.
class Reader {
 public:
  Reader(History& history, const fs::path& nodes_folder)
      : history_(history), nodes_folder_(nodes_folder) {}

  void read(std::string_view text) {
    keys_.clear();
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      read_line(text.substr(0, end));
      if (end == std::string_view::npos) break;
      text.remove_prefix(end + 1);
    }
  }

 private:
  void read_line(std::string_view line) {
    ++history_.lines;
    if (line.empty() || !is_sealed(line)) {
      ++history_.damaged_lines;
      return;
    }
    if (auto result = result_from_json_line(line, nodes_folder_)) {
      keys_.push_back(result->key.digest);
      for (const auto& file : result->files) history_.file_versions.push_back(file.version);
      history_.add(std::make_shared<const Result>(std::move(*result)));
      return;
    }
    try {
      read_other(json::parse(line));
    } catch (const json::exception&) {  // an intact line of a version that this one does not know
    }
  }

  void read_other(const json& object) {
    const auto kind = object.value("kind", std::string());
    if (kind == "file") {
      read_file(object);
    } else if (kind == "durable") {
      const std::size_t count = std::min(object.value("results", std::size_t{0}), keys_.size());
      history_.durable.insert(keys_.begin(), keys_.begin() + static_cast<std::ptrdiff_t>(count));
    } else if (kind == "collected") {
      mark_collected(object);
    } else if (kind == "removed") {
      if (const auto key = digest_member(object, "key")) history_.results.erase(*key);
    }
  }

  void mark_collected(const json& object) {
    const auto key = digest_member(object, "key");
    const auto found = key ? history_.results.find(*key) : history_.results.end();
    if (found == history_.results.end()) return;
    auto collected = std::make_shared<Result>(*found->second);
    collected->collected = true;
    found->second = std::move(collected);
  }

  void read_file(const json& object) {
    const auto digest = digest_member(object, "digest");
    const auto numbers = object.find("version");
    if (!digest || numbers == object.end() || numbers->size() != 5) return;
    FileVersion version;
    version.digest = *digest;
    FileIdentity& id = version.identity;
    (*numbers)[0].get_to(id.device);
    (*numbers)[1].get_to(id.inode);
    (*numbers)[2].get_to(id.size_bytes);
    (*numbers)[3].get_to(id.modified_ns);
    (*numbers)[4].get_to(id.changed_ns);
    history_.file_versions.push_back(version);
  }

  History& history_;
  const fs::path& nodes_folder_;
  std::vector<Digest> keys_;
};

}  // namespace

void History::add(std::shared_ptr<const Result> result) {
  latest_key[result->node] = result->key.digest;
  const Digest key = result->key.digest;
  results.insert_or_assign(key, std::move(result));
}

History RunLog::load(const fs::path& folder, const fs::path& nodes_folder,
                     const FileSystem& file_system) {
  History history;
  for (const auto& name : file_system.list(folder)) {
    if (const auto text = file_system.read(folder / name))
      Reader(history, nodes_folder).read(*text);
  }
  return history;
}

void RunLog::merge(const fs::path& folder, const std::vector<std::string>& names,
                   const fs::path& nodes_folder, const FileSystem& file_system) {
  History history;
  for (const auto& name : names) {
    if (const auto text = file_system.read(folder / name))
      Reader(history, nodes_folder).read(*text);
  }
  // Named like the newest of them, so that it is read in its place.
  const fs::path target = folder / names.back();
  // Until it is, a name that comes right after it: what a merge that is killed leaves is a log of
  // that run like the others.
  RunLog merged(folder, target.stem().string() + ".merging", nodes_folder, file_system);
  file_system.remove(merged.file());
  std::vector<std::shared_ptr<const Result>> unsettled;
  for (const auto& [key, result] : history.results) {
    if (history.durable.count(key) == 1) {
      merged.add(*result);
    } else {
      unsettled.push_back(result);
    }
  }
  merged.add_durable(merged.results());
  for (const auto& result : unsettled) merged.add(*result);
  for (const auto& [key, result] : history.results) {
    if (result->collected) merged.add_collected(key);
  }
  std::map<std::pair<std::uint64_t, std::uint64_t>, const FileVersion*> newest;
  for (const auto& version : history.file_versions)
    newest[{version.identity.device, version.identity.inode}] = &version;
  for (const auto& [where, version] : newest) merged.add(*version);
  merged.flush();
  file_system.sync(folder);  // the logs that it stands for are about to go
  file_system.rename(merged.file(), target);
  for (const auto& name : names) {
    if (name != names.back()) file_system.remove(folder / name);
  }
}

RunLog::RunLog(const fs::path& folder, const std::string& run_id, fs::path nodes_folder,
               const FileSystem& file_system)
    : file_(folder / (run_id + ".jsonl")),
      nodes_folder_(std::move(nodes_folder)),
      file_system_(file_system) {}

void RunLog::add(const Result& result) {
  pending_ += to_json_line(result, nodes_folder_);
  pending_ += '\n';
  ++results_;
}

void RunLog::add(const FileVersion& version) {
  const FileIdentity& id = version.identity;
  const json object = {
      {"kind", "file"},
      {"digest", version.digest.hex()},
      {"version", {id.device, id.inode, id.size_bytes, id.modified_ns, id.changed_ns}}};
  pending_ += seal(object.dump()) + '\n';
}

void RunLog::add_durable(std::size_t results) {
  pending_ += seal(json{{"kind", "durable"}, {"results", results}}.dump()) + '\n';
}

void RunLog::add_collected(const Digest& key) {
  pending_ += seal(json{{"kind", "collected"}, {"key", key.hex()}}.dump()) + '\n';
}

void RunLog::add_removed(const Digest& key) {
  pending_ += seal(json{{"kind", "removed"}, {"key", key.hex()}}.dump()) + '\n';
}

void RunLog::flush() {
  if (pending_.empty()) return;
  if (!descriptor_) descriptor_ = open_file(file_, O_WRONLY | O_CREAT | O_APPEND);
  // A cut record must not swallow the next one: an attempt that failed half-way leaves a line that
  // the line break in front of the next attempt ends.
  const std::string text = std::exchange(pending_, {});
  try {
    file_system_.append(descriptor_.get(), text, file_);
  } catch (...) {
    pending_ = '\n' + text;
    throw;
  }
}

}  // namespace hypersynth::pipeline
