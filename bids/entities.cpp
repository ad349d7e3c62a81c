#include "bids/entities.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace hypersynth::bids {
namespace {

constexpr std::array<EntityKind, 35> kKinds = {{
    {Entity::kSubject, "sub", "subject", false},
    {Entity::kTemplate, "tpl", "template", false},
    {Entity::kSession, "ses", "session", false},
    {Entity::kCohort, "cohort", "cohort", false},
    {Entity::kSample, "sample", "sample", false},
    {Entity::kTask, "task", "task", false},
    {Entity::kTracksys, "tracksys", "tracksys", false},
    {Entity::kAcquisition, "acq", "acquisition", false},
    {Entity::kNucleus, "nuc", "nucleus", false},
    {Entity::kVolume, "voi", "volume", false},
    {Entity::kCeagent, "ce", "ceagent", false},
    {Entity::kTracer, "trc", "tracer", false},
    {Entity::kStain, "stain", "stain", false},
    {Entity::kReconstruction, "rec", "reconstruction", false},
    {Entity::kDirection, "dir", "direction", false},
    {Entity::kRun, "run", "run", true},
    {Entity::kModality, "mod", "modality", false},
    {Entity::kEcho, "echo", "echo", true},
    {Entity::kFlip, "flip", "flip", true},
    {Entity::kInversion, "inv", "inversion", true},
    {Entity::kMtransfer, "mt", "mtransfer", false},
    {Entity::kPart, "part", "part", false},
    {Entity::kProcessing, "proc", "processing", false},
    {Entity::kHemisphere, "hemi", "hemisphere", false},
    {Entity::kSpace, "space", "space", false},
    {Entity::kSplit, "split", "split", true},
    {Entity::kRecording, "recording", "recording", false},
    {Entity::kChunk, "chunk", "chunk", true},
    {Entity::kAtlas, "atlas", "atlas", false},
    {Entity::kSegmentation, "seg", "segmentation", false},
    {Entity::kScale, "scale", "scale", false},
    {Entity::kResolution, "res", "resolution", false},
    {Entity::kDensity, "den", "density", false},
    {Entity::kLabel, "label", "label", false},
    {Entity::kDescription, "desc", "description", false},
}};

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_word(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_alphanumeric);
}

bool is_number(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view without_leading_zeros(std::string_view digits) {
  const auto first = digits.find_first_not_of('0');
  return first == std::string_view::npos ? digits.substr(digits.size() - 1) : digits.substr(first);
}

void require_label(std::string_view text) {
  if (!is_label(text))
    throw std::invalid_argument("entity label must be letters, digits or +: '" + std::string(text) +
                                "'");
}

/// `key-value`, or nothing.
std::optional<NameView::Pair> parse_pair(std::string_view text) {
  const auto hyphen = text.find('-');
  if (hyphen == std::string_view::npos) return std::nullopt;
  const NameView::Pair pair{entity_with_key(text.substr(0, hyphen)), text.substr(0, hyphen),
                            text.substr(hyphen + 1)};
  if (!is_word(pair.key) || !is_label(pair.value)) return std::nullopt;
  return pair;
}

bool has_key(const NameView& view, std::string_view key) {
  return std::any_of(view.pairs.begin(), view.pairs.end(),
                     [&](const NameView::Pair& pair) { return pair.key == key; });
}

}  // namespace

std::span<const EntityKind> entity_kinds() { return kKinds; }

const EntityKind& entity_kind(Entity entity) { return kKinds[static_cast<std::size_t>(entity)]; }

std::optional<Entity> entity_with_key(std::string_view key) {
  for (const auto& kind : kKinds) {
    if (kind.key == key) return kind.entity;
  }
  return std::nullopt;
}

std::optional<Entity> entity_named(std::string_view key_or_name) {
  for (const auto& kind : kKinds) {
    if (kind.key == key_or_name || kind.name == key_or_name) return kind.entity;
  }
  return std::nullopt;
}

bool is_label(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return is_alphanumeric(c) || c == '+'; });
}

bool same_value(Entity entity, std::string_view a, std::string_view b) {
  if (entity_kind(entity).is_index && is_number(a) && is_number(b))
    return without_leading_zeros(a) == without_leading_zeros(b);
  return a == b;
}

std::optional<std::string_view> Entities::get(Entity entity) const {
  for (const auto& [known, value] : known_) {
    if (known == entity) return value;
  }
  return std::nullopt;
}

void Entities::set(Entity entity, std::string_view value) {
  require_label(value);
  auto place = std::lower_bound(known_.begin(), known_.end(), entity,
                                [](const auto& pair, Entity key) { return pair.first < key; });
  if (place != known_.end() && place->first == entity) {
    place->second = value;
  } else {
    known_.emplace(place, entity, value);
  }
}

void Entities::erase(Entity entity) {
  std::erase_if(known_, [&](const auto& pair) { return pair.first == entity; });
}

void Entities::add_other(std::string_view key, std::string_view value) {
  if (!is_word(key)) throw std::invalid_argument("entity key must be letters or digits");
  require_label(value);
  other_.emplace_back(key, value);
}

std::optional<std::string_view> NameView::get(Entity entity) const {
  for (const auto& pair : pairs) {
    if (pair.entity == entity) return pair.value;
  }
  return std::nullopt;
}

bool NameView::in_order() const {
  std::optional<Entity> last;
  for (const Pair& pair : pairs) {
    if (!pair.entity) continue;
    if (last && *pair.entity < *last) return false;
    last = pair.entity;
  }
  return true;
}

std::optional<NameView> parse_name_view(std::string_view file_name) {
  NameView view;
  for (auto underscore = file_name.find('_'); underscore != std::string_view::npos;
       underscore = file_name.find('_')) {
    const auto pair = parse_pair(file_name.substr(0, underscore));
    if (!pair || has_key(view, pair->key)) return std::nullopt;
    view.pairs.push_back(*pair);
    file_name.remove_prefix(underscore + 1);
  }
  const auto dot = std::min(file_name.find('.'), file_name.size());
  view.suffix = file_name.substr(0, dot);
  view.extension = file_name.substr(dot);
  if (!is_word(view.suffix)) return std::nullopt;
  return view;
}

Name to_name(const NameView& view) {
  Name name;
  for (const auto& pair : view.pairs) {
    if (pair.entity) {
      name.entities.set(*pair.entity, pair.value);
    } else {
      name.entities.add_other(pair.key, pair.value);
    }
  }
  name.suffix = view.suffix;
  name.extension = view.extension;
  return name;
}

std::optional<Name> parse_name(std::string_view file_name) {
  const auto view = parse_name_view(file_name);
  return view ? std::optional(to_name(*view)) : std::nullopt;
}

std::string format_name(const Name& name) {
  std::string text;
  const auto append = [&](std::string_view key, std::string_view value) {
    text.append(key).append("-").append(value).append("_");
  };
  for (const auto& [entity, value] : name.entities.known()) append(entity_kind(entity).key, value);
  for (const auto& [key, value] : name.entities.other()) append(key, value);
  return text + name.suffix + name.extension;
}

nlohmann::json to_json(const Entities& entities) {
  auto json = nlohmann::json::object();
  for (const auto& [entity, value] : entities.known()) json[entity_kind(entity).name] = value;
  for (const auto& [key, value] : entities.other()) json[key] = value;
  return json;
}

}  // namespace hypersynth::bids
