#pragma once

#include "report/html.h"
#include "report/report.h"

namespace hypersynth {

/// Writes the section of one image on its subject's page: facts, pictures, the form for a rating,
/// volumes, quality measures, timings and links to files. `id` is the id of the section. `folder`
/// is the folder of the page. Picture sizes are read from the files below it, so that the page does
/// not jump while it loads; a picture that is not there is named as missing. `with_viewer`: there
/// is a button that opens the three-plane viewer.
void write_image_section(HtmlWriter& html, const ImageReport& image, const std::string& id,
                         const fs::path& folder, bool with_viewer);

}  // namespace hypersynth
