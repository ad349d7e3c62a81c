#include "bids/listing_cache.h"

#include <chrono>
#include <cstring>
#include <system_error>
#include <type_traits>

#include <boost/filesystem/operations.hpp>
#include <boost/filesystem/string_file.hpp>

#include "core/atomic_file.h"
#include "core/error.h"

namespace hypersynth::bids {
namespace {

constexpr std::string_view kMagic = "hypersynth listing 1\n";
constexpr std::int64_t kClockMargin_ns = 2'000'000'000;

/// FNV-1a, 64 bits (Fowler, Noll and Vo).
std::uint64_t hash_of(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

std::string hex(std::uint64_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += kDigits[(value >> shift) & 15];
  return text;
}

template <typename Number>
void put(std::string& bytes, Number value) {
  static_assert(std::is_integral_v<Number>);
  bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

void put(std::string& bytes, const std::string& text) {
  put(bytes, static_cast<std::uint32_t>(text.size()));
  bytes += text;
}

/// Takes values off the front of the bytes of an index.
class IndexReader {
 public:
  explicit IndexReader(std::string_view bytes) : bytes_(bytes) {}

  template <typename Number>
  Number number() {
    Number value{};
    std::memcpy(&value, take(sizeof(value)).data(), sizeof(value));
    return value;
  }

  std::string text() { return std::string(take(number<std::uint32_t>())); }

  DirectoryEntry entry() {
    DirectoryEntry entry{text(), EntryKind::kFile};
    const auto kind = number<std::uint8_t>();
    const auto is_link = number<std::uint8_t>();
    if (kind > static_cast<std::uint8_t>(EntryKind::kBrokenLink) || is_link > 1) fail();
    entry.kind = static_cast<EntryKind>(kind);
    entry.is_link = is_link == 1;
    return entry;
  }

  StoredListing listing() {
    StoredListing listing;
    listing.stamp.modified_ns = number<std::int64_t>();
    listing.stamp.size = number<std::uint64_t>();
    listing.stamp.inode = number<std::uint64_t>();
    listing.stamp.device = number<std::uint64_t>();
    listing.stamp.is_directory = true;
    for (auto left = number<std::uint32_t>(); left > 0; --left) listing.entries.push_back(entry());
    return listing;
  }

  bool at_end() const { return bytes_.empty(); }

  [[noreturn]] static void fail() {
    throw DatasetError(IssueCode::kIndexInvalid, "", "the stored index is damaged");
  }

 private:
  std::string_view take(std::size_t count) {
    if (count > bytes_.size()) fail();
    const auto taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }

  std::string_view bytes_;
};

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

std::string format_index(const StoredIndex& index) {
  std::string body;
  put(body, index.root);
  put(body, index.saved_ns);
  put(body, static_cast<std::uint32_t>(index.folders.size()));
  for (const auto& [folder, listing] : index.folders) {
    put(body, folder);
    put(body, listing.stamp.modified_ns);
    put(body, listing.stamp.size);
    put(body, listing.stamp.inode);
    put(body, listing.stamp.device);
    put(body, static_cast<std::uint32_t>(listing.entries.size()));
    for (const auto& entry : listing.entries) {
      put(body, entry.name);
      put(body, static_cast<std::uint8_t>(entry.kind));
      put(body, static_cast<std::uint8_t>(entry.is_link ? 1 : 0));
    }
  }
  return std::string(kMagic) + hex(hash_of(body)) + "\n" + body;
}

StoredIndex parse_index(std::string_view bytes) {
  constexpr std::size_t kHashLine = 17;
  if (!bytes.starts_with(kMagic) || bytes.size() < kMagic.size() + kHashLine) IndexReader::fail();
  const auto hash = bytes.substr(kMagic.size(), kHashLine);
  const auto body = bytes.substr(kMagic.size() + kHashLine);
  if (hash != hex(hash_of(body)) + "\n") IndexReader::fail();
  IndexReader reader(body);
  StoredIndex index;
  index.root = reader.text();
  index.saved_ns = reader.number<std::int64_t>();
  for (auto left = reader.number<std::uint32_t>(); left > 0; --left) {
    std::string folder = reader.text();
    index.folders[std::move(folder)] = reader.listing();
  }
  if (!reader.at_end()) IndexReader::fail();
  return index;
}

ListingCache::ListingCache(std::shared_ptr<const FileSource> source, const fs::path& root,
                           const fs::path& database)
    : source_(std::move(source)) {
  current_.root = fs::absolute(root).lexically_normal().string();
  file_ = database / (hex(hash_of(current_.root)) + ".bidsindex");
  if (!fs::exists(file_)) return;
  try {
    std::string bytes;
    fs::load_string_file(file_, bytes);
    stored_ = parse_index(bytes);
    if (stored_.root != current_.root) stored_ = {};
  } catch (const std::exception& error) {
    issues_.push_back({IssueCode::kIndexInvalid, file_.string(),
                       std::string("the dataset is read anew: ") + error.what()});
    stored_ = {};
  }
}

std::vector<DirectoryEntry> ListingCache::list(const std::string& directory) const {
  const FileStamp stamp = source_->stamp(directory);
  const auto found = stored_.folders.find(directory);
  StoredListing& listing = current_.folders[directory];
  listing.stamp = stamp;
  if (found != stored_.folders.end() && is_current(found->second, stamp)) {
    ++reused_;
    listing.entries = found->second.entries;
    refresh_links(directory, listing.entries);
  } else {
    ++listed_;
    listing.entries = source_->list(directory);
  }
  return listing.entries;
}

void ListingCache::save() {
  current_.saved_ns = now_ns();
  if (listed_ == 0 && current_.folders == stored_.folders) return;
  try {
    write_atomically(file_, format_index(current_));
  } catch (const Error& error) {
    issues_.push_back({IssueCode::kIndexInvalid, file_.string(),
                       std::string("the index can't be kept: ") + error.what()});
  }
}

bool ListingCache::is_current(const StoredListing& listing, const FileStamp& stamp) const {
  return listing.stamp == stamp && stamp.modified_ns < stored_.saved_ns - kClockMargin_ns;
}

void ListingCache::refresh_links(const std::string& directory,
                                 std::vector<DirectoryEntry>& entries) const {
  for (auto& entry : entries) {
    if (!entry.is_link) continue;
    const std::string path = directory.empty() ? entry.name : directory + '/' + entry.name;
    try {
      entry.kind = source_->stamp(path).is_directory ? EntryKind::kDirectory : EntryKind::kFile;
    } catch (const std::system_error&) {
      entry.kind = EntryKind::kBrokenLink;
    }
  }
}

}  // namespace hypersynth::bids
