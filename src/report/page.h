#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "report/html.h"
#include "report/reportlet.h"

namespace hypersynth {

/// An entry of the navigation.
struct NavEntry {
  std::string id;  ///< of the section it leads to
  std::string text;
  Verdict verdict = Verdict::kNone;
};

/// What differs from page to page.
struct Page {
  std::string title;
  std::string kind;  ///< "subject" or "group": the body's class
  std::vector<NavEntry> navigation;
  std::string toolbar;  ///< markup
  std::string content;  ///< markup of <main>
  std::string script;   ///< an asset
};

/// A whole document: styles, navigation, content, `data` for the script, script.
std::string page_html(const Page& page, const nlohmann::json& data);

/// "pass", "warning", "fail", "".
std::string_view to_string(Verdict verdict);

/// A badge that reads without colour; nothing for kNone.
void write_badge(HtmlWriter& html, Verdict verdict);

/// Names and values side by side.
void write_fields(HtmlWriter& html, const std::vector<Field>& fields);

/// A link to a file, or its name alone where it has no path.
void write_link(HtmlWriter& html, const OutputFile& file);

/// Opens an element that scrolls sideways where its table is wider than the window, also from the
/// keyboard.
HtmlWriter& open_scrolling(HtmlWriter& html, std::string_view name);

/// Path, expected, found.
void write_failures(HtmlWriter& html, const std::vector<FailedImage>& failures);

void write_provenance(HtmlWriter& html, const Provenance& provenance);

/// The fragment under which a subject's page shows an image.
std::string image_anchor(std::string_view path);

/// The last component of a path.
std::string_view file_name_of(std::string_view path);

}  // namespace hypersynth
