// A whole dataset: description, participants, .bidsignore, two sidecars and file names, cut by
// lines
// `---`. Whatever is in them, indexing ends and its listing is JSON.

#include <nlohmann/json.hpp>

#include "bids/listing.h"
#include "fuzz/fuzz_input.h"

using namespace hypersynth::bids;

namespace {

MemoryFiles files_of(const std::vector<std::string_view>& parts) {
  const char* const places[] = {"dataset_description.json", "participants.tsv", ".bidsignore",
                                "T1w.json", "sub-01/sub-01_T1w.json"};
  MemoryFiles files;
  for (std::size_t part = 0; part < std::size(places) && part < parts.size(); ++part)
    files.contents[places[part]] = parts[part];
  for (std::size_t part = std::size(places); part < parts.size(); ++part) {
    const std::string name(parts[part].substr(0, 255));
    if (!name.empty() && name.find('/') == std::string::npos) files.contents["sub-01/anat/" + name];
  }
  files.contents["sub-01/anat/sub-01_T1w.nii.gz"];
  return files;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parts = hypersynth::fuzz_parts(hypersynth::fuzz_text(data, size));
  const Layout layout = Layout::index(memory_source(files_of(parts)), "dataset", {false, {}});
  std::vector<nlohmann::json> images;
  for (const auto& image : layout.anatomical_images()) images.push_back(listing_of(layout, image));
  const std::string listing = make_listing(layout, images).dump();
  HYPERSYNTH_FUZZ_CHECK(nlohmann::json::parse(listing)["images"].size() == images.size());
  return 0;
}
