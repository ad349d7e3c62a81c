# Libraries that an engine-only build takes as files: a GPU machine often has no package of them and
# no network to fetch one. nlohmann_json and CLI11 are headers alone; of zlib the run-time library is
# everywhere and only its two headers may be missing.

set(HYPERSYNTH_HEADERS_DIR "" CACHE PATH
    "Engine-only builds: a folder with nlohmann/, CLI/ and, where zlib's are missing, zlib.h and zconf.h")

# hypersynth_header_library(target header package) makes the imported target of a header-only library.
function(hypersynth_header_library target header package)
  string(MAKE_C_IDENTIFIER "HYPERSYNTH_${target}_DIR" folder)
  find_path(${folder} ${header} HINTS ${HYPERSYNTH_HEADERS_DIR})
  if(NOT ${folder})
    get_filename_component(copied ${header} DIRECTORY)
    message(FATAL_ERROR
            "${header} not found. Copy the folder /usr/include/${copied} of a machine with Debian's "
            "${package} (headers alone, nothing to build) into a folder here and name that folder: "
            "-DHYPERSYNTH_HEADERS_DIR=FOLDER")
  endif()
  add_library(${target} INTERFACE IMPORTED GLOBAL)
  target_include_directories(${target} SYSTEM INTERFACE ${${folder}})
endfunction()

hypersynth_header_library(nlohmann_json::nlohmann_json nlohmann/json.hpp nlohmann-json3-dev)
hypersynth_header_library(CLI11::CLI11 CLI/CLI.hpp libcli11-dev)

# Without zlib's development package there is no libz.so to link to, but there is the library.
find_path(ZLIB_INCLUDE_DIR zlib.h HINTS ${HYPERSYNTH_HEADERS_DIR})
find_library(ZLIB_LIBRARY NAMES z libz.so.1)
if(NOT ZLIB_INCLUDE_DIR OR NOT ZLIB_LIBRARY)
  message(FATAL_ERROR
          "zlib not found (headers: ${ZLIB_INCLUDE_DIR}, library: ${ZLIB_LIBRARY}). Copy zlib.h and "
          "zconf.h of a machine with Debian's zlib1g-dev into the folder that "
          "-DHYPERSYNTH_HEADERS_DIR=FOLDER names; the library is libz.so.1 of the system")
endif()
