#include "report/layers.h"

#include <nlohmann/json.hpp>

#include "report/png.h"

namespace hypersynth {
namespace {

/// Where the tiles of a mosaic are, as JSON; "{}" of a picture that does not say.
std::string tiles_of(const boost::filesystem::path& picture) {
  std::string text = png_text_of_file(picture);
  return nlohmann::json::accept(text) ? text : "{}";
}

}  // namespace

void write_layers(HtmlWriter& html, const Reportlet& reportlet, const PageFiles& files,
                  const std::string& session) {
  const auto size = png_size_of_file(files.folder / reportlet.picture);
  if (!size) {
    html.open("p", {{"class", "missing"}})
        .text("The picture is missing: ")
        .element("code", reportlet.picture)
        .close();
    return;
  }
  const std::string width = std::to_string(size->first), height = std::to_string(size->second);
  html.open("div",
            {{"class", "layers"},
             {"tabindex", "0"},
             {"role", "group"},
             {"data-tiles", tiles_of(files.folder / reportlet.picture)},
             {"data-session", session},
             {"aria-label", reportlet.title + ": Enter opens a slice, o changes the overlay"}});
  html.empty("img", {{"src", files.url_of_picture(reportlet.picture)},
                     {"alt", reportlet.alt},
                     {"width", width},
                     {"height", height},
                     {"loading", "lazy"}});
  bool first = true;
  for (const Overlay& overlay : reportlet.overlays) {
    html.empty("img", {{"class", first ? "overlay on" : "overlay"},
                       {"data-layer", overlay.name},
                       {"src", files.url_of_picture(overlay.path)},
                       {"alt", ""},
                       {"width", width},
                       {"height", height},
                       {"loading", "lazy"}});
    first = false;
  }
  html.close();
}

}  // namespace hypersynth
