#include "report/page_files.h"

#include <sstream>

#include <boost/filesystem/fstream.hpp>
#include <boost/filesystem/operations.hpp>

#include "core/error.h"
#include "report/base64.h"
#include "report/html.h"

namespace hypersynth {

bool PageFiles::has(const std::string& path) const {
  boost::system::error_code none;
  return boost::filesystem::is_regular_file(folder / path, none);
}

std::string PageFiles::url_of_picture(const std::string& path) const {
  if (!embedded || !has(path)) return url_of_path(path);
  std::string url =
      path.ends_with(".svg") ? "data:image/svg+xml;base64," : "data:image/png;base64,";
  append_base64(read(path), url);
  return url;
}

std::string PageFiles::read(const std::string& path) const {
  boost::filesystem::ifstream stream(folder / path, std::ios::binary);
  std::ostringstream bytes;
  bytes << stream.rdbuf();
  if (!stream || !bytes)
    throw Error(ExitCode::kIo, (folder / path).string() + ": cannot be read for the report");
  return std::move(bytes).str();
}

}  // namespace hypersynth
