#include "pipeline/batch/batch_folder.h"

#include <charconv>
#include <signal.h>
#include <sstream>
#include <system_error>

#include "pipeline/execution/task_file.h"

namespace hypersynth::pipeline {
namespace {

std::optional<int> number_of(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

bool BatchFolder::Ending::was_killed() const {
  return exit_code == 128 + SIGTERM || exit_code == 128 + SIGKILL;
}

BatchFolder::BatchFolder(const WorkFolder& work_folder, const std::string& name)
    : work_folder_(work_folder),
      file_system_(work_folder.file_system()),
      root_(work_folder.root() / name) {}

fs::path BatchFolder::batch(const BatchId& id) const {
  return root_ / id.run / std::to_string(id.number);
}

fs::path BatchFolder::ended(const BatchId& id, int index) const {
  return root_ / id.run / "ended" / (std::to_string(id.number) + '.' + std::to_string(index));
}

void BatchFolder::write(const BatchId& id, const std::vector<Task>& tasks,
                        const std::string& script) const {
  file_system_.create_folder(root_ / id.run / "ended");
  file_system_.create_folder(batch(id));
  std::string keys;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    file_system_.write(task(id, static_cast<int>(i)), to_json_text(tasks[i], work_folder_.root()));
    keys += tasks[i].key.digest.hex() + '\n';
  }
  file_system_.write(batch(id) / "keys", keys);
  file_system_.write(batch(id) / "job.sh", script);
}

std::vector<std::pair<BatchId, int>> BatchFolder::endings(const std::string& run) const {
  std::vector<std::pair<BatchId, int>> found;
  for (const auto& name : file_system_.list(root_ / run / "ended")) {
    const auto dot = name.find('.');
    if (dot == std::string::npos) continue;
    const auto number = number_of(std::string_view(name).substr(0, dot));
    const auto index = number_of(std::string_view(name).substr(dot + 1));
    if (number && index) found.push_back({{run, *number}, *index});
  }
  return found;
}

std::optional<BatchFolder::Ending> BatchFolder::ending(const BatchId& id, int index) const {
  std::istringstream text(file_system_.read(ended(id, index)).value_or(std::string()));
  Ending ending;
  if (!(text >> ending.exit_code >> ending.restart) || text.get() != '\n') return std::nullopt;
  return ending;
}

void BatchFolder::forget_ending(const BatchId& id, int index) const {
  try {
    file_system_.remove(ended(id, index));
  } catch (const std::system_error&) {  // it goes with the folder of the run
  }
}

std::vector<int> BatchFolder::batches(const std::string& run) const {
  std::vector<int> numbers;
  for (const auto& name : file_system_.list(root_ / run)) {
    if (const auto number = number_of(name)) numbers.push_back(*number);
  }
  return numbers;
}

std::vector<BatchFolder::Orphans> BatchFolder::orphans(std::set<std::string>& known) const {
  std::vector<Orphans> result;
  for (const auto& run : work_folder_.dead_runs(file_system_.list(root_))) {
    if (!known.insert(run).second) continue;
    for (const int number : batches(run)) {
      Orphans orphans{{run, number}, {}};
      std::istringstream keys(
          file_system_.read(batch(orphans.id) / "keys").value_or(std::string()));
      int index = 0;
      for (std::string line; std::getline(keys, line); ++index) {
        const auto key = Digest::parse(line);
        const auto end = ending(orphans.id, index);
        if (key && (!end || end->was_killed())) orphans.unfinished.emplace_back(index, *key);
      }
      result.push_back(std::move(orphans));
    }
  }
  return result;
}

void BatchFolder::remove(const BatchId& id) const {
  try {
    file_system_.remove(batch(id));
  } catch (const std::system_error&) {  // a job still writes there; the next run clears it away
    return;
  }
  if (id.run != work_folder_.run_id()) remove_if_empty(id.run);
}

void BatchFolder::remove_if_empty(const std::string& run) const {
  if (!batches(run).empty()) return;
  try {
    file_system_.remove(root_ / run);
  } catch (const std::system_error&) {
  }
}

void BatchFolder::refresh(const std::string& run) const {
  for (const fs::path& folder : {root_ / run / "ended", work_folder_.nodes()}) {
    const fs::path probe = folder / (".look-" + work_folder_.run_id());
    try {
      file_system_.write(probe, "");
      file_system_.remove(probe);
    } catch (const std::system_error&) {  // what is seen without it has to do
    }
  }
}

}  // namespace hypersynth::pipeline
