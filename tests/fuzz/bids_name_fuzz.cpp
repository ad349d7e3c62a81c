// Names and URIs: parse and format are inverse.

#include "bids/dataset_links.h"
#include "bids/entities.h"
#include "core/utf8.h"
#include "fuzz/fuzz_input.h"

using namespace hypersynth::bids;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = hypersynth::fuzz_text(data, size);
  if (const auto view = parse_name_view(text)) {
    const Name name = to_name(*view);
    const std::string formatted = format_name(name);
    HYPERSYNTH_FUZZ_CHECK(parse_name(formatted) == name);
    // Entities outside the standard are written last.
    const bool standard = name.entities.other().empty();
    HYPERSYNTH_FUZZ_CHECK(!standard || !view->in_order() || formatted == text);
  }
  if (const auto uri = parse_bids_uri(text))
    HYPERSYNTH_FUZZ_CHECK(parse_bids_uri(bids_uri(uri->dataset, uri->path)) == uri);
  HYPERSYNTH_FUZZ_CHECK(hypersynth::is_utf8(hypersynth::valid_utf8(text)));
  return 0;
}
