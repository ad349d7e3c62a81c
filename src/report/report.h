#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/filesystem/path.hpp>

#include "report/longitudinal_section.h"
#include "report/methods.h"
#include "report/position_section.h"
#include "report/raster.h"
#include "report/reportlet.h"

namespace hypersynth {

namespace fs = boost::filesystem;

/// The volume of one label. The page shows "left X" and "right X" (or "Left-X" and "Right-X") in
/// one row.
struct StructureVolume {
  std::int32_t label = 0;
  std::string name;
  Rgb colour;
  double soft_mm3 = 0;  ///< sum of posteriors times voxel volume; NaN if not measured
  double hard_mm3 = 0;  ///< voxels with the label times voxel volume; NaN if not measured
};

/// An image quality measure and its value for one image.
struct QualityMeasure {
  std::string name;   ///< as in the record, "snr_total"
  std::string title;  ///< "Signal-to-noise ratio"
  double value = 0;   ///< NaN if it could not be measured
  std::string unit;
  std::string meaning;  ///< one sentence: what it tells, and which way is better
  Verdict verdict = Verdict::kNone;
  std::string note{};    ///< why there is no value, or what the value belongs to; may be empty
  std::string limits{};  ///< "warning above 0.6, fail above 0.9"; empty where it has none
  std::string better{};  ///< "higher", "lower" or "neither"
  std::string family{};  ///< what it tells about, "noise": measures of one family stand together
};

/// The grid of an image, as the page shows it.
struct Geometry {
  std::array<std::int64_t, 3> shape{0, 0, 0};
  std::array<double, 3> spacing_mm{0, 0, 0};
  std::string orientation;  ///< "RAS"
};

/// A step of the processing and how long it took.
struct Timing {
  std::string step;
  double seconds = 0;
};

/// What the page shows of one image; it has one section for each image.
struct ImageReport {
  std::string path;                 ///< path of the source, relative to its dataset
  std::string segmentation_digest;  ///< of the label map, to which ratings belong
  std::string suffix;               ///< "T1w"
  std::vector<Field> entities;      ///< by their long names, as in {"session", "01"}
  std::vector<Field> scanner;       ///< facts from the sidecars; may be empty
  Geometry geometry;
  Verdict verdict = Verdict::kNone;
  std::vector<std::string> verdict_reasons;
  std::vector<std::string> warnings;  ///< contradictions in the header of the file; may be empty
  std::vector<Reportlet> reportlets;
  /// The script with the voxels for the viewer (viewer_data.h), relative to the page; empty: none.
  std::string viewer_script;
  std::vector<StructureVolume> volumes;
  std::optional<double> icv_mm3;  ///< intracranial volume
  std::vector<QualityMeasure> measures;
  std::vector<Timing> timings;
  std::vector<OutputFile> outputs;
  GroupPosition position{};  ///< on a page that the group level writes
};

/// Everything on the page of a subject.
struct SubjectReport {
  std::string dataset;             ///< name of the dataset
  std::string subject;             ///< label, without "sub-"
  std::vector<Field> participant;  ///< cells of participants.tsv, such as age and sex; may be empty
  std::vector<ImageReport> images;
  std::vector<FailedImage> failures;
  /// The script of the library that draws the viewer, relative to the page; empty: no viewer.
  std::string viewer_library;
  LongitudinalReport longitudinal{};  ///< of people with several sessions
  /// The page holds its pictures, library and voxels itself, so that it can be mailed alone.
  bool single = false;
  std::vector<OutputFile> group_pages;  ///< links to group_<suffix>.html
  Methods methods;
  Provenance provenance;
};

/// The page as one string. `folder` is the folder of the page; the sizes of pictures are read from
/// the files below it, and an image has a viewer if its script is there.
std::string subject_report_html(const SubjectReport& report, const fs::path& folder);

/// Writes the page as an atomic file. The page needs no network and no other files than its
/// pictures and the scripts of its viewer, or none at all if it is single. Throws Error if it
/// cannot be written.
void write_subject_report(const fs::path& path, const SubjectReport& report);

/// Whether a page of write_subject_report() with `single` is there.
bool is_single_page(const fs::path& path);

}  // namespace hypersynth
