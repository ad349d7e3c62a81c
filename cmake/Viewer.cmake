# The library that draws the three planes in the viewer of the subjects' reports: NiiVue, fetched by
# npm as src/report/viewer/package-lock.json pins it. The build puts it, with its licence and those of
# the packages inside it, into the file HYPERSYNTH_VIEWER_LIBRARY, which the program copies into the
# output folder. Without npm, or where npm cannot fetch it, reports have no viewer.
set(viewer_source ${PROJECT_SOURCE_DIR}/src/report/viewer)
file(READ ${viewer_source}/package.json viewer_package)
string(JSON viewer_version GET ${viewer_package} dependencies @niivue/niivue)
set(HYPERSYNTH_VIEWER_LIBRARY niivue-${viewer_version}.js)
set(viewer_library ${PROJECT_BINARY_DIR}/share/hypersynth/viewer/${HYPERSYNTH_VIEWER_LIBRARY})

find_program(HYPERSYNTH_NPM npm)
if(HYPERSYNTH_NPM)
  add_custom_command(
    OUTPUT ${viewer_library}
    COMMAND ${CMAKE_COMMAND} -DNPM=${HYPERSYNTH_NPM} -DSOURCE=${viewer_source} -DWORK=${PROJECT_BINARY_DIR}/viewer
            -DOUTPUT=${viewer_library} -P ${PROJECT_SOURCE_DIR}/cmake/fetch-viewer.cmake
    DEPENDS ${viewer_source}/package.json ${viewer_source}/package-lock.json ${viewer_source}/niivue-license.txt
            ${PROJECT_SOURCE_DIR}/cmake/fetch-viewer.cmake
    COMMENT "Fetching the library of the reports' viewer"
    VERBATIM)
  add_custom_target(hypersynth_viewer ALL DEPENDS ${viewer_library})
else()
  message(STATUS "npm not found: the reports are without the three-plane viewer")
  add_custom_target(hypersynth_viewer)
endif()
install(FILES ${viewer_library} DESTINATION ${CMAKE_INSTALL_DATADIR}/hypersynth/viewer OPTIONAL)
