#include "nodes/failure.h"

#include <algorithm>

#include <boost/algorithm/string/predicate.hpp>
#include <boost/filesystem/operations.hpp>
#include <nlohmann/json.hpp>

#include "bids/table.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/utf8.h"
#include "pipeline/files/file_system.h"

namespace hypersynth {

namespace {

using nlohmann::json;

std::string text_at(const json& object, const char* key) { return object.at(key); }

}  // namespace

Failure failure_of(const bids::DataFile& source, const std::string& message,
                   const std::optional<InputFindings>& input) {
  Failure failure;
  failure.path = source.path;
  failure.subject = source.entities.get(bids::Entity::kSubject).value_or("");
  failure.suffix = source.suffix;
  failure.found = message;
  if (input) {
    failure.expected = input->expected;
    failure.found = printable(input->found);
  }
  return failure;
}

void write_failure(const fs::path& output_dir, const ImageOutputs& outputs,
                   const Failure& failure) {
  const json record = {{"path", valid_utf8(failure.path)},
                       {"subject", failure.subject},
                       {"suffix", failure.suffix},
                       {"expected", valid_utf8(failure.expected)},
                       {"found", valid_utf8(failure.found)}};
  write_atomically(output_dir / outputs.failure, record.dump(2) + "\n");
}

std::vector<std::string> names_in(const fs::path& folder, std::string& problem) {
  std::vector<std::string> names;
  boost::system::error_code code;
  for (fs::directory_iterator entry(folder, code), end; !code && entry != end;
       entry.increment(code)) {
    names.push_back(entry->path().filename().string());
  }
  if (code && code != boost::system::errc::no_such_file_or_directory) problem = code.message();
  std::sort(names.begin(), names.end());
  return names;
}

void remove_failure(const fs::path& output_dir, const ImageOutputs& outputs) {
  const fs::path file = output_dir / outputs.failure;
  boost::system::error_code ignored;
  fs::remove(file, ignored);
  remove_abandoned(file.parent_path().string());
  fs::remove(file.parent_path(), ignored);  // which fails where it is not empty
}

std::vector<Failure> read_failures(const fs::path& output_dir, const std::string& subject) {
  std::vector<Failure> failures;
  const fs::path folder = output_dir / "logs" / "failures" / ("sub-" + subject);
  std::string problem;
  const auto names = names_in(folder, problem);
  if (!problem.empty()) {
    failures.push_back({folder.lexically_relative(output_dir).string(), subject, "",
                        "a folder of what failed", problem, true});
  }
  for (const auto& name : names) {
    if (name.front() == '.' || fs::path(name).extension() != ".json") continue;
    json record;
    try {
      record = json::parse(pipeline::real_file_system().read(folder / name).value_or(""));
      failures.push_back({text_at(record, "path"), text_at(record, "subject"),
                          text_at(record, "suffix"), text_at(record, "expected"),
                          text_at(record, "found")});
    } catch (const std::exception&) {
      failures.push_back({(folder / name).lexically_relative(output_dir).string(), subject, "",
                          "what is known of an image that failed", "a damaged file", true});
    }
  }
  std::sort(failures.begin(), failures.end(),
            [](const Failure& a, const Failure& b) { return a.path < b.path; });
  return failures;
}

std::vector<Failure> read_failures(const fs::path& output_dir) {
  std::vector<Failure> all;
  for (const auto& folder : pipeline::real_file_system().list(output_dir / "logs" / "failures")) {
    if (!boost::algorithm::starts_with(folder, "sub-")) continue;
    for (auto& failure : read_failures(output_dir, folder.substr(4)))
      all.push_back(std::move(failure));
  }
  return all;
}

fs::path write_failure_table(const fs::path& output_dir, std::vector<Failure> failures) {
  std::sort(failures.begin(), failures.end(),
            [](const Failure& a, const Failure& b) { return a.path < b.path; });
  bids::Table table({"path", "participant_id", "suffix", "expected", "found"});
  for (const auto& failure : failures) {
    table.add_row(
        {failure.path, "sub-" + failure.subject, failure.suffix, failure.expected, failure.found});
  }
  const fs::path path = output_dir / "group_failures.tsv";
  write_atomically(path, table.format());
  return path;
}

}  // namespace hypersynth
