#include "core/unique_id.h"

#include <cerrno>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <system_error>

#include <sys/random.h>

namespace hypersynth {

std::string unique_id() {
  std::uint64_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != sizeof number)
    throw std::system_error(errno, std::generic_category(), "random numbers of the kernel");
  char text[17];
  std::snprintf(text, sizeof text, "%016" PRIx64, number);
  return text;
}

}  // namespace hypersynth
