#include "bids/session_time.h"

#include <charconv>
#include <chrono>
#include <system_error>

namespace hypersynth::bids {

namespace {

std::string value_of(const Person& session, const std::string& column) {
  const auto found = session.values.find(column);
  return found == session.values.end() ? std::string() : found->second;
}

/// The number of `digits` digits that `text` has at `at`; nothing where it has none.
std::optional<int> number_at(const std::string& text, std::size_t at, std::size_t digits) {
  if (text.size() < at + digits) return std::nullopt;
  int number = 0;
  const char* const begin = text.data() + at;
  const auto [end, error] = std::from_chars(begin, begin + digits, number);
  if (error != std::errc() || end != begin + digits || number < 0) return std::nullopt;
  return number;
}

}  // namespace

std::optional<double> days_of_time(const std::string& acq_time) {
  const auto year = number_at(acq_time, 0, 4), month = number_at(acq_time, 5, 2);
  const auto day = number_at(acq_time, 8, 2);
  if (!year || !month || !day || acq_time[4] != '-' || acq_time[7] != '-') return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  const double days = std::chrono::sys_days(date).time_since_epoch().count();
  if (acq_time.size() == 10) return days;
  const auto hour = number_at(acq_time, 11, 2), minute = number_at(acq_time, 14, 2);
  if (acq_time[10] != 'T' || !hour || !minute || *hour > 24 || *minute > 59) return std::nullopt;
  return days + (*hour + *minute / 60.0) / 24;
}

std::string scans_table_of(const DataFile& image) {
  const std::string subject =
      "sub-" + std::string(image.entities.get(Entity::kSubject).value_or(""));
  const auto session = image.entities.get(Entity::kSession);
  if (!session) return subject + "/" + subject + "_scans.tsv";
  const std::string label = "ses-" + std::string(*session);
  return subject + "/" + label + "/" + subject + "_" + label + "_scans.tsv";
}

void SessionTimes::read_scans(const DataFile& image) {
  const std::string path = scans_table_of(image);
  const std::string folder = path.substr(0, path.rfind('/') + 1);
  if (path == scans_path_) return;
  scans_path_ = path;
  acq_times_.clear();
  const auto file = layout_.tree().find(path);
  if (!file || layout_.tree().is_broken_link(*file)) return;
  try {
    Issues issues;
    const Table table = Table::parse(layout_.read(path), path, issues);
    for (std::size_t row = 0; row < table.row_count(); ++row) {
      const auto name = table.cell(row, "filename");
      const auto time = table.cell(row, "acq_time");
      if (name && time) acq_times_.emplace(folder + std::string(*name), *time);
    }
    for (const auto& issue : issues) layout_.report(issue);
  } catch (const std::system_error& error) {
    layout_.report({IssueCode::kFileUnreadable, path, error.code().message()});
  }
}

void SessionTimes::read_session_table(const std::string& subject) {
  if (subject == subject_) return;
  subject_ = subject;
  Issues issues;
  sessions_ = read_sessions(layout_, subject, issues);
  for (const auto& issue : issues) layout_.report(issue);
}

SessionTime SessionTimes::of(const DataFile& image) {
  SessionTime time;
  read_scans(image);
  const auto scan = acq_times_.find(image.path);
  if (scan != acq_times_.end()) time.acq_time = scan->second;
  const auto label = image.entities.get(Entity::kSession);
  if (!label) return time;
  read_session_table(std::string(image.entities.get(Entity::kSubject).value_or("")));
  for (const auto& session : sessions_) {
    if (session.label != *label) continue;
    if (time.acq_time.empty()) time.acq_time = value_of(session, "acq_time");
    time.age = value_of(session, "age");
  }
  return time;
}

}  // namespace hypersynth::bids
