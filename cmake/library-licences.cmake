# Run where the libraries of the portable archive are installed: adds their licences, as the Debian
# packages that they are from state them.
set(root $ENV{DESTDIR}${CMAKE_INSTALL_PREFIX})
set(doc ${root}/share/doc/hypersynth)
file(MAKE_DIRECTORY ${doc})
file(GLOB installed ${root}/${HYPERSYNTH_LIBRARIES}/*.so.*)
foreach(library IN LISTS installed)
  get_filename_component(name ${library} NAME)
  string(REGEX REPLACE "([.+])" "\\\\\\1" pattern ${name})
  execute_process(COMMAND dpkg-query --search */${name} OUTPUT_VARIABLE owners ERROR_QUIET)
  # "package:architecture: /usr/lib/x86_64-linux-gnu/name"; packages for other architectures are not meant.
  if(owners MATCHES "([^\n:]+)[^\n]*: (/usr)?/lib/(${HYPERSYNTH_ARCHITECTURE}/)?${pattern}")
    configure_file(/usr/share/doc/${CMAKE_MATCH_1}/copyright ${doc}/${CMAKE_MATCH_1}.copyright COPYONLY)
  else()
    message(WARNING "No package owns ${name}: add its licence to ${doc}")
  endif()
endforeach()
