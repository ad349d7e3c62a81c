#pragma once

#include "report/html.h"
#include "report/page_files.h"
#include "report/report.h"

namespace hypersynth {

/// Writes the section of one image on its subject's page: facts, pictures, the form for a rating,
/// volumes, quality measures, timings and links to files. `id` is the id of the section. Picture
/// sizes are read from `files`, so that the page does not jump while it loads; a picture that is
/// not there is named as missing. `with_viewer`: there is a button that opens the three-plane
/// viewer.
void write_image_section(HtmlWriter& html, const ImageReport& image, const std::string& id,
                         const PageFiles& files, bool with_viewer);

}  // namespace hypersynth
