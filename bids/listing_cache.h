#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bids/file_source.h"
#include "bids/issue.h"

namespace hypersynth::bids {

/// What one folder held, and its stamp then.
struct StoredListing {
  FileStamp stamp;
  std::vector<DirectoryEntry> entries;

  bool operator==(const StoredListing&) const = default;
};

/// Listings by folder.
struct StoredIndex {
  std::string root;           ///< absolute path of the dataset
  std::int64_t saved_ns = 0;  ///< when, by the clock of the stamps
  std::map<std::string, StoredListing> folders;

  bool operator==(const StoredIndex&) const = default;
};

/// The bytes of a stored index.
std::string format_index(const StoredIndex& index);

/// The index in `bytes`; throws DatasetError where they are none, are of another version or
/// damaged.
StoredIndex parse_index(std::string_view bytes);

/// A source that keeps the listings of folders in a database folder. A listing is used again while
/// the folder's stamp is as it was; links are looked at each time, as their targets come and go
/// without a trace in the folder. Folders changed within two seconds before the index was saved are
/// listed anew, since a later change might have left the same time stamp.
class ListingCache : public FileSource {
 public:
  /// Reads `<database>/<hash of root>.bidsindex`; one that can't be used becomes an issue.
  ListingCache(std::shared_ptr<const FileSource> source, const fs::path& root,
               const fs::path& database);

  std::vector<DirectoryEntry> list(const std::string& directory) const override;
  std::string read(const std::string& path) const override { return source_->read(path); }
  FileStamp stamp(const std::string& path) const override { return source_->stamp(path); }
  FolderTarget target(const std::string& path) const override { return source_->target(path); }

  /// Writes what was listed; a failure becomes an issue.
  void save();

  const Issues& issues() const { return issues_; }
  /// How many listings came from the index, and how many from the source.
  std::size_t reused() const { return reused_; }
  std::size_t listed() const { return listed_; }

 private:
  bool is_current(const StoredListing& listing, const FileStamp& stamp) const;
  void refresh_links(const std::string& directory, std::vector<DirectoryEntry>& entries) const;

  std::shared_ptr<const FileSource> source_;
  fs::path file_;
  StoredIndex stored_;
  mutable StoredIndex current_;
  mutable std::size_t reused_ = 0;
  mutable std::size_t listed_ = 0;
  Issues issues_;
};

}  // namespace hypersynth::bids
