#include "pipeline/cache/work_folder.h"

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
#include "pipeline/cache/record_json.h"

namespace hypersynth::pipeline {
namespace {

constexpr std::size_t kLongestName = 120;
constexpr std::size_t kTimeDigits = 13;
constexpr const char* kMarker = "hypersynth-work.json";
constexpr const char* kMarkerText =
    "{\"program\": \"hypersynth\", \"content\": \"intermediate files, may be removed\"}\n";
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

/// Drivers lock bytes before this one, steps that are processes of their own bytes after it.
constexpr off_t kStepsFrom = off_t{1} << 62;

bool set_lock(int descriptor, const Digest& key, int type, off_t from = 0) {
  struct flock range = {};
  range.l_type = static_cast<short>(type);
  range.l_whence = SEEK_SET;
  range.l_start = from + static_cast<off_t>(key.low >> 2);
  range.l_len = 1;
  int result = 0;
  do {
    result = ::fcntl(descriptor, F_OFD_SETLK, &range);
  } while (result != 0 && errno == EINTR);
  return result == 0;
}

/// Whether `name` is one that make_run_id() gives.
bool is_run_id(std::string_view name) {
  return name.find_first_not_of("0123456789") == kTimeDigits && name[kTimeDigits] == '-';
}

/// The open file, or none where there is no such file.
FileDescriptor open_existing(const fs::path& file) {
  FileDescriptor descriptor(::open(file.c_str(), O_RDWR | O_CLOEXEC));
  if (!descriptor && errno != ENOENT)
    throw std::system_error(errno, std::generic_category(), file.string());
  return descriptor;
}

/// What lies in a folder; throws where that cannot be told.
std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  boost::system::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    names.push_back(entry->path().filename().string());
  if (error) throw std::system_error(error.value(), std::generic_category(), folder.string());
  return names;
}

/// The marker of the work folder at `root`, which is made where it is missing or empty.
FileDescriptor open_marker(const fs::path& root, const FileSystem& file_system) {
  const fs::path marker = root / kMarker;
  file_system.create_folder(root);
  if (FileDescriptor found = open_existing(marker)) return found;
  const auto names = names_in(root);
  if (!names.empty()) {
    // Another driver may have made it meanwhile.
    if (FileDescriptor found = open_existing(marker)) return found;
    throw ForeignFolder(
        root.string(),
        std::string("an empty folder or one that hypersynth has worked in (with a file ") +
            kMarker + ")",
        "'" + names.front() + "' and no such file; nothing was written there",
        ExitCode::kCannotCreateOutput);
  }
  FileDescriptor made = open_file(marker, O_RDWR | O_CREAT);
  write_all(made.get(), kMarkerText, marker);
  return made;
}

/// Whether `descriptor` is of the file that is called `file` now.
bool is_open_file(const fs::path& file, int descriptor) {
  struct stat held = {};
  struct stat named = {};
  return ::fstat(descriptor, &held) == 0 && ::stat(file.c_str(), &named) == 0 &&
         held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

}  // namespace

WorkFolder::WorkFolder(const fs::path& root, const FileSystem& file_system, Role role)
    : root_(fs::absolute(root).lexically_normal()),
      nodes_(root_ / "nodes"),
      file_system_(file_system),
      run_id_(make_run_id()) {
  while (!join(role)) std::this_thread::sleep_for(kRemoval);
}

/// False while another process removes the folder.
bool WorkFolder::join(Role role) {
  try {
    drivers_ = open_marker(root_, file_system_);
    const off_t from = role == Role::kDriver ? 0 : kStepsFrom;
    if (!set_lock(drivers_.get(), digest_of(run_id_), F_WRLCK, from) && is_taken(errno))
      return false;
    if (!is_open_file(root_ / kMarker, drivers_.get())) return false;
    for (const fs::path& folder : {nodes_, attempts(), logs()}) file_system_.create_folder(folder);
    lock_ = open_file(root_ / "lock", O_RDWR | O_CREAT);
    return true;
  } catch (const std::system_error& error) {
    const bool removed = error.code() == std::errc::no_such_file_or_directory &&
                         !file_system_.identify(root_ / kMarker);
    if (removed) return false;
    throw;
  }
}

void WorkFolder::claim(const fs::path& root, const FileSystem& file_system) {
  open_marker(root, file_system);
}

bool WorkFolder::remove_unused(const fs::path& root, const FileSystem& file_system) {
  const fs::path marker = root / kMarker;
  const FileDescriptor drivers = open_existing(marker);
  if (!drivers) return false;
  struct flock everyone = {};
  everyone.l_type = F_WRLCK;
  everyone.l_whence = SEEK_SET;
  if (::fcntl(drivers.get(), F_OFD_SETLK, &everyone) != 0) return false;
  if (!is_open_file(marker, drivers.get())) return false;  // removed, and perhaps made again
  for (const char* name : {"nodes", "attempts", "slurm", "pbs", "sge", "log", "crashes", "lock"})
    file_system.remove(root / name);
  if (names_in(root) != std::vector<std::string>{kMarker}) return true;
  file_system.remove(marker);
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
  for (const auto& name : dead_runs(file_system_.list(attempts()))) {
    try {
      file_system_.remove(attempts() / name);
    } catch (const std::system_error&) {  // another driver removes it too, or the next one will
    }
  }
}

std::vector<std::string> WorkFolder::dead_runs(const std::vector<std::string>& names) const {
  std::vector<std::string> dead;
  for (const auto& name : names) {
    const std::string run = name.substr(0, name.find('.'));
    if (run == run_id_ || !is_run_id(run) || !set_lock(drivers_.get(), digest_of(run), F_WRLCK))
      continue;
    set_lock(drivers_.get(), digest_of(run), F_UNLCK);
    dead.push_back(name);
  }
  return dead;
}

bool WorkFolder::is_shared() const {
  struct flock others = {};
  others.l_type = F_WRLCK;
  others.l_whence = SEEK_SET;
  others.l_len = kStepsFrom;
  return ::fcntl(drivers_.get(), F_OFD_GETLK, &others) == 0 && others.l_type != F_UNLCK;
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
