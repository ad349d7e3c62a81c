#include "bids/output_root.h"

#include <algorithm>
#include <functional>
#include <set>
#include <system_error>

#include <boost/filesystem/operations.hpp>
#include <nlohmann/json.hpp>

#include "bids/read_file.h"
#include "bids/sidecar.h"
#include "bids/table.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/utf8.h"

namespace hypersynth::bids {
namespace {

using nlohmann::json;

constexpr const char* kDescriptionFile = "dataset_description.json";
constexpr std::string_view kNamePrefix = "hypersynth results of ";

/// The bytes of a file; nothing if it does not exist, empty if it is not a regular file.
std::optional<std::string> read_if_there(const fs::path& file) {
  try {
    return read_regular_file(file);
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::no_such_file_or_directory) return std::nullopt;
    if (error.code().category() != std::generic_category()) return "";
    throw DatasetError(IssueCode::kOutputUnwritable, file.string(),
                       "can't be read: " + error.code().message());
  }
}

bool is_blank(const std::string& text) {
  // A power cut may leave a file of zeros.
  return text.find_first_not_of(std::string(" \t\r\n\0", 5)) == std::string::npos;
}

/// The new content of a file, and a message for the user, which may be empty.
struct Update {
  std::string content;
  std::string notice;
};

/// Writes `fresh` to `file` if it is missing or blank. Otherwise `judge` is given its content and
/// says with what it is replaced, if at all.
void bring_up_to_date(const fs::path& file, std::string_view fresh,
                      const std::function<std::optional<Update>(const std::string&)>& judge,
                      Issues& issues) {
  auto found = read_if_there(file);
  if (!found && write_once(file, fresh)) return;
  if (!found) found = read_if_there(file);  // another process was first, or it is a dangling link
  const auto update = !found || is_blank(*found)
                          ? Update{std::string(fresh), "it was empty and is written again"}
                          : judge(*found);
  if (!update) return;
  write_atomically(file, update->content);
  if (!update->notice.empty())
    issues.push_back({IssueCode::kOutputChanged, file.string(), update->notice});
}

std::optional<json> parse_object(const std::string& text) {
  try {
    return parse_json_object(text, kDescriptionFile);
  } catch (const DatasetError&) {
    return std::nullopt;
  }
}

std::string text_at(const json& object, const json::json_pointer& place) {
  const bool is_text = object.contains(place) && object[place].is_string();
  return is_text ? object[place].get<std::string>() : std::string();
}

/// Updates, key by key, the first entry of `list` in `object` for which `is_same` is true with the
/// first entry of that list in `fresh`; appends the latter if there is no such entry.
void merge_entry(json& object, const json& fresh, const char* list,
                 const std::function<bool(const json&)>& is_same) {
  if (!fresh.contains(list)) return;
  const json& entry = fresh[list].front();
  if (!object.contains(list) || !object[list].is_array()) object[list] = json::array();
  for (json& known : object[list]) {
    if (known.is_object() && is_same(known)) return known.update(entry);
  }
  object[list].push_back(entry);
}

/// The recorded description, with the links, the source dataset and the entry of this program taken
/// from `fresh`. Everything that a user added stays.
json merged(json recorded, const json& fresh) {
  const json::json_pointer name("/Name");
  const json::json_pointer url("/URL");
  const std::string program = text_at(fresh, json::json_pointer("/GeneratedBy/0/Name"));
  merge_entry(recorded, fresh, "GeneratedBy",
              [&](const json& entry) { return text_at(entry, name) == program; });
  merge_entry(recorded, fresh, "SourceDatasets",
              [&](const json& entry) { return text_at(entry, url).starts_with("file://"); });
  if (!recorded.contains("DatasetLinks") || !recorded["DatasetLinks"].is_object())
    recorded["DatasetLinks"] = json::object();
  recorded["DatasetLinks"].update(fresh.value("DatasetLinks", json::object()));
  for (const auto& [key, value] : fresh.items()) {
    if (!recorded.contains(key)) recorded[key] = value;
  }
  return recorded;
}

std::optional<Update> update_description(const std::string& found, const std::string& fresh_text) {
  const json fresh = json::parse(fresh_text);
  const auto recorded = parse_object(found);
  if (!recorded) return Update{fresh_text, "it was no JSON object and is written again"};
  const json now = merged(*recorded, fresh);
  if (now == *recorded) return std::nullopt;
  const json::json_pointer raw("/DatasetLinks/raw");
  const std::string before = text_at(*recorded, raw);
  const std::string after = text_at(now, raw);
  return Update{now.dump(2, ' ', false, json::error_handler_t::replace) + "\n",
                before.empty() || before == after
                    ? ""
                    : "the source dataset has moved: DatasetLinks and SourceDatasets now name " +
                          printable(after) + " instead of " + printable(before)};
}

std::optional<Update> update_ignore(std::string found) {
  std::set<std::string, std::less<>> known;
  for (std::size_t begin = 0; begin < found.size();) {
    const auto end = std::min(found.find('\n', begin), found.size());
    known.insert(found.substr(begin, end - begin));
    begin = end + 1;
  }
  std::string missing;
  std::string_view wanted = output_bidsignore();
  while (!wanted.empty()) {
    const auto line = wanted.substr(0, wanted.find('\n') + 1);
    wanted.remove_prefix(line.size());
    if (!known.contains(line.substr(0, line.size() - 1))) missing += line;
  }
  if (missing.empty()) return std::nullopt;
  if (!found.ends_with('\n')) found += '\n';
  return Update{found + missing, ""};
}

/// The labels of a lookup table: index and name of each row.
std::set<std::string> labels_in(const std::string& text) {
  Issues ignored;
  const Table table = Table::parse(text, "", ignored);
  std::set<std::string> labels;
  for (std::size_t row = 0; row < table.row_count(); ++row)
    labels.insert(std::string(table.cell(row, "index").value_or("")) + "\t" +
                  std::string(table.cell(row, "name").value_or("")));
  return labels;
}

std::optional<Update> update_labels(const std::string& found, const std::string& fresh) {
  if (labels_in(found) == labels_in(fresh)) return std::nullopt;
  return Update{fresh, "its labels were not those of the model and are written again"};
}

/// Whether a file has the same content in two folders. If neither has it, that counts as the same.
bool is_same_file(const fs::path& a, const fs::path& b, const char* file) {
  try {
    return read_if_there(a / file) == read_if_there(b / file);
  } catch (const DatasetError&) {  // what can't be read can't be told from another
    return false;
  }
}

/// The names `sub-<label>` of a dataset, sorted. They are taken from its folders and, in an output
/// dataset, also from its pages (`sub-<label>.html`).
std::vector<std::string> subject_folders(const fs::path& dataset) {
  std::set<std::string> names;
  boost::system::error_code error;
  for (fs::directory_iterator entry(dataset, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with("sub-")) names.insert(name.substr(0, name.find('.')));
  }
  return {names.begin(), names.end()};
}

/// Whether all files that a subject has in both datasets have the same sizes.
bool has_same_files(const fs::path& a, const fs::path& b) {
  boost::system::error_code error;
  for (fs::recursive_directory_iterator entry(a, error), end; !error && entry != end;
       entry.increment(error)) {
    boost::system::error_code none;
    if (!fs::is_regular_file(entry->path(), none)) continue;
    const fs::path other = b / entry->path().lexically_relative(a);
    if (fs::is_regular_file(other, none) &&
        fs::file_size(entry->path(), none) != fs::file_size(other, none))
      return false;
  }
  return true;
}

/// How many subjects are compared to tell a copy of a dataset from another dataset: enough to
/// notice a difference, and few enough to take no time.
constexpr std::size_t kComparedSubjects = 10;

/// Whether `source` is a copy of the dataset in `original` or of a part of it, such as one on the
/// local disk of a cluster's node.
bool is_copy_of(const fs::path& original, const fs::path& source) {
  if (!is_same_file(original, source, kDescriptionFile) ||
      !is_same_file(original, source, "participants.tsv"))
    return false;
  std::size_t compared = 0;
  for (const auto& subject : subject_folders(source)) {
    if (compared++ == kComparedSubjects) break;
    boost::system::error_code none;
    if (!fs::is_directory(original / subject, none) ||
        !has_same_files(source / subject, original / subject))
      return false;
  }
  return true;
}

/// The folder of the source dataset that the description in `output` names, if it exists and
/// neither is `source` nor has `source` as a copy; empty otherwise.
fs::path other_source(const fs::path& output, const json& recorded, const fs::path& source) {
  const std::string link = text_at(recorded, json::json_pointer("/DatasetLinks/raw"));
  const auto folder = link.empty() ? std::nullopt : linked_folder(output, link);
  boost::system::error_code error;
  if (!folder || !fs::exists(*folder / kDescriptionFile, error) ||
      fs::equivalent(*folder, source, error))
    return {};
  return is_copy_of(*folder, source) ? fs::path() : *folder;
}

}  // namespace

