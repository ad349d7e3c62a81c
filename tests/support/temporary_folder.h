#pragma once

#include <string>

#include <boost/filesystem/operations.hpp>
#include <boost/filesystem/string_file.hpp>

#include "support/temporary_dir.h"

namespace hypersynth {

/// A fresh folder with the paths of this library.
class TemporaryFolder {
 public:
  const boost::filesystem::path& path() const { return path_; }

  /// Writes a file and the folders above it.
  void write(const std::string& relative, const std::string& content = "") const {
    boost::filesystem::create_directories((path_ / relative).parent_path());
    boost::filesystem::save_string_file(path_ / relative, content);
  }

 private:
  TemporaryDir folder_;
  boost::filesystem::path path_{folder_.path().string()};
};

inline std::string content_of(const boost::filesystem::path& file) {
  std::string content;
  boost::filesystem::load_string_file(file, content);
  return content;
}

}  // namespace hypersynth
