#pragma once

#include <string>
#include <vector>

#include "report/raster.h"

namespace hypersynth {

/// A picture that lies exactly over another one and is mostly transparent.
struct Overlay {
  std::string name;  ///< what the reader switches on, as in "Outlines" or "Brain mask"
  std::string path;  ///< path of a PNG file, relative to the page
};

/// What a colour of a picture means.
struct LegendEntry {
  Rgb colour;
  std::string text;
};

/// The unit of a report, after nireports: a title, a caption and a picture.
struct Reportlet {
  std::string title;
  std::string caption;
  std::string picture;            ///< path of a PNG or SVG file, relative to the page
  std::string alt;                ///< what the picture shows, for readers who cannot see it
  std::vector<Overlay> overlays;  ///< the first one is shown at the start
  std::vector<LegendEntry> legend{};
};

/// A name and a value: an entity, a fact of the scanner, an option.
struct Field {
  std::string name;
  std::string value;
};

/// A file that the reader may open.
struct OutputFile {
  std::string name;  ///< "Segmentation"
  std::string path;  ///< relative to the page
};

/// The judgement of an image or a measure. kNone means that there is none.
enum class Verdict { kNone, kPass, kWarning, kFail };

/// An image that could not be segmented, or whose results cannot be used.
struct FailedImage {
  std::string path;      ///< path of the source, relative to its dataset
  std::string expected;  ///< empty if `found` is a whole message
  std::string found;     ///< what was found instead, or a whole message
  std::string subject;   ///< label of the subject; may be empty
  std::string report;  ///< path of the subject's page, for links from the group page; may be empty
};

/// How a page and the images on it were made.
struct Provenance {
  std::string version;  ///< of the program
  std::string code_url;
  std::string model_name;
  std::string model_digest;  ///< XXH3 of the model file
  std::string command_line;
  std::string created;  ///< ISO 8601 with time zone
  std::string device;   ///< what the network ran on, as in "cpu" or "cuda:0"
  std::vector<Field> options;
  std::vector<Field> environment;  ///< host, container, versions of libraries
};

}  // namespace hypersynth
