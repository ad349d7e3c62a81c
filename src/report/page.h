#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "report/html.h"
#include "report/reportlet.h"

namespace hypersynth {

/// An entry of a page's navigation.
struct NavEntry {
  std::string id;  ///< id of the section to which it leads
  std::string text;
  Verdict verdict = Verdict::kNone;  ///< shown as a mark beside the text
};

/// What differs between the pages of subjects and those of groups.
struct Page {
  std::string title;
  std::string kind;  ///< "subject" or "group": the class of <body>, to which the style sheet refers
  std::vector<NavEntry> navigation;
  std::string toolbar;         ///< markup of the tools at the top
  std::string content;         ///< markup of <main>
  std::string script;          ///< an asset: report_js or group_js
  bool loads_scripts = false;  ///< from files beside the page, as the viewer does
  bool single = false;         ///< holds all that it shows
};

/// The whole document. `data` stands in it as JSON, for the script.
std::string page_html(const Page& page, const nlohmann::json& data);

/// "pass", "warning" or "fail"; empty for kNone.
std::string_view to_string(Verdict verdict);

/// Writes the verdict as a coloured word, which can be understood without the colour. Writes
/// nothing for kNone.
void write_badge(HtmlWriter& html, Verdict verdict);

/// Opens a section with its heading; the caller closes it. `level` is the heading's tag.
HtmlWriter& open_section(HtmlWriter& html, const std::string& id, const std::string& title,
                         const char* level = "h2");

/// Writes names and values as a list.
void write_fields(HtmlWriter& html, const std::vector<Field>& fields);

/// Writes a link to a file, or only its name if it has no path.
void write_link(HtmlWriter& html, const OutputFile& file);

/// Opens an element for a table, which scrolls sideways if the table is wider than the window, also
/// with the keyboard. `name` is for screen readers.
HtmlWriter& open_scrolling(HtmlWriter& html, std::string_view name);

/// The link to where the page of its subject tells of a failed image; empty if it has none.
std::string link_of(const FailedImage& image);

/// Writes a table of the images that failed: path, what was expected and what was found.
void write_failures(HtmlWriter& html, const std::vector<FailedImage>& failures);

/// Writes a field for the rater's name and the button that saves the ratings; on a page of many
/// images also the field that loads some. Below is the line that counts them.
void write_rating_tools(HtmlWriter& html, bool can_load = false);

/// Writes how the page was made; empty fields are left out.
void write_provenance(HtmlWriter& html, const Provenance& provenance);

/// The fragment of a link to the section of an image on its subject's page.
std::string image_anchor(std::string_view path);

/// The last component of a path.
std::string_view file_name_of(std::string_view path);

}  // namespace hypersynth
