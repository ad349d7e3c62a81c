#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "bids/file_source.h"
#include "bids/issue.h"

namespace hypersynth::bids {

/// The version of the BIDS standard that the written datasets follow (their `BIDSVersion`).
inline constexpr std::string_view kBidsVersion = "1.10.1";

/// A program that made a derivative dataset: an entry of the list `GeneratedBy`.
struct GeneratedBy {
  std::string name;
  std::string version;
  std::string code_url;
  std::string description;
  /// "docker", "podman", "oci" or "apptainer"; empty if the program ran in no container.
  std::string container_type;
  std::string container_tag;
  std::string container_uri;
};

/// A dataset that a derivative dataset was made from: an entry of the list `SourceDatasets`.
struct SourceDataset {
  std::string url;
  std::string doi;
  std::string version;
};

/// The content of dataset_description.json, limited to the keys that this library uses.
struct DatasetDescription {
  std::string name;
  std::string bids_version{kBidsVersion};
  std::string dataset_type = "raw";  ///< "raw", "derivative" or "study"
  std::string license;
  std::vector<std::string> authors;
  std::vector<GeneratedBy> generated_by;
  std::vector<SourceDataset> source_datasets;
  std::map<std::string, std::string> dataset_links;  ///< name -> URI or path of the dataset

  bool is_derivative() const { return dataset_type == "derivative"; }
};

/// Reads the description of the dataset in `source`. A key that is missing or of the wrong type
/// becomes an issue. Throws DatasetError if the file is missing or is not a JSON object.
DatasetDescription read_description(const FileSource& source, Issues& issues);

/// The text of dataset_description.json. Optional keys whose fields are empty are left out.
std::string format_description(const DatasetDescription& description);

}  // namespace hypersynth::bids
