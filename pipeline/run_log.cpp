#include "pipeline/run_log.h"

#include <algorithm>
#include <fcntl.h>

#include "pipeline/record_json.h"

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
      history_.add(std::move(*result));
      return;
    }
    const json object = json::parse(line, nullptr, false);
    const auto kind = object.value("kind", std::string());
    if (kind == "file") {
      read_file(object);
    } else if (kind == "durable") {
      const std::size_t count = std::min(object.value("results", std::size_t{0}), keys_.size());
      history_.durable.insert(keys_.begin(), keys_.begin() + static_cast<std::ptrdiff_t>(count));
    } else if (kind == "collected") {
      const auto key = digest_member(object, "key");
      const auto found = key ? history_.results.find(*key) : history_.results.end();
      if (found != history_.results.end()) found->second.collected = true;
    }
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

void History::add(Result result) {
  latest_key[result.node] = result.key.digest;
  const Digest key = result.key.digest;
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

RunLog::RunLog(const fs::path& folder, const std::string& run_id, fs::path nodes_folder,
               const FileSystem& file_system)
    : file_(folder / (run_id + ".jsonl")),
      nodes_folder_(std::move(nodes_folder)),
      file_system_(file_system) {
  file_system_.create_folder(folder);
  descriptor_ = open_file(file_, O_WRONLY | O_CREAT | O_APPEND);
}

void RunLog::add(const Result& result) {
  pending_ += to_json_line(result, nodes_folder_);
  pending_ += '\n';
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

void RunLog::flush() {
  if (pending_.empty()) return;
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
