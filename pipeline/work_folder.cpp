#include "pipeline/work_folder.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <system_error>
#include <thread>

#include <boost/filesystem/operations.hpp>
#include <sys/stat.h>

#include "core/unique_id.h"
#include "pipeline/record_json.h"

namespace hypersynth::pipeline {
namespace {

constexpr std::size_t kLongestName = 120;
constexpr auto kRemoval = std::chrono::milliseconds(5);

/// A path component that every file system takes.
std::string safe_name(const std::string& name) {
  std::string safe;
  for (const char c : name.substr(0, kLongestName)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '=' || c == '.';
    safe += plain ? c : '_';
  }
  if (safe[0] == '.') safe[0] = '_';
  return safe;
}

std::string make_run_id() {
  char time[24];
  std::snprintf(time, sizeof time, "%013lld-", static_cast<long long>(now_ms()));
  std::string id = time + unique_id() + '-' + safe_name(host_name());
  std::replace(id.begin(), id.end(), '.', '_');
  return id;
}

/// Whether `error` says that someone else holds a lock.
bool is_taken(int error) { return error == EAGAIN || error == EACCES; }

bool set_lock(int descriptor, const Digest& key, int type) {
  struct flock range = {};
  range.l_type = static_cast<short>(type);
  range.l_whence = SEEK_SET;
  range.l_start = static_cast<off_t>(key.low >> 2);
  range.l_len = 1;
  int result = 0;
  do {
    result = ::fcntl(descriptor, F_OFD_SETLK, &range);
  } while (result != 0 && errno == EINTR);
  return result == 0;
}

}  // namespace

WorkFolder::WorkFolder(const fs::path& root, const FileSystem& file_system)
    : root_(fs::absolute(root).lexically_normal()),
      nodes_(root_ / "nodes"),
      file_system_(file_system),
      run_id_(make_run_id()) {
  while (!join_drivers()) std::this_thread::sleep_for(kRemoval);
}

/// False while another process removes the folder.
bool WorkFolder::join_drivers() {
  try {
    for (const fs::path& folder : {root_, nodes_, attempts(), logs()})
      file_system_.create_folder(folder);
    drivers_ = open_file(root_ / "drivers", O_RDWR | O_CREAT);
    lock_ = open_file(root_ / "lock", O_RDWR | O_CREAT);
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::no_such_file_or_directory) return false;
    throw;
  }
  if (!set_lock(drivers_.get(), digest_of(run_id_), F_WRLCK)) return !is_taken(errno);
  struct stat held = {};
  struct stat named = {};
  return ::fstat(drivers_.get(), &held) == 0 && ::stat((root_ / "drivers").c_str(), &named) == 0 &&
         held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

bool WorkFolder::remove_unused(const fs::path& root, const FileSystem& file_system) {
  const FileDescriptor drivers(::open((root / "drivers").c_str(), O_RDWR | O_CLOEXEC));
  if (!drivers) return false;
  struct flock everyone = {};
  everyone.l_type = F_WRLCK;
  everyone.l_whence = SEEK_SET;
  if (::fcntl(drivers.get(), F_OFD_SETLK, &everyone) != 0) return false;
  for (const char* name : {"nodes", "attempts", "slurm", "log", "crashes", "lock", "drivers"})
    file_system.remove(root / name);
  boost::system::error_code not_empty;
  fs::remove(root, not_empty);
  return true;
}

std::string WorkFolder::folder_name(const std::string& node, const Digest& key) {
  return safe_name(node) + '-' + key.hex().substr(0, 16);
}

fs::path WorkFolder::new_attempt(const std::string& folder) const {
  return attempts() / (run_id_ + '.' + std::to_string(attempts_++) + '.' + folder);
}

void WorkFolder::clear_attempts() const {
  for (const auto& name : dead_runs(file_system_.list(attempts())))
    file_system_.remove(attempts() / name);
}

std::vector<std::string> WorkFolder::dead_runs(const std::vector<std::string>& names) const {
  std::vector<std::string> dead;
  for (const auto& name : names) {
    const std::string run = name.substr(0, name.find('.'));
    if (run == run_id_ || !set_lock(drivers_.get(), digest_of(run), F_WRLCK)) continue;
    set_lock(drivers_.get(), digest_of(run), F_UNLCK);
    dead.push_back(name);
  }
  return dead;
}

bool WorkFolder::is_shared() const {
  struct flock everyone = {};
  everyone.l_type = F_WRLCK;
  everyone.l_whence = SEEK_SET;
  return ::fcntl(drivers_.get(), F_OFD_GETLK, &everyone) == 0 && everyone.l_type != F_UNLCK;
}

std::optional<Result> WorkFolder::stored(const std::string& folder, const Digest& key) const {
  auto line = file_system_.read(nodes_ / folder / "result.json");
  if (!line) line = file_system_.read(nodes_ / (folder + ".json"));
  if (!line) return std::nullopt;
  auto result = result_from_json_line(without_line_break(*line), nodes_);
  if (!result || result->key.digest != key) return std::nullopt;
  result->collected = file_system_.identify(nodes_ / folder / "collected").has_value();
  return result;
}

bool WorkFolder::discard(const std::string& folder) const {
  const fs::path record = nodes_ / (folder + ".json");
  const bool has_record = file_system_.identify(record).has_value();
  if (has_record) file_system_.remove(record);
  const fs::path old = nodes_ / folder;
  if (!file_system_.identify(old)) return has_record;
  const fs::path away = new_attempt(folder);
  file_system_.rename(old, away);
  file_system_.remove(away);
  return true;
}

bool WorkFolder::try_lock(const Digest& key) const {
  if (set_lock(lock_.get(), key, F_WRLCK)) return true;
  if (is_taken(errno)) return false;
  throw std::system_error(errno, std::generic_category(), (root_ / "lock").string());
}

void WorkFolder::unlock(const Digest& key) const { set_lock(lock_.get(), key, F_UNLCK); }

}  // namespace hypersynth::pipeline
