#include "bids/atomic_file.h"

#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

#include <boost/filesystem/operations.hpp>
#include <sys/stat.h>

#include "bids/issue.h"

namespace hypersynth::bids {
namespace {

/// Temporary names are ".hypersynth-<host>.<process>.<number>.<final name>".
constexpr std::string_view kPrefix = ".hypersynth-";

[[noreturn]] void fail(const fs::path& target, int error) {
  throw DatasetError(IssueCode::kOutputUnwritable, target.string(),
                     "can't be written: " + std::generic_category().message(error));
}

std::string host() {
  char name[256] = {};
  if (::gethostname(name, sizeof(name) - 1) != 0) return "unknown";
  std::string text(name);
  for (char& c : text) {
    if (c == '/' || c == '.') c = '-';
  }
  return text;
}

std::string own_prefix() { return std::string(kPrefix) + host() + "."; }

fs::path temporary_name(const fs::path& target) {
  static std::atomic<unsigned> count{0};
  return target.parent_path() / (own_prefix() + std::to_string(::getpid()) + "." +
                                 std::to_string(count++) + "." + target.filename().string());
}

void write_all(const fs::path& path, std::string_view content) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) fail(path, errno);
  int error = 0;
  while (!content.empty() && error == 0) {
    const ssize_t count = ::write(descriptor, content.data(), content.size());
    if (count >= 0) content.remove_prefix(static_cast<std::size_t>(count));
    if (count < 0 && errno != EINTR) error = errno;
  }
  if (::close(descriptor) != 0 && error == 0) error = errno;
  if (error != 0) fail(path, error);
}

/// The process that made a temporary file of this machine, 0 where `name` is none.
pid_t owner_of(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return 0;
  name.remove_prefix(prefix.size());
  pid_t process = 0;
  std::from_chars(name.data(), name.data() + name.size(), process);
  return process;
}

bool is_running(pid_t process) { return ::kill(process, 0) == 0 || errno != ESRCH; }

}  // namespace

AtomicFile::AtomicFile(fs::path target)
    : target_(std::move(target)), temporary_(temporary_name(target_)) {
  boost::system::error_code error;
  if (!target_.parent_path().empty()) fs::create_directories(target_.parent_path(), error);
  if (error) fail(target_, error.value());
}

AtomicFile::~AtomicFile() {
  boost::system::error_code ignored;
  if (!done_) fs::remove(temporary_, ignored);
}

void AtomicFile::commit() {
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail(target_, errno);
  done_ = true;
}

bool AtomicFile::commit_once() {
  if (::link(temporary_.c_str(), target_.c_str()) == 0) return true;
  if (errno == EEXIST) return false;
  // Some file systems have no hard links; there the last of several writers wins, still whole.
  struct stat status {};
  if (::lstat(target_.c_str(), &status) == 0) return false;
  commit();
  return true;
}

void write_atomically(const fs::path& target, std::string_view content) {
  AtomicFile file(target);
  write_all(file.temporary(), content);
  file.commit();
}

bool write_once(const fs::path& target, std::string_view content) {
  struct stat status {};
  if (::lstat(target.c_str(), &status) == 0) return false;
  AtomicFile file(target);
  write_all(file.temporary(), content);
  return file.commit_once();
}

void remove_abandoned(const fs::path& folder) {
  const std::string prefix = own_prefix();
  boost::system::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const pid_t process = owner_of(entry->path().filename().string(), prefix);
    boost::system::error_code ignored;
    if (process > 0 && !is_running(process)) fs::remove(entry->path(), ignored);
  }
}

}  // namespace hypersynth::bids
