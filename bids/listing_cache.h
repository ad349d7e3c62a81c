#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bids/file_source.h"
#include "bids/issue.h"

namespace hypersynth::bids {

/// The entries of one folder, and the stamp that the folder had when they were listed.
struct StoredListing {
  FileStamp stamp;
  std::vector<DirectoryEntry> entries;

  bool operator==(const StoredListing&) const = default;
};

/// The listings of all folders of a dataset, as the database folder keeps them.
struct StoredIndex {
  std::string root;  ///< absolute path of the dataset
  /// When the index was saved, by the clock of this machine, since the epoch.
  std::int64_t saved_ns = 0;
  std::map<std::string, StoredListing> folders;  ///< by path relative to the root

  bool operator==(const StoredIndex&) const = default;
};

/// The bytes of the file that keeps `index`.
std::string format_index(const StoredIndex& index);

/// The index that `bytes` hold; throws DatasetError if they are damaged or of another version.
StoredIndex parse_index(std::string_view bytes);

/// A source that keeps the listings of folders in a file, so that the next run need not list a
/// large dataset again.
///
/// A listing is used again if the stamp of its folder is the same as before. The targets of
/// symbolic links are looked at every time, because they come and go without changing the folder. A
/// folder that changed less than two seconds before the index was saved is listed anew: a later
/// change might have left the same time stamp.
class ListingCache : public FileSource {
 public:
  /// Reads `<database>/<hash of root>.bidsindex`. A file that cannot be used becomes an issue, and
  /// all folders are listed anew.
  ListingCache(std::shared_ptr<const FileSource> source, const fs::path& root,
               const fs::path& database);

  std::vector<DirectoryEntry> list(const std::string& directory) const override;
  std::string read(const std::string& path) const override { return source_->read(path); }
  FileStamp stamp(const std::string& path) const override { return source_->stamp(path); }
  FolderTarget target(const std::string& path) const override { return source_->target(path); }

  /// Writes the listings for the next run, unless nothing has changed. A failure becomes an issue.
  void save();

  const Issues& issues() const { return issues_; }
  /// How many listings came from the file, and how many from the source.
  std::size_t reused() const { return reused_; }
  std::size_t listed() const { return listed_; }

 private:
  /// Whether `listing` still holds for a folder whose stamp is now `stamp`.
  bool is_current(const StoredListing& listing, const FileStamp& stamp) const;
  /// Looks up again what the symbolic links among `entries` lead to.
  void refresh_links(const std::string& directory, std::vector<DirectoryEntry>& entries) const;

  std::shared_ptr<const FileSource> source_;
  fs::path file_;
  StoredIndex stored_;           ///< as the previous run saved it
  mutable StoredIndex current_;  ///< what this run has listed, to be saved
  mutable std::size_t reused_ = 0;
  mutable std::size_t listed_ = 0;
  Issues issues_;
};

}  // namespace hypersynth::bids
