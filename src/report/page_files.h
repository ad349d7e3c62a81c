#pragma once

#include <string>

#include <boost/filesystem/path.hpp>

namespace hypersynth {

/// The files that a page shows, and how it refers to them.
struct PageFiles {
  boost::filesystem::path folder;  ///< of the page; paths of files are relative to it
  bool embedded = false;           ///< the page holds the files itself, so that it can be mailed

  bool has(const std::string& path) const;
  /// The reference to a picture (.png or .svg): a data URL with its bytes where
  /// the page holds it, else its path. Throws Error kIo if it cannot be read.
  std::string url_of_picture(const std::string& path) const;
  /// The bytes of a file. Throws Error kIo if it cannot be read.
  std::string read(const std::string& path) const;
};

}  // namespace hypersynth
