#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "bids/dataset_description.h"
#include "bids/dataset_links.h"
#include "bids/layout.h"

namespace hypersynth::bids {

/// What distinguishes one output of an image from its others.
struct OutputKind {
  std::string suffix;       ///< "dseg"
  std::string extension;    ///< ".nii.gz"
  std::string description;  ///< label of `desc`, "hypersynth"; empty = none
  std::string resolution;   ///< label of `res`, "1mm"; empty = none
};

/// The name of an output of `source`: all its entities, `space-<suffix>`, then `kind`'s.
Name output_name(const DataFile& source, const OutputKind& kind);

/// The output's path relative to the derivative dataset's root:
/// `sub-01/ses-1/anat/sub-01_ses-1_space-T1w_desc-hypersynth_dseg.nii.gz`.
std::string output_path(const DataFile& source, const OutputKind& kind);

/// The keys that every sidecar of a spatial derivative has: `Sources` and `SpatialReference`, both
/// the source image in the dataset linked as `raw`.
nlohmann::json spatial_sidecar(const DataFile& source);

/// The text of a sidecar: two spaces of indent, a final newline.
std::string format_sidecar(const nlohmann::json& values);

/// One row of a lookup table (BIDS, "Common image-derived labels").
struct LookupRow {
  int index = 0;
  std::string name;
  std::string abbreviation;
  std::string color;    ///< "#rrggbb"
  std::string mapping;  ///< index in a standard table; empty = n/a
};

/// The text of a lookup table: index, name, abbreviation, color, mapping.
std::string format_lookup_table(const std::vector<LookupRow>& rows);

/// The text of .bidsignore for what the outputs have beyond the standard.
std::string_view output_bidsignore();

/// The files at the root of an output dataset.
struct OutputRoot {
  DatasetDescription description;
  std::string readme;
  std::vector<LookupRow> labels;
};

/// Writes dataset_description.json, README.md, .bidsignore and desc-hypersynth_dseg.tsv where they
/// are missing; several processes may do so at once. Throws what AtomicFile throws.
void write_output_root(const fs::path& output, const OutputRoot& root);

}  // namespace hypersynth::bids
