# How every target of this project is built: language level, warnings, sanitizers, output folders.

include(GNUInstallDirs)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
set(CMAKE_INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}/hypersynth")
# DT_RPATH rather than DT_RUNPATH: it holds for the libraries of libraries too, which the portable
# archive (Package.cmake) has beside the program.
add_link_options(-Wl,--disable-new-dtags)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

find_program(HYPERSYNTH_CCACHE ccache)
if(HYPERSYNTH_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${HYPERSYNTH_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${HYPERSYNTH_CCACHE})
endif()
find_program(HYPERSYNTH_MOLD mold)
if(HYPERSYNTH_MOLD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_link_options(-fuse-ld=mold)
endif()

if(HYPERSYNTH_ASSERTIONS)
  string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")
  string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_RELWITHDEBINFO "${CMAKE_CXX_FLAGS_RELWITHDEBINFO}")
endif()
if(HYPERSYNTH_SANITIZE)
  add_compile_options(-fsanitize=${HYPERSYNTH_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${HYPERSYNTH_SANITIZE})
endif()

# Warnings for this project's own code only; third-party headers come in as SYSTEM.
function(hypersynth_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wcast-align)
  if(HYPERSYNTH_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
      # False alarms of GCC 12 at -O2 and above: "text" + std::string (GCC PR 105651), <=> of vectors.
      target_compile_options(${target} PRIVATE -Wno-restrict -Wno-stringop-overread)
    endif()
  endif()
endfunction()

# TORCH, an option of the three functions below, is for targets that include libtorch. With libtorch 1
# they are C++17, because clang 14 (clang-tidy) cannot parse its headers in C++20; headers that such
# targets share with others must compile in both.
function(hypersynth_torch_target target)
  set_target_properties(${target} PROPERTIES CXX_STANDARD ${HYPERSYNTH_TORCH_CXX_STANDARD})
endfunction()

# hypersynth_library(name [SHARED] [TORCH] SOURCES ... [PUBLIC ...] [PRIVATE ...])
# makes target hypersynth_<name>, alias hypersynth::<name>; headers are included from the root
# ("bids/layout.h") or from src ("core/error.h").
function(hypersynth_library name)
  cmake_parse_arguments(ARG "SHARED;TORCH" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  if(ARG_SHARED)
    add_library(hypersynth_${name} SHARED ${ARG_SOURCES})
  else()
    add_library(hypersynth_${name} STATIC ${ARG_SOURCES})
  endif()
  add_library(hypersynth::${name} ALIAS hypersynth_${name})
  target_include_directories(hypersynth_${name} PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(hypersynth_${name} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
  hypersynth_warnings(hypersynth_${name})
  if(ARG_TORCH)
    hypersynth_torch_target(hypersynth_${name})
  endif()
endfunction()

# hypersynth_executable(name [TORCH] SOURCES ... LIBRARIES ...)
function(hypersynth_executable name)
  cmake_parse_arguments(ARG "TORCH" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${name} PRIVATE ${ARG_LIBRARIES})
  hypersynth_warnings(${name})
  if(ARG_TORCH)
    hypersynth_torch_target(${name})
  endif()
endfunction()

# hypersynth_option_page(program man|boutiques FOLDER FILE [COMPONENT ...]) installs what the program
# says of its own options: its manual page, or its Boutiques descriptor.
function(hypersynth_option_page program page folder name)
  set(file ${CMAKE_CURRENT_BINARY_DIR}/${program}.${page})
  add_custom_command(OUTPUT ${file} COMMAND ${program} --help-${page} > ${file} DEPENDS ${program} VERBATIM)
  add_custom_target(${program}-${page}-page ALL DEPENDS ${file})
  install(FILES ${file} DESTINATION ${folder} RENAME ${name} ${ARGN})
endfunction()

# hypersynth_tests(name [TORCH] SOURCES ... LIBRARIES ... LABELS ... [TIMEOUT s] [PER_SUITE])
# makes the GoogleTest program <name>. Every TEST is a CTest test of its own; with PER_SUITE (for
# programs that load libtorch, a second each) every test suite is one.
function(hypersynth_tests name)
  cmake_parse_arguments(ARG "PER_SUITE;TORCH" "TIMEOUT" "SOURCES;LIBRARIES;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  hypersynth_executable(${name} SOURCES ${ARG_SOURCES}
                        LIBRARIES ${ARG_LIBRARIES} GTest::gtest GTest::gmock GTest::gtest_main)
  if(ARG_TORCH)
    hypersynth_torch_target(${name})
  endif()
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(${name} PRIVATE HYPERSYNTH_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  # The tests themselves need not be fast: -O1 takes a quarter off the time that compiling them takes.
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  if(NOT ARG_PER_SUITE)
    gtest_discover_tests(${name} TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 60
                         PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
    return()
  endif()
  set(suites "")
  foreach(source ${ARG_SOURCES})
    file(STRINGS ${source} lines REGEX "^TEST(_F|_P)?\\(")
    foreach(line ${lines})
      string(REGEX REPLACE "^TEST(_F|_P)?\\(([A-Za-z0-9_]+),.*" "\\2" suite "${line}")
      list(APPEND suites ${suite})
    endforeach()
  endforeach()
  list(REMOVE_DUPLICATES suites)
  foreach(suite ${suites})
    add_test(NAME ${name}.${suite} COMMAND ${name} "--gtest_filter=${suite}.*:*/${suite}.*")
    set_tests_properties(${name}.${suite} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
  endforeach()
endfunction()

# hypersynth_test_on_gpu(name): the test program <name> once more, on the CUDA device; where there is
# none its tests skip themselves.
function(hypersynth_test_on_gpu name)
  add_test(NAME ${name}.Cuda COMMAND ${name})
  set_tests_properties(${name}.Cuda PROPERTIES LABELS gpu TIMEOUT 300 RESOURCE_LOCK gpu
                       ENVIRONMENT HYPERSYNTH_TEST_DEVICE=cuda)
endfunction()
