#pragma once

#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace hypersynth {

/// A relative path as the reference of a link. Slashes at the start are dropped. Other slashes and
/// the unreserved characters (RFC 3986) stay; every other byte is percent-encoded. No file name can
/// therefore act as a scheme, a host, a query or a fragment.
std::string url_of_path(std::string_view path);

/// JSON that can stand inside a <script> element: pure ASCII, with '<', '>' and '&' as \u escapes.
std::string json_for_script(const nlohmann::json& value);

/// Writes well-formed HTML5 and inline SVG. Every text and attribute value is escaped, and every
/// element is closed. Names of tags and attributes are not escaped: they must come from the
/// program, never from data.
class HtmlWriter {
 public:
  /// Name and value; an empty value switches a boolean attribute on.
  using Attribute = std::pair<std::string_view, std::string_view>;
  using Attributes = std::initializer_list<Attribute>;

  /// Opens an element; what is written next goes into it until close().
  HtmlWriter& open(std::string_view tag, Attributes attributes = {});
  /// Closes the innermost open element; throws std::logic_error if none is open.
  HtmlWriter& close();
  /// Writes text, escaped.
  HtmlWriter& text(std::string_view text);
  /// Writes a whole element with a text: <tag attributes>text</tag>.
  HtmlWriter& element(std::string_view tag, std::string_view text, Attributes attributes = {});
  /// Writes an element that has no content: <img ...>, <path ...>.
  HtmlWriter& empty(std::string_view tag, Attributes attributes = {});
  /// Copies markup that this program made (an asset, an SVG chart) without escaping it.
  HtmlWriter& trusted(std::string_view markup);

  /// Returns the markup; throws std::logic_error if an element is still open.
  std::string finish() &&;

 private:
  void start(std::string_view tag, Attributes attributes);

  std::string markup_;
  std::vector<std::string> open_;  ///< tags of the open elements, innermost last
};

/// Makes the ids of the elements of one page. They consist of letters, digits and '-'.
class ElementIds {
 public:
  /// An id that resembles `text` and that this object has not given out before.
  std::string unique(std::string_view text);

 private:
  std::set<std::string> taken_;
};

}  // namespace hypersynth
