#pragma once

#include <string>

namespace hypersynth {

/// One of this project's own shared libraries that programs open only when they need it, because
/// what it is linked to (libtorch, ITK) takes longer to load than most commands run.
struct OwnLibrary {
  std::string file;         ///< "libhypersynth_engine.so"
  std::string purpose;      ///< what messages call it: "the libtorch engine"
  std::string remedy = {};  ///< ends the message where it cannot be loaded: "; ..."; may be empty
};

/// Opens the library where it is not open yet (it then stays open) and returns the address of
/// `symbol` in it. It is looked for beside the program or library that this function is part of and
/// in ../lib from there (a build tree), and where an installation puts it:
/// ../<library folder>/hypersynth. Throws Error kInternal with the places that were tried or the
/// reason why the library cannot be opened.
void* symbol_of(const OwnLibrary& library, const char* symbol);

}  // namespace hypersynth
