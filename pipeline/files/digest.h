#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <boost/filesystem/path.hpp>

namespace hypersynth::pipeline {

namespace fs = boost::filesystem;

/// 128 bits of XXH3 (Collet, xxHash 0.8).
struct Digest {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  auto operator<=>(const Digest&) const = default;

  /// 32 hexadecimal digits.
  std::string hex() const;
  static std::optional<Digest> parse(std::string_view hex);
};

Digest digest_of(std::string_view bytes);

/// The digest of a file's bytes; throws std::system_error when it cannot be read or is no regular
/// file.
Digest digest_of_file(const fs::path& file);

/// 16 hexadecimal digits that guard one record against damage.
std::string checksum(std::string_view text);

}  // namespace hypersynth::pipeline

template <>
struct std::hash<hypersynth::pipeline::Digest> {
  std::size_t operator()(const hypersynth::pipeline::Digest& digest) const noexcept {
    return static_cast<std::size_t>(digest.low);
  }
};
