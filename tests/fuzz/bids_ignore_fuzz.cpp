// A .bidsignore file and, after a line `---`, paths to try it on.

#include "bids/ignore.h"
#include "fuzz/fuzz_input.h"

using namespace hypersynth::bids;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parts = hypersynth::fuzz_parts(hypersynth::fuzz_text(data, size));
  Issues issues;
  const auto rules = IgnoreRules::parse(parts[0], issues);
  for (const auto path : parts) {
    rules.ignores(path, false);
    rules.ignores(path, true);
  }
  return 0;
}
