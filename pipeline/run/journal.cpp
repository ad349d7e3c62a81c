#include "pipeline/run/journal.h"

#include <system_error>

namespace hypersynth::pipeline {
namespace {

constexpr auto kSyncInterval = std::chrono::seconds(5);
constexpr std::size_t kMostLogs = 16;

}  // namespace

Journal::Journal(const WorkFolder& work_folder, DigestMemo& memo, EventLoop& loop, bool sync)
    : work_folder_(work_folder),
      memo_(memo),
      loop_(loop),
      sync_(sync),
      log_(work_folder.logs(), work_folder.run_id(), work_folder.nodes(),
           work_folder.file_system()),
      syncer_(1) {}

History Journal::load() {
  const FileSystem& file_system = work_folder_.file_system();
  const auto dead = work_folder_.dead_runs(file_system.list(work_folder_.logs()));
  if (dead.size() > kMostLogs && work_folder_.try_lock(digest_of("merge"))) {
    RunLog::merge(work_folder_.logs(), dead, work_folder_.nodes(), file_system);
    work_folder_.unlock(digest_of("merge"));
  }
  History history = RunLog::load(work_folder_.logs(), work_folder_.nodes(), file_system);
  for (const auto& version : history.file_versions) memo_.remember(version);
  history.file_versions = {};
  return history;
}

void Journal::write() {
  for (const auto& version : memo_.take_learned()) log_.add(version);
  log_.flush();
}

void Journal::sync_now_and_then() {
  if (!sync_ || syncing_ || EventLoop::Clock::now() - synced_ < kSyncInterval) return;
  write();
  syncing_ = true;
  synced_ = EventLoop::Clock::now();
  syncer_.submit([this, results = log_.results()] {
    bool synced = true;
    try {
      work_folder_.file_system().sync(work_folder_.root());
    } catch (const std::system_error&) {  // tried again at the end, and reported then
      synced = false;
    }
    loop_.post([this, results, synced] {
      syncing_ = false;
      if (!synced) return;
      durable_ = results;
      log_.add_durable(results);
    });
  });
}

void Journal::finish() {
  while (syncing_) loop_.run_once();
  write();
  if (!sync_ || log_.results() == durable_) return;
  work_folder_.file_system().sync(work_folder_.root());
  log_.add_durable(log_.results());
  write();
}

}  // namespace hypersynth::pipeline
