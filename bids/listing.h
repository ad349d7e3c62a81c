#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "bids/layout.h"

namespace hypersynth::bids {

/// What the listing of a dry run says about one image: "path", "suffix", "entities" and "metadata".
/// The caller adds "status" and "reason".
nlohmann::json listing_of(const Layout& layout, const DataFile& image);

/// The whole listing: {"images": [...], "issues": [...]}. The issues are those that the layout has
/// found so far, so call listing_of() for all images first: it reads their sidecars.
nlohmann::json make_listing(const Layout& layout, std::vector<nlohmann::json> images);

}  // namespace hypersynth::bids
