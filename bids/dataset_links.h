#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bids/issue.h"
#include "bids/layout.h"

namespace hypersynth::bids {

/// A derivative dataset inside another dataset.
struct DerivativeDataset {
  std::string name;  ///< name of the folder `root`
  fs::path root;
};

/// The datasets below `<root>/derivatives`, sorted by path. A folder is a dataset if it holds a
/// dataset_description.json. The search takes `derivatives` itself, the folders in it and, inside
/// each dataset that it finds, that dataset's own `derivatives` folder.
std::vector<DerivativeDataset> nested_derivatives(const fs::path& root);

/// Makes the URI `bids:<dataset>:<path>`. Characters that a URI cannot hold are percent-encoded. An
/// empty `dataset` means the dataset in which the URI is written.
std::string bids_uri(std::string_view dataset, std::string_view path);

/// The parts of a BIDS URI, percent-decoded.
struct BidsUri {
  std::string dataset;
  std::string path;

  bool operator==(const BidsUri&) const = default;
};

/// Takes a BIDS URI apart. Returns nothing if `uri` is not of the form `bids:<dataset>:<path>`.
std::optional<BidsUri> parse_bids_uri(std::string_view uri);

/// The path of the file that a BIDS URI written in the dataset of `layout` means. If the URI names
/// another dataset, DatasetLinks of `layout` tells where that dataset is. Throws DatasetError if
/// the URI is malformed, if its path leaves the dataset, if DatasetLinks does not have the dataset,
/// or if the link leads to no folder of this machine (`doi:`, `https://`).
fs::path resolve_uri(const Layout& layout, std::string_view uri);

/// The folder that a value of DatasetLinks means. `link` is a path relative to the dataset at
/// `root`, an absolute path or a `file://` URI. Returns nothing for any other URI: the dataset is
/// then not on this machine.
std::optional<fs::path> linked_folder(const fs::path& root, std::string_view link);

/// The value with which DatasetLinks of the dataset in `from` should name the dataset in `to`. If
/// `from` lies below `to`, this is a relative path, so that both can move together; otherwise it is
/// a `file://` URI.
std::string dataset_link(const fs::path& from, const fs::path& to);

/// `path` as an absolute `file://` URI (RFC 8089).
std::string file_uri(const fs::path& path);

}  // namespace hypersynth::bids
