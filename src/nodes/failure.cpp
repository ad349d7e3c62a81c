#include "nodes/failure.h"

#include <algorithm>
#include <fstream>

#include <boost/filesystem/operations.hpp>
#include <nlohmann/json.hpp>

#include "bids/table.h"
#include "core/atomic_file.h"
#include "core/error.h"

namespace hypersynth {

namespace {

using nlohmann::json;

std::string text_at(const json& object, const char* key) {
  return object.value(key, std::string());
}

}  // namespace

Failure failure_of(const bids::DataFile& source, const std::string& message) {
  Failure failure;
  failure.path = source.path;
  failure.subject = source.entities.get(bids::Entity::kSubject).value_or("");
  failure.suffix = source.suffix;
  failure.found = message;
  if (const auto findings = parse_input_error(message)) {
    failure.expected = findings->expected;
    failure.found = findings->found;
  }
  return failure;
}

void write_failure(const fs::path& output_dir, const ImageOutputs& outputs,
                   const Failure& failure) {
  const json record = {{"path", bids::valid_utf8(failure.path)},
                       {"subject", failure.subject},
                       {"suffix", failure.suffix},
                       {"expected", bids::valid_utf8(failure.expected)},
                       {"found", bids::valid_utf8(failure.found)}};
  write_atomically(output_dir / outputs.failure, record.dump(2) + "\n");
}

std::vector<Failure> read_failures(const fs::path& output_dir) {
  std::vector<Failure> failures;
  const fs::path folder = output_dir / "logs" / "failures";
  boost::system::error_code code;
  for (fs::directory_iterator entry(folder, code), end; !code && entry != end;
       entry.increment(code)) {
    const auto name = entry->path().filename().string();
    if (name.front() == '.' || entry->path().extension() != ".json") continue;
    std::ifstream stream(entry->path().string());
    const json record = json::parse(stream, nullptr, false);
    if (!record.is_object()) continue;
    failures.push_back({text_at(record, "path"), text_at(record, "subject"),
                        text_at(record, "suffix"), text_at(record, "expected"),
                        text_at(record, "found")});
  }
  std::sort(failures.begin(), failures.end(),
            [](const Failure& a, const Failure& b) { return a.path < b.path; });
  return failures;
}

fs::path write_failure_table(const fs::path& output_dir) {
  bids::Table table({"path", "participant_id", "suffix", "expected", "found"});
  for (const auto& failure : read_failures(output_dir)) {
    table.add_row(
        {failure.path, "sub-" + failure.subject, failure.suffix, failure.expected, failure.found});
  }
  const fs::path path = output_dir / "group_failures.tsv";
  write_atomically(path, table.format());
  return path;
}

}  // namespace hypersynth
