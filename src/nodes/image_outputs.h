#pragma once

#include <string>

#include <boost/filesystem/path.hpp>

#include "bids/layout.h"

namespace hypersynth {

namespace fs = boost::filesystem;

/// Where the results of one source image go, relative to the output dataset. Sidecars have the same
/// name with `.json`.
struct ImageOutputs {
  std::string labels;           ///< ..._desc-hypersynth_dseg.nii.gz
  std::string brain_mask;       ///< ..._desc-brain_mask.nii.gz
  std::string posteriors;       ///< ..._desc-hypersynth_probseg.nii.gz
  std::string volumes;          ///< ..._desc-hypersynth_morph.tsv
  std::string brain_image;      ///< ..._desc-brain_<suffix>.nii.gz
  std::string aseg_stats;       ///< ..._desc-hypersynth_aseg.stats
  std::string standard_labels;  ///< ..._desc-standard_dseg.nii.gz
  std::string measures;         ///< ..._desc-hypersynth_iqms.json: written last
  std::string head_mask;        ///< ..._desc-head_mask.nii.gz: where the image was measured
  std::string air_mask;         ///< ..._desc-air_mask.nii.gz
  std::string artefact_mask;    ///< ..._desc-artefact_mask.nii.gz
  std::string mriqc;            ///< mriqc/<path of the source>.json
  std::string figures;          ///< sub-X/figures
  std::string stem;             ///< of figures: the source's entities, "sub-X_ses-Y"
  std::string name;             ///< <stem>_<suffix>: of the image in tables; no other image has it
  std::string failure;          ///< logs/failures/sub-X/<name>.json, where the image failed
};

ImageOutputs outputs_of(const bids::DataFile& source);

/// The image as the network saw it, with cubic voxels of `spacing_mm`:
/// ..._res-1mm_desc-preproc_<suffix>.nii.gz. A label of BIDS has letters and digits alone, so 0.8
/// mm is written 0p8mm.
std::string resampled_output(const bids::DataFile& source, double spacing_mm);

/// The script that holds the voxels for the viewer of the subject's page, relative to the output
/// dataset: sub-X/figures/<stem>_desc-viewer_<suffix>.js.
std::string viewer_script_of(const bids::DataFile& source);

/// The small picture of the image on the group page, relative to the output dataset:
/// sub-X/figures/<stem>_desc-thumbnail_<suffix>.png.
std::string thumbnail_of(const bids::DataFile& source);

/// How the image lies to that of the person's first session, and where the pictures of both are,
/// relative to the output dataset: sub-X/figures/<stem>_desc-sessions_<suffix>.json.
std::string session_alignment_of(const bids::DataFile& source);

/// The table of a subject's volumes over sessions, relative to the output dataset:
/// sub-X/sub-X_desc-hypersynth_longitudinal.tsv.
std::string longitudinal_output(const std::string& subject);

/// The page of a subject, relative to the output dataset: "sub-X.html".
std::string page_of_subject(const std::string& label);

/// The page of all images of a suffix, relative to the output dataset: "group_T1w.html".
std::string page_of_group(const std::string& suffix);

/// What else the group level writes about a suffix, relative to the output dataset.
struct GroupOutputs {
  std::string table;            ///< group_T1w.tsv: a row for each image
  std::string table_sidecar;    ///< group_T1w.json: what its columns are
  std::string summary;          ///< group_T1w_summary.json: statistics of each measure
  std::string ratings;          ///< group_T1w_merged_ratings.tsv, where there are any
  std::string ratings_sidecar;  ///< group_T1w_merged_ratings.json
};

GroupOutputs group_outputs_of(const std::string& suffix);

/// The volumes of all images as SynthSeg writes them, relative to the output dataset.
inline constexpr const char* kVolumesCsv = "group_volumes.csv";

/// The image whose path relative to its dataset is `path`, by its name alone; throws
/// std::invalid_argument where that is not BIDS.
bids::DataFile data_file_at(const std::string& path);

/// "x.nii.gz" or "x.tsv" -> "x.json".
std::string sidecar_of(const std::string& path);

}  // namespace hypersynth
