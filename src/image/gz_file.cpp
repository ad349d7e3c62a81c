#include "image/gz_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <new>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>
#include <zlib.h>

#include <sys/stat.h>

#include "core/annex.h"
#include "core/error.h"
#include "core/regular_file.h"

namespace hypersynth {

namespace {

constexpr unsigned kBufferBytes = 1U << 18;
/// No deflate stream expands by more (https://zlib.net/zlib_tech.html).
constexpr std::uint64_t kMaxExpansion = 1032;

/// The target of a symbolic link; empty if `path` is not a symbolic link.
std::string link_target(const std::string& path) {
  std::error_code error;
  return std::filesystem::read_symlink(path, error).string();
}

[[noreturn]] void throw_cannot_open(const std::string& path, int error) {
  if (error == ENXIO) throw InputError(path, "a regular file", "a socket or a device");
  if (error != ENOENT && error != ENOTDIR && error != ELOOP) {
    throw InputError(path, "a readable file", std::generic_category().message(error));
  }
  if (is_absent_from_annex(path)) {
    throw InputError(
        path, "a file",
        "a git-annex link whose content is absent (run: " + annex_get_command(path) + ")",
        ExitCode::kInputMissing);
  }
  const std::string target = link_target(path);
  throw InputError(path, "a file", target.empty() ? "nothing" : "a link to nothing: " + target,
                   ExitCode::kInputMissing);
}

}  // namespace

struct GzFile::Stream {
  gzFile file = nullptr;

  explicit Stream(int descriptor) : file(gzdopen(descriptor, "rb")) {
    if (file == nullptr) {
      ::close(descriptor);
      throw std::bad_alloc();
    }
    gzbuffer(file, kBufferBytes);
  }
  ~Stream() { gzclose_r(file); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
};

GzFile::GzFile(std::string path) : path_(std::move(path)) {
  // Not blocking: a named pipe without a writer must fail below, not hang here.
  const int descriptor = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) throw_cannot_open(path_, errno);
  struct stat status {};
  try {
    if (::fstat(descriptor, &status) != 0) throw_cannot_open(path_, errno);
    require_regular_file(path_, status.st_mode);
  } catch (const InputError&) {
    ::close(descriptor);
    throw;
  }
  file_bytes_ = static_cast<std::uint64_t>(status.st_size);
  stream_ = std::make_unique<Stream>(descriptor);
}

GzFile::~GzFile() = default;

std::size_t GzFile::read(std::span<std::byte> bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto wanted = static_cast<unsigned>(std::min<std::size_t>(bytes.size() - done, 1U << 30));
    errno = 0;
    const int got = gzread(stream_->file, bytes.data() + done, wanted);
    int status = Z_OK;
    const char* const message = gzerror(stream_->file, &status);
    if (status == Z_ERRNO) {
      throw InputError(path_, "a readable file", std::generic_category().message(errno));
    }
    if (status == Z_BUF_ERROR) {
      throw InputError(path_, "a complete gzip stream", "one that is cut short");
    }
    if (status != Z_OK && status != Z_STREAM_END) {
      throw InputError(path_, "an intact gzip stream", std::string("damage: ") + message);
    }
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

void GzFile::seek(std::uint64_t offset) {
  if (gzseek(stream_->file, static_cast<z_off_t>(offset), SEEK_SET) < 0) {
    throw InputError(path_, "a readable file", "data that can't be reached");
  }
}

std::size_t GzFile::skip_rest(std::size_t most) {
  std::vector<std::byte> buffer(most + 1);
  return read(buffer);
}

bool GzFile::is_plain() const { return gzdirect(stream_->file) != 0; }

std::uint64_t GzFile::max_content_bytes() const {
  return is_plain() ? file_bytes_ : file_bytes_ * kMaxExpansion;
}

}  // namespace hypersynth
