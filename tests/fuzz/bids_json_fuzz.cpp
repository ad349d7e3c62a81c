// Sidecars and filter files: any text is an object or one clear error.

#include <nlohmann/json.hpp>

#include "bids/derivative.h"
#include "bids/filter.h"
#include "fuzz/fuzz_input.h"

using namespace hypersynth::bids;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = hypersynth::fuzz_text(data, size);
  try {
    const auto values = parse_json_object(text, "x.json");
    HYPERSYNTH_FUZZ_CHECK(values.is_object());
    HYPERSYNTH_FUZZ_CHECK(nlohmann::json::parse(format_sidecar(values)).size() == values.size());
  } catch (const DatasetError& error) {
    HYPERSYNTH_FUZZ_CHECK(nlohmann::json::accept(to_json(error.issue()).dump()));
  }
  try {
    Issues issues;
    parse_filter_file(text, "filter.json", issues);
    for (const auto& issue : issues) to_json(issue).dump();
  } catch (const DatasetError&) {
  }
  return 0;
}
