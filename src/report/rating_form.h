#pragma once

#include <string>

#include "report/html.h"

namespace hypersynth {

/// Writes the form in which a reader rates an image: a verdict, what is wrong, a comment. `id`
/// makes it distinct from the other forms of the page. The scripts of the page fill it in and read
/// it.
void write_rating_form(HtmlWriter& html, const std::string& id);

}  // namespace hypersynth
