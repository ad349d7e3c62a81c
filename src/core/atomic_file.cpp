#include "core/atomic_file.h"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <mutex>
#include <set>
#include <system_error>
#include <unistd.h>
#include <vector>

#include <sys/file.h>
#include <sys/stat.h>

#include "core/descriptor.h"
#include "core/error.h"
#include "core/unique_id.h"

namespace hypersynth {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = ".hypersynth-";
constexpr std::size_t kIdDigits = 16;
/// How many bytes of the final name the temporary name keeps at its end. It cannot keep all of
/// them, since the final name may already be as long as the file system allows.
constexpr std::size_t kNameEnd = 80;
constexpr int kAttempts = 100;
constexpr std::size_t kCopyBytes = std::size_t{1} << 20;
constexpr std::time_t kAbandonedAfter_s = 24 * 60 * 60;

[[noreturn]] void fail(ExitCode code, const std::string& path, const char* what, int error) {
  throw Error(is_disk_error(error) ? ExitCode::kIo : code,
              printable(path) + what + std::generic_category().message(error));
}

[[noreturn]] void fail_to_create(const std::string& path, int error) {
  fail(ExitCode::kCannotCreateOutput, path, ": cannot create: ", error);
}

/// The folder of `path`, or "." if the path has none.
fs::path folder_of(const std::string& path) {
  const fs::path folder = fs::path(path).parent_path();
  return folder.empty() ? fs::path(".") : folder;
}

/// Makes sure that the names in a folder are on the disk, not only the files. Some file systems
/// cannot do so, which is no error: a power cut may then lose the new name, but never leaves half a
/// file. A failing disk is reported as an error of `path`.
void sync_folder(const fs::path& folder, const std::string& path) {
  const FileDescriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.get() < 0) return;
  if (::fsync(descriptor.get()) != 0 && is_disk_error(errno))
    fail(ExitCode::kIo, path, ": cannot write: ", errno);
}

/// Makes a folder and those above it, for the file `path`.
void make_folder(const fs::path& folder, const std::string& path) {
  std::error_code code;
  if (folder.empty() || fs::is_directory(folder, code)) return;
  make_folder(folder.parent_path(), path);
  if (::mkdir(folder.c_str(), 0777) == 0) return sync_folder(folder_of(folder.string()), path);
  const int error = errno;
  // Another process may have made it meanwhile.
  if (!fs::is_directory(folder, code)) fail_to_create(path, error == EEXIST ? ENOTDIR : error);
}

/// Removes what killed processes left in `folder`, once in the life of this process.
void tidy(const std::string& folder) {
  static std::mutex mutex;
  static std::set<std::string> tidied;
  {
    const std::lock_guard lock(mutex);
    if (!tidied.insert(folder).second) return;
  }
  remove_abandoned(folder);
}

std::string temporary_name(const std::string& final_name) {
  std::size_t begin = final_name.size() - std::min(final_name.size(), kNameEnd);
  // Some file systems take only whole characters (UTF-8): not the second half of one.
  while (begin > 0 && begin < final_name.size() &&
         (static_cast<unsigned char>(final_name[begin]) & 0xC0) == 0x80)
    ++begin;
  return std::string(kPrefix) + unique_id() + "." + final_name.substr(begin);
}

/// Whether the writer of the temporary file `name` locks it. The writers of earlier versions did
/// not; they are known by their names, which have host name and process number in place of the
/// unique id.
bool is_locked_by_its_writer(std::string_view name) {
  name.remove_prefix(kPrefix.size());
  return name.size() > kIdDigits && name[kIdDigits] == '.' &&
         name.find_first_not_of("0123456789abcdef") == kIdDigits;
}

void remove_if_abandoned(const fs::path& path) {
  // O_NONBLOCK keeps a named pipe of such a name from making this process wait.
  const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat status = {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return;
  bool abandoned = status.st_mtime < std::time(nullptr) - kAbandonedAfter_s;
  if (is_locked_by_its_writer(path.filename().string())) {
    if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) {
      abandoned = true;
    } else if (errno == EWOULDBLOCK) {
      abandoned = false;
    }
  }
  if (abandoned) ::unlink(path.c_str());
}

}  // namespace

bool is_disk_error(int error) {
  return error == ENOSPC || error == EDQUOT || error == EIO || error == EFBIG;
}

AtomicFile::AtomicFile(std::string path) : path_(std::move(path)) {
  const fs::path folder = folder_of(path_);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    make_folder(folder, path_);
    tidy(folder.string());
    if (open_temporary(folder.string())) return;
  }
  fail_to_create(path_, EEXIST);
}

/// Makes and locks a temporary file. Returns false, for another try, if its name is taken or if
/// another process interfered: it took the file for abandoned before it was locked, or it removed
/// the folder while that was still empty.
bool AtomicFile::open_temporary(const std::string& folder) {
  temporary_ = fs::path(folder) / temporary_name(fs::path(path_).filename().string());
  descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t{0666});
  if (descriptor_ < 0) {
    if (errno == EEXIST || errno == ENOENT) return false;
    fail_to_create(path_, errno);
  }
  const bool taken = ::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  if (!taken && ::access(temporary_.c_str(), F_OK) == 0) return true;
  ::close(std::exchange(descriptor_, -1));
  return false;
}

AtomicFile::~AtomicFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  ::close(descriptor_);  // and with it the lock
}

void AtomicFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) fail_to_write(errno);
    if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void AtomicFile::append_file(const std::string& source) {
  const FileDescriptor file(::open(source.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) fail(ExitCode::kIo, source, ": cannot read: ", errno);
  std::vector<char> buffer(kCopyBytes);
  for (;;) {
    const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
    if (count == 0) return;
    if (count < 0 && errno != EINTR) fail(ExitCode::kIo, source, ": cannot read: ", errno);
    if (count > 0) write({buffer.data(), static_cast<std::size_t>(count)});
  }
}

void AtomicFile::flush() const {
  int result = 0;
  do {
    result = ::fsync(descriptor_);
  } while (result != 0 && errno == EINTR);
  if (result != 0) fail_to_write(errno);
}

void AtomicFile::commit() {
  flush();
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail_to_write(errno);
  temporary_.clear();
  sync_folder(folder_of(path_), path_);
}

bool AtomicFile::commit_once() {
  flush();
  if (::link(temporary_.c_str(), path_.c_str()) != 0) {
    if (errno == EEXIST) return false;
    // Some file systems have no hard links; there the last of several writers wins, still whole.
    std::error_code code;
    if (fs::exists(fs::symlink_status(path_, code))) return false;
    commit();
    return true;
  }
  ::unlink(std::exchange(temporary_, {}).c_str());
  sync_folder(folder_of(path_), path_);
  return true;
}

void AtomicFile::fail_to_write(int error) const {
  fail(ExitCode::kIo, path_, ": cannot write: ", error);
}

void write_atomically(const std::string& path, std::string_view bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

bool write_once(const std::string& path, std::string_view bytes) {
  std::error_code code;
  if (fs::exists(fs::symlink_status(path, code))) return false;
  AtomicFile file(path);
  file.write(bytes);
  return file.commit_once();
}

void remove_abandoned(const std::string& folder) {
  std::error_code code;
  for (fs::directory_iterator entry(folder, code), end; !code && entry != end;
       entry.increment(code)) {
    const std::string name = entry->path().filename().string();
    if (name.compare(0, kPrefix.size(), kPrefix) == 0) remove_if_abandoned(entry->path());
  }
}

}  // namespace hypersynth
