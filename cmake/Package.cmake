# What `./setup.sh package` makes: a Debian package for the release it was built on, and a portable
# archive: the program with all the libraries that it loads but glibc's, to be unpacked into any folder
# of any Linux with the same or a newer glibc. The archive is without libtorch, which is larger than
# all else together and has to fit the GPU's driver (docs/gpu.md says how to add it).
# With SOURCE_DATE_EPOCH set, as setup.sh does, the same sources give the same bytes.

# Debian's own tools take the same two variables.
if("$ENV{DEBEMAIL}" STREQUAL "")
  set(maintainer "hypersynth packagers <root@localhost>")
else()
  set(maintainer "$ENV{DEBFULLNAME} <$ENV{DEBEMAIL}>")
endif()
set(HYPERSYNTH_MAINTAINER ${maintainer} CACHE STRING "Who builds the Debian package: NAME <ADDRESS>")
string(TIMESTAMP HYPERSYNTH_DATE "%a, %d %b %Y %H:%M:%S +0000" UTC)
configure_file(${CMAKE_CURRENT_LIST_DIR}/debian-changelog.in ${PROJECT_BINARY_DIR}/debian-changelog)
configure_file(${CMAKE_CURRENT_LIST_DIR}/debian-copyright.in ${PROJECT_BINARY_DIR}/debian-copyright)

install(RUNTIME_DEPENDENCY_SET hypersynth_libraries
        PRE_EXCLUDE_REGEXES "^ld-linux" "^lib(c|m|mvec|dl|rt|pthread|resolv|util)\\.so" "^libhypersynth_"
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/hypersynth COMPONENT libraries EXCLUDE_FROM_ALL)
install(CODE "set(HYPERSYNTH_LIBRARIES ${CMAKE_INSTALL_LIBDIR}/hypersynth)
              set(HYPERSYNTH_ARCHITECTURE ${CMAKE_LIBRARY_ARCHITECTURE})"
        COMPONENT libraries EXCLUDE_FROM_ALL)
install(SCRIPT ${CMAKE_CURRENT_LIST_DIR}/library-licences.cmake COMPONENT libraries EXCLUDE_FROM_ALL)
install(FILES ${PROJECT_BINARY_DIR}/debian-copyright DESTINATION share/doc/hypersynth RENAME copyright
        COMPONENT libraries EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR DEB TXZ)
set(CPACK_PACKAGE_FILE_NAME
    ${PROJECT_NAME}-${PROJECT_VERSION}-${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_CURRENT_LIST_DIR}/package-kinds.cmake)
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/package)
set(CPACK_PACKAGE_CONTACT ${HYPERSYNTH_MAINTAINER})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "segmentation of brain MRI of any contrast (BIDS App)")
set(CPACK_PACKAGE_DESCRIPTION
    "hypersynth segments brain MRI of any contrast and resolution, measures
volumes and image quality, writes BIDS derivatives with HTML reports, and
tunes its model to a site's scanner with a few labelled scans.")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/package-files.cmake)
include(CPack)
