#include "pipeline/cache/cache_key.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace hypersynth::pipeline {
namespace {

/// Changes whenever keys or stored results get another meaning.
constexpr std::string_view kScheme = "hypersynth-pipeline-1";

void append_sized(std::string& bytes, std::string_view text) {
  const std::uint64_t size = text.size();
  bytes.append(reinterpret_cast<const char*>(&size), sizeof size);
  bytes.append(text);
}

template <class T>
void append_plain(std::string& bytes, const T& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void append_value(std::string& bytes, const Value& value, Hashed hashed,
                  const PathDigest& path_digest, std::vector<InputDigest>& files) {
  bytes += static_cast<char>(value.data().index());
  if (const auto* flag = std::get_if<bool>(&value.data())) {
    bytes += *flag ? '1' : '0';
  } else if (const auto* integer = std::get_if<std::int64_t>(&value.data())) {
    append_plain(bytes, *integer);
  } else if (const auto* real = std::get_if<double>(&value.data())) {
    append_plain(bytes, std::isnan(*real) ? std::numeric_limits<double>::quiet_NaN() : *real);
  } else if (const auto* text = std::get_if<std::string>(&value.data())) {
    append_sized(bytes, *text);
  } else if (const auto* path = std::get_if<fs::path>(&value.data())) {
    const bool content = hashed != Hashed::kPath && !path->empty();
    append_sized(bytes, content ? path->filename().string() : path->string());
    if (!content) return;
    const Digest digest = path_digest(*path);
    append_plain(bytes, digest);
    if (hashed == Hashed::kContent) files.emplace_back(*path, digest);
  } else if (const auto* list = std::get_if<List>(&value.data())) {
    append_plain(bytes, std::uint64_t{list->size()});
    for (const auto& element : *list) append_value(bytes, element, hashed, path_digest, files);
  }
}

const KeyField* find(const std::vector<KeyField>& fields, const std::string& name) {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const KeyField& field) { return field.name == name; });
  return found == fields.end() ? nullptr : &*found;
}

}  // namespace

CacheKey cache_key(const std::string& node, const AnyInterface& interface, const Values& inputs,
                   const PathDigest& path_digest) {
  CacheKey key;
  key.fields.reserve(inputs.size() + 2);
  key.fields.push_back({"interface", interface.id(), digest_of(interface.id())});
  key.fields.push_back({"version", interface.version(), digest_of(interface.version())});
  std::string bytes;
  for (std::size_t port = 0; port < inputs.size(); ++port) {
    bytes.clear();
    const PortInfo& info = interface.inputs()[port];
    append_value(bytes, inputs[port], info.hashed, path_digest, key.files);
    key.fields.push_back({"input '" + info.name + "'", display(inputs[port]), digest_of(bytes)});
  }
  bytes.clear();
  append_sized(bytes, kScheme);
  append_sized(bytes, node);
  for (const KeyField& field : key.fields) {
    append_sized(bytes, field.name);
    append_plain(bytes, field.digest);
  }
  key.digest = digest_of(bytes);
  return key;
}

std::vector<std::string> explain(const std::vector<KeyField>& before,
                                 const std::vector<KeyField>& now) {
  std::vector<std::string> reasons;
  for (const KeyField& field : now) {
    const KeyField* old = find(before, field.name);
    if (old == nullptr) {
      reasons.push_back(field.name + " is new");
    } else if (old->digest != field.digest && old->text == field.text) {
      reasons.push_back(field.name + ": the content of " + field.text + " changed");
    } else if (old->digest != field.digest) {
      reasons.push_back(field.name + ": " + old->text + " -> " + field.text);
    }
  }
  for (const KeyField& field : before) {
    if (find(now, field.name) == nullptr) reasons.push_back(field.name + " is gone");
  }
  return reasons;
}

}  // namespace hypersynth::pipeline
