# What `./setup.sh package` makes: a Debian package for the release it was built on, and an archive
# of the same files, which run from any folder where the packages of their libraries are installed.
# With SOURCE_DATE_EPOCH set, as setup.sh does, the same sources give the same bytes.

set(HYPERSYNTH_MAINTAINER "hypersynth packagers <root@localhost>" CACHE STRING
    "Who builds the Debian package: NAME <ADDRESS>")
string(TIMESTAMP HYPERSYNTH_DATE "%a, %d %b %Y %H:%M:%S +0000" UTC)
configure_file(${CMAKE_CURRENT_LIST_DIR}/debian-changelog.in ${PROJECT_BINARY_DIR}/debian-changelog)
configure_file(${CMAKE_CURRENT_LIST_DIR}/debian-copyright.in ${PROJECT_BINARY_DIR}/debian-copyright)

set(CPACK_GENERATOR DEB TGZ)
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/package)
set(CPACK_PACKAGE_CONTACT ${HYPERSYNTH_MAINTAINER})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "segmentation of brain MRI of any contrast (BIDS App)")
set(CPACK_PACKAGE_DESCRIPTION
    "hypersynth segments brain MRI of any contrast and resolution, measures
volumes and image quality, writes BIDS derivatives with HTML reports, and
tunes its model to a site's scanner with a few labelled scans.")
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/package-files.cmake)
include(CPack)
