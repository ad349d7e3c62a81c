#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/filesystem/path.hpp>

#include "report/methods.h"
#include "report/raster.h"
#include "report/reportlet.h"

namespace hypersynth {

namespace fs = boost::filesystem;

/// Volume of one label. "left X" and "right X" (or "Left-X" and "Right-X") become one row.
struct StructureVolume {
  std::int32_t label = 0;
  std::string name;
  Rgb colour;
  double soft_mm3 = 0;  ///< sum of posteriors x voxel volume; NaN: not measured
  double hard_mm3 = 0;  ///< voxels of the label x voxel volume; NaN: not measured
};

/// An image quality measure.
struct QualityMeasure {
  std::string name;   ///< as in _iqms.json: "snr_total"
  std::string title;  ///< "Signal-to-noise ratio"
  double value = 0;   ///< NaN: could not be measured
  std::string unit;
  std::string meaning;  ///< one sentence: what it is, which way is better
  Verdict verdict = Verdict::kNone;
  std::string note{};  ///< why there is no value, or what it belongs to; may be empty
};

/// The grid of an image.
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

/// One image of the subject: a section of the page.
struct ImageReport {
  std::string path;             ///< of the source, relative to the dataset
  std::string suffix;           ///< "T1w"
  std::vector<Field> entities;  ///< in the order of the name: {"ses", "01"}
  std::vector<Field> scanner;   ///< from the sidecar; may be empty
  Geometry geometry;
  Verdict verdict = Verdict::kNone;
  std::vector<std::string> verdict_reasons;
  std::vector<Reportlet> reportlets;
  std::vector<StructureVolume> volumes;
  std::optional<double> icv_mm3;  ///< intracranial volume
  std::vector<QualityMeasure> measures;
  std::vector<Timing> timings;
  std::vector<OutputFile> outputs;
};

/// Everything on a subject's page.
struct SubjectReport {
  std::string dataset;             ///< name of the dataset
  std::string subject;             ///< label, without "sub-"
  std::vector<Field> participant;  ///< age, sex, ... of participants.tsv; may be empty
  std::vector<ImageReport> images;
  std::vector<FailedImage> failures;
  std::vector<OutputFile> group_pages;  ///< links to group_<suffix>.html
  Methods methods;
  Provenance provenance;
};

/// The page as one string; pictures that lie below `folder` get their size from there.
std::string subject_report_html(const SubjectReport& report, const fs::path& folder);

/// Writes the page atomically: no network, no file besides the pictures. Throws Error where it
/// cannot be written.
void write_subject_report(const fs::path& path, const SubjectReport& report);

}  // namespace hypersynth
