# The libtorch of a Python package (`pip install torch`), for -DHYPERSYNTH_PYTHON_TORCH=PYTHON. Its own
# CMake files ask for the whole CUDA toolkit; to compile and link the engine none of it is needed.
execute_process(COMMAND ${HYPERSYNTH_PYTHON_TORCH} -c
                        "import torch; print(torch.__version__.split('+')[0]); print(torch.__path__[0])"
                OUTPUT_VARIABLE found OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "${HYPERSYNTH_PYTHON_TORCH} (HYPERSYNTH_PYTHON_TORCH) has no torch")
endif()
string(REPLACE "\n" ";" found "${found}")
list(GET found 0 Torch_VERSION)
list(GET found 1 folder)
add_library(torch INTERFACE IMPORTED GLOBAL)
target_include_directories(torch SYSTEM INTERFACE ${folder}/include
                                                  ${folder}/include/torch/csrc/api/include)
# All of them: the CUDA operators register themselves when their library is loaded, and nothing calls
# them by name. What these libraries load in turn they find by their own paths.
target_link_options(torch INTERFACE -Wl,--no-as-needed -Wl,--allow-shlib-undefined)
foreach(name IN ITEMS c10 torch_cpu torch c10_cuda torch_cuda)
  set(library ${folder}/lib/lib${name}.so)
  if(EXISTS ${library})
    target_link_libraries(torch INTERFACE ${library})
  endif()
endforeach()
set(Torch_FOUND ON)
message(STATUS "libtorch ${Torch_VERSION} of ${HYPERSYNTH_PYTHON_TORCH}: ${folder}")
