# The libtorch of a folder with include/ and lib/, HYPERSYNTH_LIBTORCH: a libtorch archive of PyTorch,
# unpacked, or the package `torch` of a Python. Their own CMake files ask for the whole CUDA toolkit;
# to compile and link the engine none of it is needed.
find_file(HYPERSYNTH_LIBTORCH_VERSION torch/headeronly/version.h torch/csrc/api/include/torch/version.h
          PATHS ${HYPERSYNTH_LIBTORCH}/include NO_DEFAULT_PATH)
if(NOT HYPERSYNTH_LIBTORCH_VERSION OR NOT EXISTS ${HYPERSYNTH_LIBTORCH}/lib/libtorch.so)
  message(FATAL_ERROR "HYPERSYNTH_LIBTORCH: expected a folder with include/torch and lib/libtorch.so, "
                      "found ${HYPERSYNTH_LIBTORCH}")
endif()
file(STRINGS ${HYPERSYNTH_LIBTORCH_VERSION} defined REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
string(REGEX MATCHALL "[0-9]+" numbers "${defined}")
string(REPLACE ";" "." Torch_VERSION "${numbers}")
add_library(torch INTERFACE IMPORTED GLOBAL)
target_include_directories(torch SYSTEM INTERFACE
                           ${HYPERSYNTH_LIBTORCH}/include
                           ${HYPERSYNTH_LIBTORCH}/include/torch/csrc/api/include)
# All of them: the CUDA operators register themselves when their library is loaded, and nothing calls
# them by name. What these libraries load in turn they find by their own paths.
target_link_options(torch INTERFACE -Wl,--no-as-needed -Wl,--allow-shlib-undefined)
foreach(name IN ITEMS c10 torch_cpu torch c10_cuda torch_cuda)
  set(library ${HYPERSYNTH_LIBTORCH}/lib/lib${name}.so)
  if(EXISTS ${library})
    target_link_libraries(torch INTERFACE ${library})
  endif()
endforeach()
set(Torch_FOUND ON)
message(STATUS "libtorch ${Torch_VERSION} of ${HYPERSYNTH_LIBTORCH}")
