#include "bids/pairing.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <optional>
#include <set>

namespace hypersynth::bids {
namespace {

constexpr std::array kDerivativeEntities = {
    Entity::kSpace,       Entity::kResolution, Entity::kDensity,      Entity::kLabel,
    Entity::kDescription, Entity::kAtlas,      Entity::kSegmentation, Entity::kScale};

bool is_of_derivatives(Entity entity) {
  return std::find(kDerivativeEntities.begin(), kDerivativeEntities.end(), entity) !=
         kDerivativeEntities.end();
}

std::string key_without(const Entities& entities, std::optional<Entity> without) {
  std::string key;
  const auto add = [&](std::string_view name, std::string_view value) {
    key.append(key.empty() ? "" : "_").append(name).append("-").append(value);
  };
  for (const auto& [entity, value] : entities.known()) {
    if (is_of_derivatives(entity) || entity == without) continue;
    std::string_view shown = value;
    while (entity_kind(entity).is_index && shown.size() > 1 && shown.front() == '0')
      shown.remove_prefix(1);
    add(entity_kind(entity).key, shown);
  }
  auto others = entities.other();
  std::sort(others.begin(), others.end());
  for (const auto& [name, value] : others) add(name, value);
  return key;
}

std::string space_of(const DataFile& file) {
  return std::string(file.entities.get(Entity::kSpace).value_or(""));
}

/// Whether `space` is that of an image of the person: none is said, or the suffix of the image.
bool is_native(const std::string& space) { return space.empty() || is_anatomical_suffix(space); }

bool are_compatible(const std::string& a, const std::string& b) {
  return a == b || ((a.empty() || b.empty()) && is_native(a) && is_native(b));
}

std::string session_of(const DataFile& file) {
  return std::string(file.entities.get(Entity::kSession).value_or(""));
}

using Candidates = std::vector<DataFile>;

}  // namespace

Entities source_entities(const Entities& entities) {
  Entities source = entities;
  for (const Entity entity : kDerivativeEntities) source.erase(entity);
  return source;
}

std::string source_key(const Entities& entities) { return key_without(entities, std::nullopt); }

std::string source_key(const Entities& entities, Entity without) {
  return key_without(entities, without);
}

Pairing pair_by_source(const std::vector<DataFile>& first, const std::vector<DataFile>& second) {
  std::map<std::string, Candidates> by_source;
  for (const auto& file : second) by_source[source_key(file.entities)].push_back(file);
  std::map<std::string, Candidates> same_image;
  for (const auto& file : first)
    same_image[source_key(file.entities) + " " + space_of(file)].push_back(file);

  Pairing pairing;
  std::set<std::string> used;
  for (const auto& file : first) {
    const auto& rivals = same_image[source_key(file.entities) + " " + space_of(file)];
    Candidates candidates = by_source[source_key(file.entities)];
    std::erase_if(candidates, [&](const DataFile& other) {
      return !are_compatible(space_of(other), space_of(file));
    });
    for (const auto& candidate : candidates) used.insert(candidate.path);
    if (rivals.size() > 1) {
      pairing.ambiguous.push_back({file, rivals});
      continue;
    }
    const auto in_space = [&](const DataFile& other) { return space_of(other) == space_of(file); };
    if (candidates.size() > 1 && std::count_if(candidates.begin(), candidates.end(), in_space) > 0)
      std::erase_if(candidates, [&](const DataFile& other) { return !in_space(other); });
    if (candidates.empty()) {
      pairing.unpaired_first.push_back(file);
    } else if (candidates.size() > 1) {
      pairing.ambiguous.push_back({file, candidates});
    } else {
      pairing.pairs.push_back({file, candidates.front()});
    }
  }
  for (const auto& file : second) {
    if (used.count(file.path) == 0) pairing.unpaired_second.push_back(file);
  }
  return pairing;
}

Pairing pair_sessions(const std::vector<DataFile>& files) {
  std::map<std::string, Candidates> by_person;
  for (const auto& file : files)
    by_person[source_key(file.entities, Entity::kSession) + " " + space_of(file)].push_back(file);
  Pairing pairing;
  for (auto& [key, sessions] : by_person) {
    std::sort(sessions.begin(), sessions.end(), [](const DataFile& a, const DataFile& b) {
      return strverscmp(session_of(a).c_str(), session_of(b).c_str()) < 0;  // 3 before 12
    });
    if (sessions.size() == 1) {
      pairing.unpaired_first.push_back(sessions.front());
    } else if (sessions.size() > 2 || session_of(sessions[0]) == session_of(sessions[1])) {
      pairing.ambiguous.push_back({sessions.front(), sessions});
    } else {
      pairing.pairs.push_back({sessions[0], sessions[1]});
    }
  }
  return pairing;
}

}  // namespace hypersynth::bids
