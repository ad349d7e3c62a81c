#pragma once

#include <string>
#include <vector>

namespace hypersynth {

/// A picture that lies exactly over another one, mostly transparent.
struct Overlay {
  std::string name;  ///< what the reader switches on: "Structures", "Brain mask"
  std::string path;  ///< of a PNG file, relative to the page
};

/// A title, a caption and a picture (the idea is nireports').
struct Reportlet {
  std::string title;
  std::string caption;
  std::string picture;            ///< path of a PNG file, relative to the page
  std::string alt;                ///< what a reader who can't see the picture should know
  std::vector<Overlay> overlays;  ///< the first is on at the start
};

/// A named value: an entity, a fact of the scanner, an option.
struct Field {
  std::string name;
  std::string value;
};

/// A file that the reader may open.
struct OutputFile {
  std::string name;  ///< "Segmentation"
  std::string path;  ///< relative to the page
};

enum class Verdict { kNone, kPass, kWarning, kFail };

/// An image that could not be used.
struct FailedImage {
  std::string path;  ///< relative to the dataset
  std::string expected;
  std::string found;    ///< or the whole message where nothing particular was expected
  std::string subject;  ///< label, for the group page; may be empty
  std::string report;   ///< path of the subject's page, for the group page; may be empty
};

/// How the pages were made.
struct Provenance {
  std::string version;  ///< of the program
  std::string code_url;
  std::string model_name;
  std::string model_digest;  ///< SHA-256 or what the cache key uses
  std::string command_line;
  std::string created;  ///< ISO 8601 with time zone
  std::string device;   ///< "cpu", "NVIDIA H100"
  std::vector<Field> options;
  std::vector<Field> environment;  ///< host, container, library versions
};

}  // namespace hypersynth
