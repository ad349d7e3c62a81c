#include "bids/sidecar.h"

#include <algorithm>
#include <system_error>

#include <nlohmann/json.hpp>

#include "core/error.h"

namespace hypersynth::bids {
namespace {

constexpr int kMaximumDepth = 200;

/// "line 3, column 7" of the byte at `offset`.
std::string place_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const auto newline = before.rfind('\n');
  const auto column =
      newline == std::string_view::npos ? before.size() + 1 : before.size() - newline;
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

/// The offset of the first bracket that is nested too deep, if there is one. Metadata never nest
/// that deep, and functions that walk through the values call themselves once for each level.
std::optional<std::size_t> too_deep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string) {
      if (c == '\\') ++at;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kMaximumDepth) return at;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return std::nullopt;
}

/// The reason in a message of nlohmann_json: the part after "[json.exception...] parse error at
/// line 1, column 2: ". The caller says the place itself.
std::string reason_of(std::string_view what) {
  const auto colon = what.find(": ");
  return printable(colon == std::string_view::npos ? what : what.substr(colon + 2));
}

}  // namespace

nlohmann::json parse_json_object(std::string_view text, const std::string& path) {
  if (const auto offset = too_deep(text))
    throw DatasetError(IssueCode::kJsonInvalid, path,
                       place_of(text, *offset) + ": nested deeper than " +
                           std::to_string(kMaximumDepth) + " levels");
  try {
    auto json = nlohmann::json::parse(text);
    if (!json.is_object())
      throw DatasetError(IssueCode::kJsonNotObject, path,
                         std::string("expected a JSON object, found ") +
                             (json.is_array() ? "an array" : json.type_name()));
    return json;
  } catch (const nlohmann::json::parse_error& error) {
    const std::size_t offset = error.byte > 0 ? error.byte - 1 : 0;
    throw DatasetError(IssueCode::kJsonInvalid, path,
                       place_of(text, offset) + ": " + reason_of(error.what()));
  } catch (const nlohmann::json::exception& error) {
    throw DatasetError(IssueCode::kJsonInvalid, path, reason_of(error.what()));
  }
}

Metadata::Metadata(std::vector<Layer> layers) : layers_(std::move(layers)) {
  if (layers_.size() == 1) {
    values_ = layers_.front().values;
    return;
  }
  auto merged = std::make_shared<nlohmann::json>(nlohmann::json::object());
  for (const auto& layer : layers_) merged->insert(layer.values->begin(), layer.values->end());
  values_ = std::move(merged);
}

std::optional<std::string> Metadata::source_of(std::string_view key) const {
  for (const auto& layer : layers_) {
    if (layer.values->contains(key)) return layer.path;
  }
  return std::nullopt;
}

Metadata SidecarReader::read(FileId file) {
  std::vector<Metadata::Layer> layers;
  for (const auto& sidecar : inheritance_->applicable(file, ".json")) {
    if (sidecar.file == file) continue;
    if (sidecar.ambiguous)
      report(file,
             {IssueCode::kSidecarAmbiguous, tree_->path(file),
              "several sidecars of '" + tree_->directory_path(tree_->directory(sidecar.file)) +
                  "' apply; the one with the most entities comes first"});
    const bool shared = tree_->directory(sidecar.file) != tree_->directory(file);
    if (auto values = values_of(sidecar.file, shared))
      layers.push_back({tree_->path(sidecar.file), std::move(values)});
  }
  return Metadata(std::move(layers));
}

Issues SidecarReader::issues() const {
  const std::lock_guard lock(mutex_);
  return issues_;
}

SidecarReader::Values SidecarReader::values_of(FileId sidecar, bool shared) {
  if (!shared) return parse(sidecar);
  {
    const std::lock_guard lock(mutex_);
    const auto found = shared_.find(sidecar);
    if (found != shared_.end()) return found->second;
  }
  auto values = parse(sidecar);
  const std::lock_guard lock(mutex_);
  return shared_.emplace(sidecar, std::move(values)).first->second;
}

SidecarReader::Values SidecarReader::parse(FileId sidecar) {
  const std::string path = tree_->path(sidecar);
  if (tree_->is_broken_link(sidecar)) {
    report(sidecar,
           {IssueCode::kBrokenLink, path,
            "the sidecar is a symbolic link without a target; fetch it with `datalad get`"});
    return nullptr;
  }
  try {
    return std::make_shared<const nlohmann::json>(parse_json_object(source_->read(path), path));
  } catch (const DatasetError& error) {
    report(sidecar, error.issue());
  } catch (const std::system_error& error) {
    report(sidecar, {IssueCode::kFileUnreadable, path, error.code().message()});
  }
  return nullptr;
}

void SidecarReader::report(FileId sidecar, Issue issue) {
  const std::lock_guard lock(mutex_);
  if (reported_.emplace(sidecar, issue.code).second) issues_.push_back(std::move(issue));
}

}  // namespace hypersynth::bids
