#pragma once

#include "report/html.h"
#include "report/report.h"

namespace hypersynth {

/// One image: facts, pictures, volumes, quality, rating. Pictures below `folder` get their size
/// from there, so that the page does not jump while it loads.
void write_image_section(HtmlWriter& html, const ImageReport& image, const std::string& id,
                         const fs::path& folder);

}  // namespace hypersynth
