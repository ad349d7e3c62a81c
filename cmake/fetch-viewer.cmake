# Writes OUTPUT: the library of the reports' viewer in one file, licences first.
# cmake -DNPM=npm -DSOURCE=src/report/viewer -DWORK=folder -DOUTPUT=file -P fetch-viewer.cmake
# Where npm cannot fetch the packages there is a warning and no file, and the next build tries again.
file(COPY ${SOURCE}/package.json ${SOURCE}/package-lock.json DESTINATION ${WORK})
execute_process(
  COMMAND ${NPM} ci --prefix ${WORK} --omit=optional --ignore-scripts --no-audit --no-fund
          --fetch-retries=1 --cache ${WORK}/npm-cache
  RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE problem)
set(packages ${WORK}/node_modules)
set(library ${packages}/@niivue/niivue/dist/niivue.umd.js)
if(NOT status EQUAL 0 OR NOT EXISTS ${library})
  message(WARNING "npm could not fetch the library of the reports' viewer, so reports are without it: ${problem}")
  return()
endif()

file(READ ${SOURCE}/niivue-license.txt text)
set(licences "@niivue/niivue\n\n${text}")
file(GLOB files LIST_DIRECTORIES OFF
     ${packages}/*/[Ll][Ii][Cc][Ee][Nn][CcSs][Ee]* ${packages}/@*/*/[Ll][Ii][Cc][Ee][Nn][CcSs][Ee]*)
foreach(file IN LISTS files)
  file(READ ${file} text)
  get_filename_component(package ${file} DIRECTORY)
  file(RELATIVE_PATH package ${packages} ${package})
  string(APPEND licences "\n\n${package}\n\n${text}")
endforeach()
string(REPLACE "*/" "* /" licences "${licences}")
get_filename_component(folder ${OUTPUT} DIRECTORY)
file(MAKE_DIRECTORY ${folder})
file(WRITE ${OUTPUT}.part "/*! Licences of the packages in this file:\n\n${licences}*/\n")
file(READ ${library} code)
file(APPEND ${OUTPUT}.part "${code}")
file(RENAME ${OUTPUT}.part ${OUTPUT})
