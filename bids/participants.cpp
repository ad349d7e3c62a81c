#include "bids/participants.h"

#include <algorithm>
#include <set>
#include <system_error>

#include "core/error.h"

namespace hypersynth::bids {
namespace {

constexpr const char* kParticipants = "participants.tsv";

std::optional<Table> read_table(const Layout& layout, const std::string& path, Issues& issues) {
  const auto file = layout.tree().find(path);
  // A link without a target is an issue already.
  if (!file || layout.tree().is_broken_link(*file)) return std::nullopt;
  try {
    return Table::parse(layout.read(path), path, issues);
  } catch (const std::system_error& error) {
    issues.push_back({IssueCode::kFileUnreadable, path, error.code().message()});
    return std::nullopt;
  }
}

Person person_of(const Table& table, std::size_t row, const std::string& id_column,
                 std::string_view prefix) {
  Person person;
  for (const auto& column : table.columns()) {
    const auto cell = table.cell(row, column);
    if (cell && column != id_column) person.values.emplace(column, *cell);
  }
  std::string_view label = table.cell(row, id_column).value_or("");
  if (label.starts_with(prefix)) label.remove_prefix(prefix.size());
  person.label = label;
  return person;
}

std::vector<Person> read_people(const Layout& layout, const std::string& path,
                                const std::string& id_column, std::string_view prefix,
                                Issues& issues) {
  std::vector<Person> people;
  const auto table = read_table(layout, path, issues);
  if (!table) return people;
  if (!table->column(id_column)) {
    issues.push_back({IssueCode::kTableInvalid, path, "there is no column '" + id_column + "'"});
    return people;
  }
  std::set<std::string> labels;
  std::set<std::string> repeated;
  for (std::size_t row = 0; row < table->row_count(); ++row) {
    people.push_back(person_of(*table, row, id_column, prefix));
    if (labels.insert(people.back().label).second) continue;
    repeated.insert(people.back().label);
    people.pop_back();
  }
  for (const auto& label : repeated)
    issues.push_back({IssueCode::kTableInvalid, path,
                      "more than one row is for '" + printable(label) + "'; the first is used"});
  return people;
}

}  // namespace

std::vector<Person> read_participants(const Layout& layout, Issues& issues) {
  return read_people(layout, kParticipants, "participant_id", "sub-", issues);
}

std::string sessions_table_of(const std::string& subject) {
  const std::string folder = "sub-" + subject;
  return folder + "/" + folder + "_sessions.tsv";
}

std::vector<Person> read_sessions(const Layout& layout, const std::string& subject,
                                  Issues& issues) {
  return read_people(layout, sessions_table_of(subject), "session_id", "ses-", issues);
}

void check_participants(const Layout& layout, Issues& issues) {
  std::set<std::string> listed;
  for (const auto& person : read_participants(layout, issues)) listed.insert(person.label);
  if (listed.empty()) return;
  const auto subjects = layout.subjects();
  for (const auto& subject : subjects) {
    if (!listed.contains(subject))
      issues.push_back({IssueCode::kParticipantUnlisted, "sub-" + subject,
                        std::string("the subject is not listed in ") + kParticipants});
  }
  for (const auto& label : listed) {
    if (!std::binary_search(subjects.begin(), subjects.end(), label))
      issues.push_back({IssueCode::kParticipantWithoutFolder, kParticipants,
                        "there is no folder sub-" + printable(label)});
  }
}

}  // namespace hypersynth::bids
