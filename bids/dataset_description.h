#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "bids/file_source.h"
#include "bids/issue.h"

namespace hypersynth::bids {

/// The BIDS version that this library writes.
inline constexpr std::string_view kBidsVersion = "1.10.1";

/// A program that made a derivative dataset.
struct GeneratedBy {
  std::string name;
  std::string version;
  std::string code_url;
  std::string description;
  std::string container_type;  ///< "docker", "apptainer"; empty = no container
  std::string container_tag;
  std::string container_uri;
};

/// A dataset that a derivative was made from.
struct SourceDataset {
  std::string url;
  std::string doi;
  std::string version;
};

/// dataset_description.json, the keys that this library uses.
struct DatasetDescription {
  std::string name;
  std::string bids_version{kBidsVersion};
  std::string dataset_type = "raw";  ///< "raw", "derivative" or "study"
  std::string license;
  std::vector<std::string> authors;
  std::vector<GeneratedBy> generated_by;
  std::vector<SourceDataset> source_datasets;
  std::map<std::string, std::string> dataset_links;  ///< name -> URI

  bool is_derivative() const { return dataset_type == "derivative"; }
};

/// The description of the dataset in `source`. A missing or unusable key becomes an issue; throws
/// DatasetError where the file is missing or no JSON object.
DatasetDescription read_description(const FileSource& source, Issues& issues);

/// The text of dataset_description.json; empty fields are left out.
std::string format_description(const DatasetDescription& description);

}  // namespace hypersynth::bids
