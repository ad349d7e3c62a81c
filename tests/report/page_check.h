#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hypersynth {

struct ParsedElement {
  std::string tag;
  std::map<std::string, std::string> attributes;  ///< unescaped
};

/// A page as a strict reader sees it.
struct ParsedPage {
  std::vector<ParsedElement> elements;  ///< in document order
  std::string text;                     ///< unescaped, without scripts and styles
  std::vector<std::string> scripts;     ///< contents of script elements
  std::vector<std::string> problems;    ///< what is not well formed
};

/// Reads markup strictly: elements close in order, attributes are quoted and single, every
/// reference is known, no bare '<' or '&'.
ParsedPage parse_page(std::string_view markup);

/// What is wrong with a page besides its syntax: an id given twice, a picture without alt, a link
/// to no id, a field without a label, a table without heads, an address outside the page's folder.
std::vector<std::string> problems_of(const ParsedPage& page);

/// References back to characters.
std::string unescape_html(std::string_view text);

bool is_well_formed_utf8(std::string_view text);

}  // namespace hypersynth