std::string output_name_of(const std::string& source) { return std::string(kNamePrefix) + source; }

std::string source_name_of(const std::string& output) {
  return output.starts_with(kNamePrefix) ? output.substr(kNamePrefix.size()) : output;
}

void require_same_source(const fs::path& output, const fs::path& source, const std::string& name) {
  const fs::path file = output / kDescriptionFile;
  const auto text = read_if_there(file);
  const auto recorded = text ? parse_object(*text) : std::nullopt;
  if (!recorded) return;
  const auto refuse = [&](const std::string& found, const std::string& remedy) {
    throw DatasetError(IssueCode::kOutputOfAnother, output.string(),
                       "expected a folder for the results of " + printable(source.string()) +
                           ", found " + found + "; choose another output folder" + remedy);
  };
  if (text_at(*recorded, json::json_pointer("/DatasetType")) != "derivative" &&
      !recorded->contains("GeneratedBy"))
    refuse("a raw dataset", "");
  const auto with_results = subject_folders(output);
  if (with_results.empty()) return;
  const std::string own_name = text_at(*recorded, json::json_pointer("/Name"));
  if (own_name.starts_with(kNamePrefix) && own_name != valid_utf8(output_name_of(name)))
    refuse("the results of a dataset named '" + printable(own_name.substr(kNamePrefix.size())) +
               "', not '" + printable(name) + "'",
           ", or change the Name in " + printable(file.string()) + " if it is the same dataset");
  const fs::path other = other_source(output, *recorded, source);
  if (!other.empty())
    refuse(
        "the results of " + printable(other.string()),
        ", or change DatasetLinks in " + printable(file.string()) + " if it is the same dataset");
  const auto subjects = subject_folders(source);
  const bool is_known =
      subjects.empty() ||
      std::any_of(with_results.begin(), with_results.end(), [&](const std::string& subject) {
        return std::binary_search(subjects.begin(), subjects.end(), subject);
      });
  const bool moved =
      text_at(*recorded, json::json_pointer("/DatasetLinks/raw")) != dataset_link(output, source);
  if (moved && !is_known)
    refuse("results of other participants, such as " + printable(with_results.front()), "");
}

void write_output_root(const fs::path& output, const OutputRoot& root, Issues& issues) {
  const std::string description = format_description(root.description);
  const auto keep = [](const std::string&) { return std::optional<Update>(); };
  bring_up_to_date(
      output / kDescriptionFile, description,
      [&](const std::string& found) { return update_description(found, description); }, issues);
  bring_up_to_date(output / "README.md", root.readme, keep, issues);
  bring_up_to_date(output / ".bidsignore", output_bidsignore(), update_ignore, issues);
  for (const auto& [file, rows] : {std::pair{"desc-hypersynth_dseg.tsv", &root.labels},
                                   std::pair{"desc-standard_dseg.tsv", &root.standard_labels}}) {
    if (rows->empty()) continue;
    const std::string labels = format_lookup_table(*rows);
    bring_up_to_date(
        output / file, labels,
        [&](const std::string& found) { return update_labels(found, labels); }, issues);
  }
}

}  // namespace hypersynth::bids
