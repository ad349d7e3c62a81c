#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace hypersynth {

/// A file to read, decompressed on the way where its content is gzip (whatever its
/// name says). Throws InputError, with the path as given, for a file that is missing, a folder, a
/// named pipe, a device, a dangling git-annex link, unreadable, or whose gzip stream is cut short
/// or damaged.
class GzFile {
 public:
  explicit GzFile(std::string path);
  ~GzFile();
  GzFile(const GzFile&) = delete;
  GzFile& operator=(const GzFile&) = delete;

  /// Fills as much of `bytes` as the file has left; returns how much.
  std::size_t read(std::span<std::byte> bytes);

  /// Goes to byte `offset` of the decompressed content.
  void seek(std::uint64_t offset);

  /// Reads to the end, so that the checksum of a gzip stream is verified, and returns how many
  /// bytes were left; but gives up after more than `most` and returns a larger number, so that a
  /// stream that goes on for gigabytes costs nothing.
  std::size_t skip_rest(std::size_t most);

  /// Whether the content is stored as it is, not as gzip: then it has max_content_bytes().
  bool is_plain() const;

  /// Most bytes this file can hold once decompressed: its size, times deflate's limit where it is
  /// gzip. What a header promises beyond that isn't there, so needn't be allocated.
  std::uint64_t max_content_bytes() const;

 private:
  struct Stream;

  std::string path_;
  std::uint64_t file_bytes_ = 0;
  std::unique_ptr<Stream> stream_;
};

}  // namespace hypersynth
