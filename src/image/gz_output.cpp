#include "image/gz_output.h"

#include <algorithm>
#include <cerrno>
#include <new>
#include <unistd.h>
#include <utility>
#include <zlib.h>

namespace hypersynth {

namespace {

constexpr unsigned kBufferBytes = 1U << 18;

int reason() { return errno != 0 ? errno : EIO; }

}  // namespace

GzOutput::GzOutput(const std::string& path, int level) : file_(path) {
  if (!path.ends_with(".gz")) return;
  const int duplicate = ::dup(file_.descriptor());  // gzclose closes it; the file needs its own
  if (duplicate < 0) file_.fail_to_write(errno);
  stream_ = gzdopen(duplicate, ("wb" + std::to_string(level)).c_str());
  if (stream_ == nullptr) {
    ::close(duplicate);
    throw std::bad_alloc();
  }
  gzbuffer(stream_, kBufferBytes);
}

GzOutput::~GzOutput() {
  if (stream_ != nullptr) gzclose_w(stream_);
}

void GzOutput::write(std::span<const std::byte> bytes) {
  if (stream_ == nullptr)
    return file_.write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  while (!bytes.empty()) {
    const auto chunk = bytes.first(std::min<std::size_t>(bytes.size(), 1U << 30));
    errno = 0;
    if (gzwrite(stream_, chunk.data(), static_cast<unsigned>(chunk.size())) <= 0)
      file_.fail_to_write(reason());
    bytes = bytes.subspan(chunk.size());
  }
}

void GzOutput::commit() {
  errno = 0;
  if (stream_ != nullptr && gzclose_w(std::exchange(stream_, nullptr)) != Z_OK)
    file_.fail_to_write(reason());
  file_.commit();
}

}  // namespace hypersynth
