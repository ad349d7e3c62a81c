#include "bids/filter.h"

#include <algorithm>
#include <cctype>
#include <set>

#include <nlohmann/json.hpp>

namespace hypersynth::bids {
namespace {

using nlohmann::json;

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

/// The anatomical suffix spelled `name` in any case, empty where there is none.
std::string anatomical_suffix(std::string_view name) {
  for (const auto& suffix : anatomical_suffixes()) {
    if (lower(suffix) == lower(name)) return suffix;
  }
  return {};
}

std::string without_prefix(std::string_view label, std::string_view prefix) {
  if (label.starts_with(prefix)) label.remove_prefix(prefix.size());
  return std::string(label);
}

std::vector<std::string> without_prefix(std::vector<std::string> labels, std::string_view prefix) {
  for (auto& label : labels) label = without_prefix(label, prefix);
  return labels;
}

/// Reads one filter file.
class FilterParser {
 public:
  FilterParser(const std::string& path, Issues& issues) : path_(path), issues_(issues) {}

  FilterFile parse(const json& object) {
    FilterFile file;
    for (const auto& [key, filter] : object.items()) {
      const std::string suffix = anatomical_suffix(key);
      if (suffix.empty()) {
        unknown(key);
        continue;
      }
      if (!filter.is_object()) invalid(key, "expected an object of entities and values");
      Query& query = file.by_suffix[suffix];
      for (const auto& [name, value] : filter.items()) add(query, key, name, value);
      file.names_sessions |= query.entities.contains(Entity::kSession);
    }
    return file;
  }

 private:
  void add(Query& query, const std::string& key, const std::string& name, const json& value) {
    const std::string where = key + "." + name;
    const auto entity = entity_named(name);
    if (name == "suffix") {
      query.suffixes = texts(where, value);
    } else if (name == "datatype") {
      query.datatypes = texts(where, value);
    } else if (name == "extension") {
      query.extensions = texts(where, value);
      for (auto& extension : query.extensions) {
        if (!extension.starts_with('.')) extension.insert(0, 1, '.');
      }
    } else if (entity) {
      query.entities.insert_or_assign(*entity, match(where, *entity, value));
    } else {
      unknown(where);
    }
  }

  Match match(const std::string& where, Entity entity, const json& value) {
    const json list = value.is_array() ? value : json::array({value});
    const std::string prefix = std::string(entity_kind(entity).key) + "-";
    std::vector<std::string> values;
    bool any = false;
    bool absent = false;
    for (const auto& item : list) {
      if (item.is_null()) {
        absent = true;
      } else if (const std::string label = text(where, item); label == "*") {
        any = true;
      } else {
        values.push_back(without_prefix(label, prefix));
      }
    }
    Match match = any ? Match::present() : Match::one_of(std::move(values));
    if (absent) match.or_absent();
    return match;
  }

  std::vector<std::string> texts(const std::string& where, const json& value) {
    std::vector<std::string> result;
    for (const auto& item : value.is_array() ? value : json::array({value})) {
      result.push_back(text(where, item));
      // No constraint is an empty list, and every file has a suffix and an extension.
      if (result.back() == "*") return {};
    }
    return result;
  }

  std::string text(const std::string& where, const json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_number_integer()) return value.dump();
    invalid(where, "expected text, a whole number, null, \"*\" or a list of these, found " +
                       std::string(value.type_name()));
  }

  [[noreturn]] void invalid(const std::string& where, const std::string& message) const {
    throw DatasetError(IssueCode::kFilterInvalid, path_, printable(where) + ": " + message);
  }

  void unknown(const std::string& where) {
    issues_.push_back({IssueCode::kFilterKeyUnknown, path_,
                       "'" + printable(where) + "' is not known here; it is left out"});
  }

