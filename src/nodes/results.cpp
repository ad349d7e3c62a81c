#include "nodes/results.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>

#include <boost/algorithm/string/predicate.hpp>
#include <boost/filesystem/operations.hpp>

#include "core/error.h"
#include "nodes/morph_table.h"
#include "pipeline/files/file_system.h"

namespace hypersynth {

namespace {

/// A file name of this program taken apart: nothing where the name is not BIDS, or is that of
/// another file. Entities outside the standard stand behind `desc`, so no ending will do.
std::optional<bids::Name> our_name(const std::string& file_name) {
  auto name = bids::parse_name(file_name);
  if (!name || name->entities.get(bids::Entity::kDescription) != "hypersynth") return std::nullopt;
  return name;
}

/// The suffix of the source of a record: the `space` in the record's name. Empty if the name is not
/// BIDS.
std::string suffix_of_record(const std::string& record_path) {
  try {
    return std::string(data_file_at(record_path).entities.get(bids::Entity::kSpace).value_or(""));
  } catch (const std::invalid_argument&) {
    return "";
  }
}

/// Adds to `records` the paths of the records in a folder and below it, relative to the output
/// folder, and to `unreadable` the folders that cannot be listed and the images that have labels
/// but no record.
void find_records(const fs::path& output_dir, const fs::path& folder, const std::string& subject,
                  std::vector<std::string>& records, std::vector<Failure>& unreadable) {
  std::string problem;
  const auto names = names_in(folder, problem);
  if (!problem.empty()) {
    unreadable.push_back({folder.lexically_relative(output_dir).string(), subject, "",
                          "a folder of results", problem});
  }
  for (const auto& name : names) {
    const fs::path path = folder / name;
    boost::system::error_code none;
    if (fs::symlink_status(path, none).type() == fs::directory_file) {
      find_records(output_dir, path, subject, records, unreadable);
      continue;
    }
    const auto ours = our_name(name);
    if (!ours) continue;
    if (ours->suffix == "iqms" && ours->extension == ".json") {
      records.push_back(path.lexically_relative(output_dir).string());
    } else if (ours->suffix == "dseg" && ours->extension == ".nii.gz") {
      // The record is the last file of an image: an image without one is not finished.
      const std::string record = bids::format_name({ours->entities, "iqms", ".json"});
      if (!std::binary_search(names.begin(), names.end(), record)) {
        const fs::path missing = (folder / record).lexically_relative(output_dir);
        unreadable.push_back({missing.string(), subject, suffix_of_record(missing.string()),
                              "the record of a finished image", "no such file"});
      }
    }
  }
}

ImageOutputs outputs_of_record(const std::string& image, const fs::path& record_path) {
  try {
    return outputs_of(data_file_at(image));
  } catch (const std::invalid_argument& error) {
    throw InputError(record_path.string(), "the record of a BIDS image", error.what());
  }
}

std::vector<LabelVolume> read_volumes(const fs::path& output_dir, const ImageRecord& record,
                                      const ImageOutputs& outputs) {
  const fs::path table = output_dir / outputs.volumes;
  for (const auto& file : record.files) {
    if (file.path != outputs.volumes) continue;
    const std::string damage = damage_of(output_dir, file, true);
    if (!damage.empty())
      throw InputError(table.string(), "the table that was written", "one that " + damage);
  }
  const auto text = pipeline::real_file_system().read(table);
  if (!text) throw InputError(table.string(), "a table of volumes", "no such file");
  return parse_volume_table(*text);
}

ImageResult read_result(const fs::path& output_dir, const std::string& record_path) {
  const fs::path path = output_dir / record_path;
  auto record = read_image_record(path);
  if (!record) throw InputError(path.string(), "the record of a finished image", "no such file");
  ImageResult result;
  result.outputs = outputs_of_record(record->path, path);
  if (result.outputs.measures != record_path) {
    throw InputError(path.string(), "the record of an image in its own place",
                     "a copy of that of " + record->path);
  }
  result.volumes = read_volumes(output_dir, *record, result.outputs);
  for (const auto& file : record->files) {
    const std::string damage = damage_of(output_dir, file);
    if (!damage.empty()) result.damage.push_back(file.path + " " + damage);
  }
  result.record = std::move(*record);
  return result;
}

}  // namespace

bool source_exists(const fs::path& dataset, const std::string& path) {
  const auto is_absent = [](const fs::path& file) {
    boost::system::error_code code;
    return fs::symlink_status(file, code).type() == fs::file_not_found;
  };
  if (dataset.empty() || !is_absent(dataset / path)) return true;
  // Below a link to a disk that is not mounted nothing can be looked at.
  for (fs::path folder = fs::path(path).parent_path(); !folder.empty();
       folder = folder.parent_path()) {
    boost::system::error_code code;
    if (fs::is_symlink(fs::symlink_status(dataset / folder, code)) &&
        fs::status(dataset / folder, code).type() == fs::file_not_found)
      return true;
  }
  return false;
}

std::vector<ImageResult> of_existing_images(const std::vector<ImageResult>& results,
                                            const fs::path& dataset) {
  std::vector<ImageResult> existing;
  std::copy_if(
      results.begin(), results.end(), std::back_inserter(existing),
      [&](const ImageResult& result) { return source_exists(dataset, result.record.path); });
  return existing;
}

std::string labels_digest(const ImageResult& result) {
  for (const auto& file : result.record.files) {
    if (file.path == result.outputs.labels) return file.digest;
  }
  return "";
}

SubjectResults read_results(const fs::path& output_dir, const std::string& subject,
                            FailedImages failed_images) {
  SubjectResults all;
  all.failed = read_failures(output_dir, subject);
  std::set<std::string> failed;
  if (failed_images == FailedImages::kNot) {
    for (const auto& failure : all.failed) failed.insert(failure.path);
  }
  std::vector<std::string> records;
  find_records(output_dir, output_dir / ("sub-" + subject), subject, records, all.unreadable);
  for (const auto& path : records) {
    try {
      ImageResult result = read_result(output_dir, path);
      result.subject = subject;
      if (failed.count(result.record.path) == 0) all.finished.push_back(std::move(result));
    } catch (const InputError& error) {
      const std::string file = fs::path(error.path()).lexically_relative(output_dir).string();
      all.unreadable.push_back(
          {file, subject, suffix_of_record(path), error.expected(), error.found()});
    }
  }
  std::sort(
      all.finished.begin(), all.finished.end(),
      [](const ImageResult& a, const ImageResult& b) { return a.record.path < b.record.path; });
  return all;
}

std::vector<ImageRecord> read_records(const fs::path& output_dir, const std::string& subject) {
  std::vector<std::string> paths;
  std::vector<Failure> unreadable;
  find_records(output_dir, output_dir / ("sub-" + subject), subject, paths, unreadable);
  std::vector<ImageRecord> records;
  for (const auto& path : paths) {
    try {
      if (auto record = read_image_record(output_dir / path)) records.push_back(std::move(*record));
    } catch (const InputError&) {  // read_results() tells of it
    }
  }
  return records;
}

std::vector<std::string> possible_sources(const Failure& unreadable) {
  try {
    auto source = data_file_at(unreadable.path);
    source.entities.erase(bids::Entity::kSpace);
    source.entities.erase(bids::Entity::kDescription);
    source.suffix = unreadable.suffix;
    const std::string stem =
        (fs::path(unreadable.path).parent_path() / outputs_of(source).name).string();
    return {stem + ".nii.gz", stem + ".nii"};
  } catch (const std::invalid_argument&) {
    return {};
  }
}

std::vector<std::string> subjects_with_results(const fs::path& output_dir) {
  std::set<std::string> subjects;
  boost::system::error_code code;
  for (const auto& folder : {output_dir, output_dir / "logs" / "failures"}) {
    for (fs::directory_iterator entry(folder, code), end; !code && entry != end;
         entry.increment(code)) {
      const std::string name = entry->path().filename().string();
      boost::system::error_code ignored;
      if (boost::algorithm::starts_with(name, "sub-") && fs::is_directory(entry->path(), ignored))
        subjects.insert(name.substr(4));
    }
  }
  return {subjects.begin(), subjects.end()};
}

}  // namespace hypersynth
