#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "bids/dataset_description.h"
#include "bids/dataset_links.h"
#include "bids/layout.h"

namespace hypersynth::bids {

/// The parts of a derivative's file name that tell the outputs of one image apart.
struct OutputKind {
  std::string suffix;       ///< as in "dseg"
  std::string extension;    ///< as in ".nii.gz"
  std::string description;  ///< label of the entity `desc`, as in "hypersynth"; empty = no `desc`
  std::string resolution;   ///< label of the entity `res`, as in "1mm"; empty = no `res`
};

/// The name of an output of the image `source`. It has the entities of `source`, then
/// `space-<suffix of source>`, which says that the output is aligned with that image, then the
/// labels of `kind`.
Name output_name(const DataFile& source, const OutputKind& kind);

/// The path of an output relative to the root of the derivative dataset, as in
/// `sub-01/ses-1/anat/sub-01_ses-1_space-T1w_desc-hypersynth_dseg.nii.gz`.
std::string output_path(const DataFile& source, const OutputKind& kind);

/// The keys that the sidecar of every spatial derivative has: `Sources` and `SpatialReference`.
/// Both name the source image by a BIDS URI in the dataset that DatasetLinks calls `raw`.
nlohmann::json spatial_sidecar(const DataFile& source);

/// The text of a sidecar, indented by two spaces and ended by a newline. Bytes that are not UTF-8
/// are replaced.
std::string format_sidecar(const nlohmann::json& values);

/// One row of a lookup table (BIDS, "Common image-derived labels").
struct LookupRow {
  int index = 0;
  std::string name;
  std::string abbreviation;
  std::string color;    ///< "#rrggbb"
  std::string mapping;  ///< index in the standard table of BIDS; empty is written as n/a
};

/// The text of a lookup table with the columns index, name, abbreviation, color and mapping.
std::string format_lookup_table(const std::vector<LookupRow>& rows);

/// The text of the output dataset's .bidsignore. It names the files and folders that BIDS does not
/// define (pages, logs, figures, volumes, quality measures), so that the BIDS validator accepts the
/// dataset.
std::string_view output_bidsignore();

}  // namespace hypersynth::bids
