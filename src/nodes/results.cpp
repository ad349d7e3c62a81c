#include "nodes/results.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <boost/algorithm/string/predicate.hpp>
#include <boost/filesystem/operations.hpp>

#include "nodes/volume_table.h"

namespace hypersynth {

namespace {

constexpr const char* kRecordEnding = "_desc-hypersynth_iqms.json";

std::string read_text(const fs::path& path) {
  std::ifstream stream(path.string());
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

std::vector<ImageResult> read_results(const fs::path& output_dir, const std::string& subject) {
  std::vector<ImageResult> results;
  const fs::path folder = output_dir / ("sub-" + subject);
  boost::system::error_code code;
  for (fs::recursive_directory_iterator entry(folder, code), end; !code && entry != end;
       entry.increment(code)) {
    const std::string name = entry->path().filename().string();
    if (name.front() == '.' || !boost::algorithm::ends_with(name, kRecordEnding)) continue;
    auto record = read_image_record(entry->path());
    if (!record) continue;
    const std::string prefix = name.substr(0, name.size() - std::string(kRecordEnding).size());
    const fs::path table = entry->path().parent_path() / (prefix + "_desc-hypersynth_morph.tsv");
    ImageResult result;
    result.record = std::move(*record);
    result.volumes = parse_volume_table(read_text(table), table.string());
    result.folder = entry->path().parent_path().lexically_relative(output_dir).string();
    result.stem = prefix.substr(0, prefix.rfind("_space-"));
    result.subject = subject;
    results.push_back(std::move(result));
  }
  std::sort(results.begin(), results.end(), [](const ImageResult& a, const ImageResult& b) {
    return a.record.path < b.record.path;
  });
  return results;
}

std::vector<std::string> subjects_with_results(const fs::path& output_dir) {
  std::vector<std::string> subjects;
  boost::system::error_code code;
  for (fs::directory_iterator entry(output_dir, code), end; !code && entry != end;
       entry.increment(code)) {
    const std::string name = entry->path().filename().string();
    if (boost::algorithm::starts_with(name, "sub-") && fs::is_directory(entry->path(), code)) {
      subjects.push_back(name.substr(4));
    }
  }
  std::sort(subjects.begin(), subjects.end());
  return subjects;
}

}  // namespace hypersynth
