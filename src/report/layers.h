#pragma once

#include <string>

#include "report/html.h"
#include "report/page_files.h"
#include "report/reportlet.h"

namespace hypersynth {

/// Writes the mosaic of a reportlet with its overlays laid over it; the script of the page opens
/// its slices. A picture that is not there is named as missing. `session`, where it is not empty,
/// is what the picture is marked with.
void write_layers(HtmlWriter& html, const Reportlet& reportlet, const PageFiles& files,
                  const std::string& session = {});

}  // namespace hypersynth
