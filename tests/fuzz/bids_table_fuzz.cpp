// Tables: what was read and written reads the same again.

#include "bids/table.h"
#include "fuzz/fuzz_input.h"

using namespace hypersynth::bids;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Issues issues;
  const Table table = Table::parse(hypersynth::fuzz_text(data, size), "x.tsv", issues);
  const std::string text = table.format();
  Issues none;
  const Table again = Table::parse(text, "x.tsv", none);
  HYPERSYNTH_FUZZ_CHECK(again.format() == text);
  HYPERSYNTH_FUZZ_CHECK(again.row_count() == table.row_count());
  return 0;
}
