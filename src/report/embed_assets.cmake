# Writes OUTPUT, a C++ file with the text of every file of ASSETS (name.ext becomes name_ext).
# cmake -DOUTPUT=file.cpp -DASSETS="a.css;b.js" -P embed_assets.cmake
set(source "#include \"report/assets.h\"\n\nnamespace hypersynth::assets {\n")
foreach(asset IN LISTS ASSETS)
  get_filename_component(name "${asset}" NAME)
  string(REPLACE "." "_" name "${name}")
  file(READ "${asset}" text)
  string(APPEND source "\nconst std::string_view ${name} = R\"ASSET(${text})ASSET\";\n")
endforeach()
file(WRITE "${OUTPUT}" "${source}\n}  // namespace hypersynth::assets\n")