  const std::string& path_;
  Issues& issues_;
};

/// True where one of `wanted` is the value of `entity` in `file`.
bool has_one_of(const DataFile& file, Entity entity, const std::vector<std::string>& wanted) {
  const auto value = file.entities.get(entity);
  return value && std::any_of(wanted.begin(), wanted.end(), [&](const std::string& label) {
           return same_value(entity, label, *value);
         });
}

/// Throws where a label of `wanted` is none of `known`. A participant is then misspelt; a session
/// or run may be one that only other datasets have, so it is an issue where another one is known.
void require_known(const Layout& layout, Entity entity, const std::vector<std::string>& wanted,
                   const std::vector<std::string>& known) {
  std::string message = "no such " + std::string(entity_kind(entity).name) + " in the dataset: ";
  std::size_t unknown = 0;
  for (const auto& label : wanted) {
    const bool found = std::any_of(known.begin(), known.end(), [&](const std::string& other) {
      return same_value(entity, label, other);
    });
    if (!found) message += (unknown++ > 0 ? ", " : "") + printable(label);
  }
  if (unknown == 0) return;
  if (entity == Entity::kSubject) throw DatasetError(IssueCode::kUnknownLabel, "", message);
  if (unknown == wanted.size()) throw DatasetError(IssueCode::kEmptySelection, "", message);
  layout.report({IssueCode::kUnknownLabel, "", message});
}

std::vector<std::string> values_of(const std::vector<DataFile>& files, Entity entity) {
  std::set<std::string> values;
  for (const auto& file : files) {
    if (const auto value = file.entities.get(entity)) values.emplace(*value);
  }
  return {values.begin(), values.end()};
}

std::vector<std::string> suffixes_of(const std::vector<std::string>& modalities) {
  std::vector<std::string> suffixes;
  for (const auto& modality : modalities) {
    suffixes.push_back(anatomical_suffix(modality));
    if (suffixes.back().empty())
      throw DatasetError(IssueCode::kUnknownLabel, "",
                         "no such modality: " + printable(modality) +
                             "; known are T1w, T2w, PDw, FLAIR, T2starw, inplaneT1, inplaneT2 and "
                             "UNIT1");
  }
  return suffixes;
}

/// True where `allowed` is empty or has `value`.
bool allows(const std::vector<std::string>& allowed, const std::string& value) {
  return allowed.empty() || std::find(allowed.begin(), allowed.end(), value) != allowed.end();
}

bool matches(const DataFile& file, const std::string& suffix, const Query& filter) {
  const auto& suffixes = filter.suffixes;
  const bool has_suffix = suffixes.empty() ? file.suffix == suffix : allows(suffixes, file.suffix);
  return has_suffix && allows(filter.datatypes, file.datatype) &&
         allows(filter.extensions, file.extension) &&
         std::all_of(filter.entities.begin(), filter.entities.end(), [&](const auto& constraint) {
           return constraint.second.accepts(constraint.first, file.entities.get(constraint.first));
         });
}

/// True where a filter lets the file through, or no filter is for its suffix.
bool passes_filters(const DataFile& file, const FilterFile& filters) {
  if (!filters.by_suffix.contains(file.suffix)) return true;
  return std::any_of(filters.by_suffix.begin(), filters.by_suffix.end(), [&](const auto& filter) {
    return matches(file, filter.first, filter.second);
  });
}

}  // namespace

FilterFile parse_filter_file(std::string_view text, const std::string& path, Issues& issues) {
  return FilterParser(path, issues).parse(parse_json_object(text, path));
}

std::vector<DataFile> select_images(const Layout& layout, const Selection& selection) {
  if (!selection.sessions.empty() && selection.filters.names_sessions)
    throw DatasetError(IssueCode::kFilterConflict, "",
                       "sessions are given both by --session-label and by the filter file");
  std::vector<DataFile> images = layout.anatomical_images();
  const auto participants = without_prefix(selection.participants, "sub-");
  const auto excluded = without_prefix(selection.excluded_participants, "sub-");
  const auto sessions = without_prefix(selection.sessions, "ses-");
  const auto runs = without_prefix(selection.runs, "run-");
  const auto suffixes = suffixes_of(selection.modalities);
  require_known(layout, Entity::kSubject, participants, layout.subjects());
  require_known(layout, Entity::kSubject, excluded, layout.subjects());
  // A session may have no folder, or a folder without images.
  auto known_sessions = layout.sessions();
  for (auto& session : values_of(images, Entity::kSession)) known_sessions.push_back(session);
  require_known(layout, Entity::kSession, sessions, known_sessions);
  require_known(layout, Entity::kRun, runs, values_of(images, Entity::kRun));
  std::erase_if(images, [&](const DataFile& file) {
    return (!participants.empty() && !has_one_of(file, Entity::kSubject, participants)) ||
           has_one_of(file, Entity::kSubject, excluded) ||
           (!sessions.empty() && !has_one_of(file, Entity::kSession, sessions)) ||
           (!runs.empty() && !has_one_of(file, Entity::kRun, runs)) ||
           !allows(suffixes, file.suffix) || !passes_filters(file, selection.filters);
  });
  return images;
}

}  // namespace hypersynth::bids
