#include "pipeline/cache/record_json.h"

namespace hypersynth::pipeline {
namespace {

using nlohmann::json;

constexpr std::string_view kSeal = ",\"checksum\":\"";
constexpr std::size_t kSealLength = kSeal.size() + 18;

}  // namespace

json text_to_json(const std::string& text) { return to_json(Value(text)); }

std::string text_from_json(const json& value) { return value_from_json(value).as<std::string>(); }

json path_to_json(const fs::path& path) { return to_json(Value(path)); }

fs::path path_from_json(const json& value) { return value_from_json(value).as<fs::path>(); }

Digest digest_from_json(const json& value) {
  const auto digest = Digest::parse(value.get_ref<const std::string&>());
  if (!digest) throw ValueError();
  return *digest;
}

json key_to_json(const CacheKey& key) {
  json fields = json::array();
  for (const auto& field : key.fields)
    fields.push_back({text_to_json(field.name), text_to_json(field.text), field.digest.hex()});
  json files = json::array();
  for (const auto& [path, digest] : key.files) files.push_back({path_to_json(path), digest.hex()});
  return {{"digest", key.digest.hex()}, {"fields", std::move(fields)}, {"files", std::move(files)}};
}

CacheKey key_from_json(const json& object) {
  CacheKey key;
  key.digest = digest_from_json(object.at("digest"));
  for (const auto& field : object.at("fields")) {
    key.fields.push_back(
        {text_from_json(field.at(0)), text_from_json(field.at(1)), digest_from_json(field.at(2))});
  }
  for (const auto& file : object.at("files"))
    key.files.emplace_back(path_from_json(file.at(0)), digest_from_json(file.at(1)));
  return key;
}

json values_to_json(const Values& values) {
  json array = json::array();
  for (const Value& value : values) array.push_back(to_json(value));
  return array;
}

Values values_from_json(const json& array) {
  Values values;
  for (const auto& value : array) values.push_back(value_from_json(value));
  return values;
}

json findings_to_json(const InputFindings& findings) {
  return {{"path", text_to_json(findings.path)},
          {"expected", text_to_json(findings.expected)},
          {"found", text_to_json(findings.found)}};
}

InputFindings findings_from_json(const json& object) {
  return {text_from_json(object.at("path")), text_from_json(object.at("expected")),
          text_from_json(object.at("found"))};
}

std::string seal(std::string object) {
  object.pop_back();
  const std::string sum = checksum(object);
  return object.append(kSeal).append(sum).append("\"}");
}

bool is_sealed(std::string_view line) {
  if (line.size() < kSealLength) return false;
  const std::string_view body = line.substr(0, line.size() - kSealLength);
  return line.substr(body.size(), kSeal.size()) == kSeal &&
         line.substr(body.size() + kSeal.size()) == checksum(body) + "\"}";
}

std::string_view without_line_break(std::string_view line) {
  if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  return line;
}

}  // namespace hypersynth::pipeline
