#include "bids/listing.h"

#include <nlohmann/json.hpp>

#include "core/utf8.h"

namespace hypersynth::bids {

nlohmann::json listing_of(const Layout& layout, const DataFile& image) {
  return {{"path", valid_utf8(image.path)},
          {"suffix", image.suffix},
          {"entities", to_json(image.entities)},
          {"metadata", layout.metadata(image).values()}};
}

nlohmann::json make_listing(const Layout& layout, std::vector<nlohmann::json> images) {
  auto findings = nlohmann::json::array();
  for (const auto& issue : layout.issues()) findings.push_back(to_json(issue));
  return {{"images", std::move(images)}, {"issues", std::move(findings)}};
}

}  // namespace hypersynth::bids
