#pragma once

#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace hypersynth {

/// A relative path as a URL reference: '/' (but not the first) and unreserved characters (RFC 3986)
/// stay, every other byte is percent-encoded, so no file name can act as a scheme, a host, a query
/// or a fragment.
std::string url_of_path(std::string_view path);

/// JSON that can stand inside a <script> element: pure ASCII, and '<', '>', '&' as \u escapes.
std::string json_for_script(const nlohmann::json& value);

/// Writes well-formed HTML5 and inline SVG: every text and attribute value is escaped, every
/// element is closed. Tag and attribute names come from the program, never from data.
class HtmlWriter {
 public:
  /// Name and value; "" switches a boolean attribute on.
  using Attribute = std::pair<std::string_view, std::string_view>;
  using Attributes = std::initializer_list<Attribute>;

  HtmlWriter& open(std::string_view tag, Attributes attributes = {});
  /// Closes the innermost open element; throws std::logic_error when none is open.
  HtmlWriter& close();
  HtmlWriter& text(std::string_view text);
  /// <tag attributes>text</tag>.
  HtmlWriter& element(std::string_view tag, std::string_view text, Attributes attributes = {});
  /// An element that has no content: <img ...>, <path ...>.
  HtmlWriter& empty(std::string_view tag, Attributes attributes = {});
  /// Markup that this program made (an asset, an SVG chart): copied as it is.
  HtmlWriter& trusted(std::string_view markup);

  /// The markup; throws std::logic_error when an element is still open.
  std::string finish() &&;

 private:
  void start(std::string_view tag, Attributes attributes);

  std::string markup_;
  std::vector<std::string> open_;
};

/// Element ids of one page: letters, digits and '-', each given out once.
class ElementIds {
 public:
  /// An id that reads like `text`.
  std::string unique(std::string_view text);

 private:
  std::set<std::string> taken_;
};

}  // namespace hypersynth
