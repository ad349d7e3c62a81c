#include "pipeline/files/digest.h"

#define XXH_INLINE_ALL
#include <cerrno>
#include <charconv>
#include <memory>
#include <system_error>
#include <unistd.h>
#include <vector>
#include <xxhash.h>

#include "pipeline/files/file_descriptor.h"

namespace hypersynth::pipeline {
namespace {

constexpr std::size_t kReadBytes = std::size_t{1} << 20;

void append_hex(std::string& text, std::uint64_t value) {
  static constexpr char kDigits[] = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) text += kDigits[(value >> shift) & 15];
}

bool parse_hex(std::string_view text, std::uint64_t& value) {
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value, 16);
  return result.ec == std::errc() && result.ptr == end;
}

}  // namespace

std::string Digest::hex() const {
  std::string text;
  text.reserve(32);
  append_hex(text, high);
  append_hex(text, low);
  return text;
}

std::optional<Digest> Digest::parse(std::string_view hex) {
  Digest digest;
  if (hex.size() != 32 || !parse_hex(hex.substr(0, 16), digest.high) ||
      !parse_hex(hex.substr(16), digest.low))
    return std::nullopt;
  return digest;
}

Digest digest_of(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

Digest digest_of_file(const fs::path& file) {
  const FileDescriptor descriptor = open_to_read(file);
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(),
                                                                       &XXH3_freeState);
  XXH3_128bits_reset(state.get());
  std::vector<char> buffer;
  std::size_t wanted = 16384;  // most files of a workflow are small
  while (true) {
    buffer.resize(wanted);
    const ssize_t count = ::read(descriptor.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw std::system_error(errno, std::generic_category(), file.string());
    if (count == 0) break;
    XXH3_128bits_update(state.get(), buffer.data(), static_cast<std::size_t>(count));
    wanted = kReadBytes;
  }
  const XXH128_hash_t hash = XXH3_128bits_digest(state.get());
  return {hash.high64, hash.low64};
}

std::string checksum(std::string_view text) {
  std::string hex;
  append_hex(hex, XXH3_64bits(text.data(), text.size()));
  return hex;
}

}  // namespace hypersynth::pipeline
