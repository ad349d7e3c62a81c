#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bids/issue.h"
#include "bids/layout.h"

namespace hypersynth::bids {

/// A derivative dataset.
struct DerivativeDataset {
  std::string name;  ///< of its folder
  fs::path root;
};

/// The datasets below `<root>/derivatives`: each folder there that has a dataset_description.json,
/// those inside them, and `derivatives` itself where it has one. Sorted by path.
std::vector<DerivativeDataset> nested_derivatives(const fs::path& root);

/// `bids:<dataset>:<path>` with characters that a URI can't hold percent-encoded; an empty dataset
/// means the one that the URI is in.
std::string bids_uri(std::string_view dataset, std::string_view path);

/// A BIDS URI taken apart and decoded.
struct BidsUri {
  std::string dataset;
  std::string path;

  bool operator==(const BidsUri&) const = default;
};

/// Nothing where `uri` is no BIDS URI.
std::optional<BidsUri> parse_bids_uri(std::string_view uri);

/// The file that `uri` means when it stands in `layout`'s dataset, by its DatasetLinks: a relative
/// path, an absolute path or a `file://` URI. Throws DatasetError where the URI is malformed, names
/// a dataset without a link, or the link is of another kind (`doi:`, `https://`).
fs::path resolve_uri(const Layout& layout, std::string_view uri);

/// The folder that a value of DatasetLinks means in the dataset at `root`: a relative path, an
/// absolute path or a `file://` URI; nothing where the dataset is not on this machine.
std::optional<fs::path> linked_folder(const fs::path& root, std::string_view link);

/// What DatasetLinks of the dataset in `from` should say for the one in `to`: a relative path where
/// `from` is below `to`, so that both can move together, a `file://` URI elsewhere.
std::string dataset_link(const fs::path& from, const fs::path& to);

/// `path`, made absolute, as `file://` URI (RFC 8089).
std::string file_uri(const fs::path& path);

}  // namespace hypersynth::bids
