#include "bids/filter.h"

#include <algorithm>
#include <cctype>
#include <set>

#include <nlohmann/json.hpp>

#include "core/error.h"

namespace hypersynth::bids {
namespace {

using nlohmann::json;

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

/// The anatomical suffix spelled `name` in any case, empty if there is none.
std::string anatomical_suffix(std::string_view name) {
  for (const auto& suffix : anatomical_suffixes()) {
    if (lower(suffix) == lower(name)) return suffix;
  }
  return {};
}

std::vector<std::string> without_prefixes(std::vector<std::string> labels,
                                          std::string_view prefix) {
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
      // An empty list means that there is no constraint, and that is what "*" means here, since
      // every file has a suffix and an extension.
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

/// True if one of `wanted` is the value of `entity` in `file`.
bool has_one_of(const DataFile& file, Entity entity, const std::vector<std::string>& wanted) {
  const auto value = file.entities.get(entity);
  return value && std::any_of(wanted.begin(), wanted.end(), [&](const std::string& label) {
           return same_value(entity, label, *value);
         });
}

/// Throws if the dataset does not have a label of `wanted`, which is not in `known`. An unknown
/// participant must be a misspelling. A session or run may be one that only other datasets have, so
/// it becomes an issue as long as another one of `wanted` is known.
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

std::string list_of(const std::vector<std::string>& texts) {
  std::string list;
  for (const auto& text : texts) list += (list.empty() ? "" : ", ") + printable(text);
  return list;
}

/// Reports the labels of `wanted` that the dataset has but that none of the selected `images` has.
void report_unused(const Layout& layout, Entity entity, const std::vector<std::string>& wanted,
                   const std::vector<std::string>& known, const std::vector<DataFile>& images) {
  std::vector<std::string> unused;
  for (const auto& label : wanted) {
    const bool exists = std::any_of(known.begin(), known.end(), [&](const std::string& other) {
      return same_value(entity, label, other);
    });
    const bool used = std::any_of(images.begin(), images.end(), [&](const DataFile& file) {
      return has_one_of(file, entity, {label});
    });
    if (exists && !used) unused.push_back(label);
  }
  if (unused.empty()) return;
  layout.report({IssueCode::kNothingMatches, "",
                 "no image is selected of the " + std::string(entity_kind(entity).name) +
                     " that was asked for: " + list_of(unused)});
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

/// True if `allowed` is empty or has `value`.
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

/// The values of `entity` that `match` lists and that none of `images` has.
std::vector<std::string> unused_values(Entity entity, const Match& match,
                                       const std::vector<DataFile>& images) {
  std::vector<std::string> unused;
  for (const auto& value : match.values()) {
    if (std::none_of(images.begin(), images.end(),
                     [&](const DataFile& file) { return has_one_of(file, entity, {value}); }))
      unused.push_back(value);
  }
  return unused;
}

/// Reports the parts of a filter file that fit nothing: modalities and values that no image of the
/// dataset has, and filters that let none of `images` through (the images that the command line
/// asks for).
void report_unused_filters(const Layout& layout, const FilterFile& filters,
                           const std::vector<DataFile>& images) {
  const auto all = layout.anatomical_images();
  for (const auto& [suffix, query] : filters.by_suffix) {
    const auto suffixes = query.suffixes.empty() ? std::vector{suffix} : query.suffixes;
    const auto is_meant = [&](const DataFile& file) { return allows(suffixes, file.suffix); };
    const auto is_let_through = [&](const DataFile& file) { return matches(file, suffix, query); };
    std::string problem;
    for (const auto& [entity, match] : query.entities) {
      const auto unused = unused_values(entity, match, all);
      if (!unused.empty())
        problem +=
            "; no image has the " + std::string(entity_kind(entity).name) + " " + list_of(unused);
    }
    if (std::none_of(all.begin(), all.end(), is_meant)) {
      problem = "; the dataset has no such image";
    } else if (problem.empty() && std::any_of(images.begin(), images.end(), is_meant) &&
               std::none_of(images.begin(), images.end(), is_let_through)) {
      problem = "; it lets no image through";
    }
    if (!problem.empty())
      layout.report({IssueCode::kNothingMatches, filters.path,
                     "filter of " + suffix + ": " + problem.substr(2)});
  }
}

void report_unused_suffixes(const Layout& layout, const std::vector<std::string>& suffixes,
                            const std::vector<DataFile>& images) {
  std::vector<std::string> unused;
  for (const auto& suffix : suffixes) {
    if (std::none_of(images.begin(), images.end(),
                     [&](const DataFile& file) { return file.suffix == suffix; }))
      unused.push_back(suffix);
  }
  if (!unused.empty())
    layout.report({IssueCode::kNothingMatches, "",
                   "no image is selected of the modality that was asked for: " + list_of(unused)});
}

/// True if a filter lets the file through, or if there is no filter for its suffix.
bool passes_filters(const DataFile& file, const FilterFile& filters) {
  if (!filters.by_suffix.contains(file.suffix)) return true;
  return std::any_of(filters.by_suffix.begin(), filters.by_suffix.end(), [&](const auto& filter) {
    return matches(file, filter.first, filter.second);
  });
}

}  // namespace

std::string without_prefix(std::string_view label, std::string_view prefix) {
  if (label.starts_with(prefix)) label.remove_prefix(prefix.size());
  return std::string(label);
}

FilterFile parse_filter_file(std::string_view text, const std::string& path, Issues& issues) {
  FilterFile file = FilterParser(path, issues).parse(parse_json_object(text, path));
  file.path = path;
  return file;
}

std::vector<DataFile> select_images(const Layout& layout, const Selection& selection) {
  if (!selection.sessions.empty() && selection.filters.names_sessions)
    throw DatasetError(IssueCode::kFilterConflict, "",
                       "sessions are given both by --session-label and by the filter file");
  std::vector<DataFile> images = layout.anatomical_images();
  const auto participants = without_prefixes(selection.participants, "sub-");
  const auto excluded = without_prefixes(selection.excluded_participants, "sub-");
  const auto sessions = without_prefixes(selection.sessions, "ses-");
  const auto runs = without_prefixes(selection.runs, "run-");
  const auto suffixes = suffixes_of(selection.modalities);
  require_known(layout, Entity::kSubject, participants, layout.subjects());
  require_known(layout, Entity::kSubject, excluded, layout.subjects());
  // A session may have no folder, or a folder without images.
  auto known_sessions = layout.sessions();
  for (auto& session : values_of(images, Entity::kSession)) known_sessions.push_back(session);
  require_known(layout, Entity::kSession, sessions, known_sessions);
  const auto known_runs = values_of(images, Entity::kRun);
  require_known(layout, Entity::kRun, runs, known_runs);
  std::erase_if(images, [&](const DataFile& file) {
    return (!participants.empty() && !has_one_of(file, Entity::kSubject, participants)) ||
           has_one_of(file, Entity::kSubject, excluded) ||
           (!sessions.empty() && !has_one_of(file, Entity::kSession, sessions)) ||
           (!runs.empty() && !has_one_of(file, Entity::kRun, runs)) ||
           !allows(suffixes, file.suffix);
  });
  report_unused_filters(layout, selection.filters, images);
  std::erase_if(images,
                [&](const DataFile& file) { return !passes_filters(file, selection.filters); });
  report_unused(layout, Entity::kSubject, participants, layout.subjects(), images);
  report_unused(layout, Entity::kSession, sessions, known_sessions, images);
  report_unused(layout, Entity::kRun, runs, known_runs, images);
  report_unused_suffixes(layout, suffixes, images);
  return images;
}

}  // namespace hypersynth::bids
