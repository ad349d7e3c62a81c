# Run by CPack when the files of a package lie in CPACK_TEMPORARY_INSTALL_DIRECTORY: what Debian's
# policy wants besides, and one time for all files.
if(CPACK_GENERATOR STREQUAL DEB)
  set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share)
  set(doc ${root}/doc/hypersynth)
  file(MAKE_DIRECTORY ${doc})
  configure_file(${CPACK_PACKAGE_DIRECTORY}/../debian-copyright ${doc}/copyright COPYONLY)
  configure_file(${CPACK_PACKAGE_DIRECTORY}/../debian-changelog ${doc}/changelog COPYONLY)
  file(GLOB_RECURSE texts ${doc}/changelog ${root}/man/*.1)
  foreach(text IN LISTS texts)
    execute_process(COMMAND gzip -9nf ${text} COMMAND_ERROR_IS_FATAL ANY)
  endforeach()
endif()
if(DEFINED ENV{SOURCE_DATE_EPOCH})
  execute_process(COMMAND find ${CPACK_TEMPORARY_INSTALL_DIRECTORY} -exec touch -h -d @$ENV{SOURCE_DATE_EPOCH} {} +
                  COMMAND_ERROR_IS_FATAL ANY)
endif()
