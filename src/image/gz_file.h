#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace hypersynth {

/// A file opened for reading. If its content is gzip, whatever its name says, it is decompressed
/// while it is read.
///
/// Throws InputError, with the path as given, if the file is missing, is a folder, a named pipe or
/// a device, is a symbolic link without a target (as git-annex leaves them), or cannot be read, and
/// if its gzip stream is cut short or damaged.
class GzFile {
 public:
  explicit GzFile(std::string path);
  ~GzFile();
  GzFile(const GzFile&) = delete;
  GzFile& operator=(const GzFile&) = delete;

  /// Fills `bytes` with what comes next in the file, and returns how many bytes it could fill:
  /// fewer than `bytes` has only at the end of the file.
  std::size_t read(std::span<std::byte> bytes);

  /// Goes to byte `offset` of the decompressed content.
  void seek(std::uint64_t offset);

  /// Reads to the end of the file, which verifies the checksum of a gzip stream, and returns how
  /// many bytes were left. If more than `most` are left, it stops after `most` + 1 and returns that
  /// number: a stream made to go on for gigabytes costs no time.
  std::size_t skip_rest(std::size_t most);

  /// Whether the file is not compressed. Its content then has exactly max_content_bytes() bytes.
  bool is_plain() const;

  /// The largest number of bytes that the decompressed content can have: the size of the file,
  /// multiplied by the greatest compression ratio of deflate if it is gzip. If a header promises
  /// more voxels than that, the file is broken, and no memory need be allocated for them.
  std::uint64_t max_content_bytes() const;

 private:
  struct Stream;

  std::string path_;
  std::uint64_t file_bytes_ = 0;
  std::unique_ptr<Stream> stream_;
};

}  // namespace hypersynth
