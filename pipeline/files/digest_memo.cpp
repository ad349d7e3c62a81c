#include "pipeline/files/digest_memo.h"

#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

namespace hypersynth::pipeline {
namespace {

/// A file changed this shortly before it was read could change again without a new ctime: kernels
/// stamp files with a clock of up to 10 ms.
constexpr std::int64_t kClockStep_ns = 20'000'000;

/// Times that a file is read which changes meanwhile.
constexpr int kMostAttempts = 3;

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

FileIdentity identify(const FileSystem& file_system, const fs::path& path) {
  const auto identity = file_system.identify(path);
  if (!identity) throw std::system_error(ENOENT, std::generic_category(), path.string());
  return *identity;
}

void append(std::string& listing, const std::string& name, const FileVersion& version) {
  listing += std::to_string(name.size()) + ':' + name + version.digest.hex();
}

}  // namespace

void DigestMemo::remember(const FileVersion& version) {
  const std::lock_guard lock(mutex_);
  versions_.insert_or_assign(Where{version.identity.device, version.identity.inode}, version);
}

void DigestMemo::learn(const FileVersion& version) {
  const std::lock_guard lock(mutex_);
  versions_.insert_or_assign(Where{version.identity.device, version.identity.inode}, version);
  learned_.push_back(version);
}

std::optional<FileVersion> DigestMemo::known(const FileIdentity& identity) const {
  const std::lock_guard lock(mutex_);
  const auto found = versions_.find({identity.device, identity.inode});
  if (found == versions_.end() || found->second.identity != identity) return std::nullopt;
  return found->second;
}

std::optional<FileVersion> DigestMemo::known(const fs::path& path) const {
  const auto identity = file_system_.identify(path);
  if (!identity) return std::nullopt;
  return identity->folder ? known_folder(path, *identity) : known(*identity);
}

std::optional<FileVersion> DigestMemo::known_folder(const fs::path& folder,
                                                    const FileIdentity& identity) const {
  std::string listing;
  for (const auto& name : file_system_.list(folder)) {
    const auto version = known(folder / name);
    if (!version) return std::nullopt;
    append(listing, name, *version);
  }
  return FileVersion{identity, digest_of(listing)};
}

FileVersion DigestMemo::find(const fs::path& path) {
  if (auto version = known(path)) return *version;
  return read(path, false);
}

FileVersion DigestMemo::find_new(const fs::path& path) {
  if (auto version = known(path)) return *version;
  return read(path, true);
}

FileVersion DigestMemo::reread(const fs::path& path) {
  const FileIdentity identity = identify(file_system_, path);
  return identity.folder ? read_folder(path, identity, false, true) : read(path, false);
}

FileVersion DigestMemo::read(const fs::path& path, bool just_written) {
  for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
    const std::int64_t started_ns = now_ns();
    const FileIdentity identity = identify(file_system_, path);
    if (identity.folder) return read_folder(path, identity, just_written, false);
    const FileVersion version{identity, file_system_.digest(path)};
    bytes_read_ += identity.size_bytes;
    if (identify(file_system_, path) != identity) continue;  // it was being written
    if (just_written) {                                      // it is recorded with its result
      remember(version);
    } else if (identity.changed_ns + kClockStep_ns < started_ns) {
      learn(version);
    }
    return version;
  }
  throw std::system_error(EBUSY, std::generic_category(),
                          path.string() + ": the file keeps changing while it is read");
}

FileVersion DigestMemo::read_folder(const fs::path& folder, const FileIdentity& identity,
                                    bool just_written, bool always) {
  std::string listing;
  for (const auto& name : file_system_.list(folder)) {
    const fs::path path = folder / name;
    const FileVersion version = always ? reread(path) : just_written ? find_new(path) : find(path);
    if (just_written && !version.identity.folder) learn(version);
    append(listing, name, version);
  }
  return {identity, digest_of(listing)};
}

std::vector<FileVersion> DigestMemo::take_learned() {
  const std::lock_guard lock(mutex_);
  return std::exchange(learned_, {});
}

}  // namespace hypersynth::pipeline
