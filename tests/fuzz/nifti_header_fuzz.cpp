// libFuzzer target: any bytes give a header and a grid that can be written back, or an InputError.
// Build with CMAKE_CXX_COMPILER=clang++ and HYPERSYNTH_SANITIZE=address,undefined; run with a
// folder of header files as the corpus.

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/error.h"
#include "image/nifti_header.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hypersynth;
  try {
    const NiftiHeader header = parse_nifti_header(std::as_bytes(std::span(data, size)), "fuzz");
    check_nifti_header(header, "fuzz");
    const Grid grid = grid_of(header, "fuzz");
    encode_nifti_header(make_nifti_header(grid, 1, static_cast<NiftiType>(header.datatype)));
  } catch (const InputError&) {
  }
  return 0;
}
