#include "image/atomic_file.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <random>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <zlib.h>

#include "core/error.h"
#include "core/temporary_name.h"

namespace hypersynth {

namespace {

constexpr unsigned kBufferBytes = 1U << 18;

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash + 1);
}

}  // namespace

struct AtomicFile::Stream {
  int descriptor = -1;
  gzFile file = nullptr;

  Stream(int opened, bool compress, int level) : descriptor(opened) {
    // "T": bytes as they are.
    const std::string mode = compress ? "wb" + std::to_string(level) : "wbT";
    const int duplicate = ::dup(descriptor);  // gzclose closes its own; fsync needs one after it
    if (duplicate >= 0) file = gzdopen(duplicate, mode.c_str());
    if (file == nullptr) {
      if (duplicate >= 0) ::close(duplicate);
      ::close(descriptor);
      throw std::bad_alloc();
    }
    gzbuffer(file, kBufferBytes);
  }
  ~Stream() {
    close_gz();
    ::close(descriptor);
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  bool close_gz() { return file == nullptr || gzclose_w(std::exchange(file, nullptr)) == Z_OK; }
};

AtomicFile::AtomicFile(std::string path, int level)
    : path_(std::move(path)), temporary_(temporary_name(path_)) {
  const int descriptor =
      ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t{0666});
  if (descriptor < 0) {
    throw Error(ExitCode::kCannotCreateOutput,
                printable(path_) + ": cannot create: " + std::generic_category().message(errno));
  }
  const bool compress = path_.size() > 3 && path_.compare(path_.size() - 3, 3, ".gz") == 0;
  stream_ = std::make_unique<Stream>(descriptor, compress, level);
}

AtomicFile::~AtomicFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto chunk = bytes.first(std::min<std::size_t>(bytes.size(), 1U << 30));
    errno = 0;
    if (gzwrite(stream_->file, chunk.data(), static_cast<unsigned>(chunk.size())) <= 0) fail();
    bytes = bytes.subspan(chunk.size());
  }
}

void AtomicFile::commit() {
  errno = 0;
  if (!stream_->close_gz() || ::fsync(stream_->descriptor) != 0 ||
      std::rename(temporary_.c_str(), path_.c_str()) != 0) {
    fail();
  }
  temporary_.clear();
  // The name itself reaches the disk with its folder; where a file system can't do that, the file
  // is still whole.
  const std::string folder = folder_of(path_);
  const int descriptor =
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor >= 0) {
    ::fsync(descriptor);
    ::close(descriptor);
  }
}

void AtomicFile::fail() const {
  const int error = errno != 0 ? errno : EIO;
  throw Error(ExitCode::kIo,
              printable(path_) + ": cannot write: " + std::generic_category().message(error));
}

}  // namespace hypersynth
