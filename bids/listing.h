#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "bids/layout.h"

namespace hypersynth::bids {

/// What a dry run says of one image: {"path", "suffix", "entities", "metadata"}. The caller adds
/// "status" and "reason".
nlohmann::json listing_of(const Layout& layout, const DataFile& image);

/// The whole listing: {"images": [...], "issues": [...]}. The issues are the layout's so far, so
/// ask for the images first.
nlohmann::json make_listing(const Layout& layout, std::vector<nlohmann::json> images);

}  // namespace hypersynth::bids
