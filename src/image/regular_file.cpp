#include "image/regular_file.h"

#include <sys/stat.h>

#include "core/error.h"

namespace hypersynth {

void require_regular_file(const std::string& path, mode_t mode) {
  if (S_ISREG(mode)) return;
  std::string kind = "something else";
  if (S_ISDIR(mode)) kind = "a folder";
  if (S_ISFIFO(mode)) kind = "a FIFO (named pipe)";
  if (S_ISCHR(mode) || S_ISBLK(mode)) kind = "a device";
  if (S_ISSOCK(mode)) kind = "a socket";
  throw InputError(path, "a regular file", kind);
}

}  // namespace hypersynth
