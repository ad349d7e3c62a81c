#include "core/own_library.h"

#include <algorithm>
#include <dlfcn.h>
#include <filesystem>
#include <vector>

#include "core/error.h"

namespace hypersynth {

namespace {

namespace fs = std::filesystem;

/// Folders of this program and of the library that this code is part of. Of a program the linker
/// knows no more than the name by which it was called, which is no path where the shell found it.
std::vector<fs::path> own_folders() {
  std::vector<fs::path> folders;
  std::error_code code;
  Dl_info info{};
  if (dladdr(reinterpret_cast<void*>(&own_folders), &info) != 0 && info.dli_fname != nullptr) {
    const auto self = fs::canonical(info.dli_fname, code);
    if (!code) folders.push_back(self.parent_path());
  }
  const auto program = fs::canonical("/proc/self/exe", code);
  if (!code && (folders.empty() || folders.front() != program.parent_path()))
    folders.push_back(program.parent_path());
  return folders;
}

std::vector<fs::path> places_of(const OwnLibrary& library) {
  std::vector<fs::path> places;
  for (const auto& folder : own_folders()) {
    for (const fs::path& below :
         {fs::path("."), fs::path("../lib"), fs::path("..") / HYPERSYNTH_LIBDIR / "hypersynth"}) {
      places.push_back((folder / below / library.file).lexically_normal());
    }
  }
  return places;
}

}  // namespace

void* symbol_of(const OwnLibrary& library, const char* symbol) {
  std::string tried;
  std::string failure;
  for (const auto& place : places_of(library)) {
    tried += (tried.empty() ? "" : ", ") + place.string();
    if (!fs::exists(place)) continue;
    void* const opened = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (opened != nullptr) {
      if (void* const address = dlsym(opened, symbol)) return address;
    }
    if (const char* const message = dlerror()) failure = message;
  }
  if (failure.empty()) failure = "not found; looked for " + tried;
  throw Error(ExitCode::kInternal, library.purpose + " (" + library.file +
                                       ") cannot be loaded: " + failure + library.remedy);
}

}  // namespace hypersynth
