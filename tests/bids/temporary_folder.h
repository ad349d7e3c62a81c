#pragma once

#include <string>

#include <boost/filesystem/operations.hpp>
#include <boost/filesystem/string_file.hpp>

namespace hypersynth::bids {

/// A folder of its own for one test, removed at its end.
class TemporaryFolder {
 public:
  TemporaryFolder()
      : path_(boost::filesystem::temp_directory_path() /
              boost::filesystem::unique_path("hypersynth-bids-%%%%-%%%%-%%%%")) {
    boost::filesystem::create_directories(path_);
  }
  ~TemporaryFolder() {
    boost::system::error_code ignored;
    boost::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const boost::filesystem::path& path() const { return path_; }

  /// Writes a file and the folders above it.
  void write(const std::string& relative, const std::string& content = "") const {
    boost::filesystem::create_directories((path_ / relative).parent_path());
    boost::filesystem::save_string_file(path_ / relative, content);
  }

 private:
  boost::filesystem::path path_;
};

inline std::string content_of(const boost::filesystem::path& file) {
  std::string content;
  boost::filesystem::load_string_file(file, content);
  return content;
}

}  // namespace hypersynth::bids
