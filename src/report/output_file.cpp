#include "report/output_file.h"

#include <boost/filesystem/fstream.hpp>
#include <boost/filesystem/operations.hpp>

#include "core/error.h"
#include "core/temporary_name.h"

namespace hypersynth {
namespace {

void make_folder(const fs::path& folder) {
  boost::system::error_code error;
  if (folder.empty() || fs::is_directory(folder, error)) return;
  fs::create_directories(folder, error);
  if (error) {
    throw Error(ExitCode::kCannotCreateOutput,
                printable(folder.string()) + ": cannot create the folder: " + error.message());
  }
}

}  // namespace

void write_atomically(const fs::path& path, std::string_view bytes) {
  make_folder(path.parent_path());
  const fs::path temporary = temporary_name(path.string());
  boost::system::error_code error;
  {
    fs::ofstream stream(temporary, std::ios::binary);
    if (!stream) {
      throw Error(ExitCode::kCannotCreateOutput,
                  printable(path.string()) + ": cannot write in its folder");
    }
    stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    stream.close();
    if (!stream) {
      fs::remove(temporary, error);
      throw Error(ExitCode::kIo, printable(path.string()) + ": writing failed, is the disk full?");
    }
  }
  fs::rename(temporary, path, error);
  if (!error) return;
  const std::string reason = error.message();
  fs::remove(temporary, error);
  throw Error(ExitCode::kIo, printable(path.string()) + ": cannot replace the file: " + reason);
}

}  // namespace hypersynth
