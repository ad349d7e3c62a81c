#include "page_check.h"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

namespace hypersynth {
namespace {

bool is_void(const std::string& tag) {
  static const std::set<std::string> kVoid = {"meta", "link", "img", "input", "br", "hr"};
  return kVoid.count(tag) == 1;
}

bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '-'; }

class Parser {
 public:
  explicit Parser(std::string_view markup) : rest_(markup) {}

  ParsedPage parse() {
    if (take("<!DOCTYPE html>")) take("\n");
    while (!rest_.empty() && page_.problems.empty()) {
      if (rest_[0] == '<') {
        read_tag();
      } else {
        const std::string_view text = until('<');
        check_text(text);
        page_.text += unescape_html(text);
      }
    }
    for (const std::string& tag : open_) problem("not closed: " + tag);
    return std::move(page_);
  }

 private:
  void problem(const std::string& what) {
    page_.problems.push_back(what + " before \"" + std::string(rest_.substr(0, 60)) + "\"");
  }

  bool take(std::string_view start) {
    if (rest_.substr(0, start.size()) != start) return false;
    rest_.remove_prefix(start.size());
    return true;
  }

  std::string_view until(char end) {
    const std::string_view result = rest_.substr(0, rest_.find(end));
    rest_.remove_prefix(result.size());
    return result;
  }

  std::string name() {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_name);
    const std::string result(rest_.begin(), end);
    rest_.remove_prefix(result.size());
    if (result.empty()) problem("no name");
    return result;
  }

  void check_text(std::string_view text) {
    for (std::size_t at = text.find('&'); at != std::string_view::npos;
         at = text.find('&', at + 1)) {
      const std::string_view reference = text.substr(at, text.find(';', at) - at + 1);
      if (unescape_html(reference) == reference) problem("bare &");
    }
    if (!is_well_formed_utf8(text)) problem("not UTF-8");
  }

  void read_tag() {
    if (take("</")) {
      const std::string tag = name();
      if (open_.empty() || open_.back() != tag) return problem("wrong end tag " + tag);
      open_.pop_back();
      if (!take(">")) problem("bad end tag");
      return;
    }
    take("<");
    ParsedElement element{name(), {}};
    while (page_.problems.empty() && take(" ")) read_attribute(element);
    const bool closed = take("/>");
    if (!closed && !take(">")) return problem("bad tag " + element.tag);
    page_.elements.push_back(element);
    if (element.tag == "script" || element.tag == "style") return read_raw(element.tag);
    if (!closed && !is_void(element.tag)) open_.push_back(element.tag);
  }

  void read_attribute(ParsedElement& element) {
    const std::string key = name();
    if (!take("=\"")) return problem("attribute not quoted");
    const std::string_view value = until('"');
    check_text(value);
    if (value.find('<') != std::string_view::npos) problem("< in an attribute");
    if (!element.attributes.emplace(key, unescape_html(value)).second) problem("twice: " + key);
    if (!take("\"")) problem("attribute not closed");
  }

  void read_raw(const std::string& tag) {
    const std::string end = "</" + tag + ">";
    const std::size_t at = rest_.find(end);
    if (at == std::string_view::npos) return problem("not closed: " + tag);
    if (tag == "script") page_.scripts.emplace_back(rest_.substr(0, at));
    if (rest_.substr(0, at).find("<!--") != std::string_view::npos) problem("<!-- in " + tag);
    rest_.remove_prefix(at + end.size());
  }

  std::string_view rest_;
  std::vector<std::string> open_;
  ParsedPage page_;
};

bool leaves_the_folder(const std::string& url) {
  return url.substr(0, 1) == "/" || url.find(':') != std::string::npos;
}

/// What a reader without eyes, or a file:// page without network, would miss.
void check_element(const ParsedElement& element, const std::set<std::string>& ids,
                   std::vector<std::string>& problems) {
  const auto has = [&](const char* name) { return element.attributes.count(name) == 1; };
  const auto value = [&](const char* name) { return has(name) ? element.attributes.at(name) : ""; };
  if (element.tag == "img" && !has("alt")) problems.push_back("no alt: " + value("src"));
  const bool is_embedded = value("src").rfind("data:image/", 0) == 0;
  if (element.tag == "img" && !is_embedded && leaves_the_folder(value("src")))
    problems.push_back("far picture: " + value("src"));
  if (element.tag == "script" && has("src")) problems.push_back("script from outside");
  if (element.tag == "link" && value("href") != "data:,") problems.push_back("style from outside");
  if (element.tag == "a") {
    const std::string href = value("href");
    if (href.empty()) problems.push_back("link to nowhere");
    if (href[0] == '#' && ids.count(href.substr(1)) == 0) problems.push_back("no such id: " + href);
    if (leaves_the_folder(href) && href.rfind("https://doi.org/", 0) != 0)
      problems.push_back("far link: " + href);
  }
  for (const char* reference :
       {"aria-labelledby", "aria-describedby", "data-copy", "data-strips"}) {
    if (has(reference) && ids.count(value(reference)) == 0)
      problems.push_back(std::string(reference) + ": no such id: " + value(reference));
  }
  if (element.tag == "svg" && !has("aria-label") && value("aria-hidden") != "true")
    problems.push_back("chart without a name");
  for (const auto& [name, unused] : element.attributes) {
    if (name.rfind("on", 0) == 0) problems.push_back("inline handler: " + name);
  }
}

void append_utf8(std::string& text, unsigned code) {
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xC0 | code >> 6);
    text += static_cast<char>(0x80 | (code & 63));
  } else {
    text += static_cast<char>(0xE0 | code >> 12);
    text += static_cast<char>(0x80 | (code >> 6 & 63));
    text += static_cast<char>(0x80 | (code & 63));
  }
}

}  // namespace

ParsedPage parse_page(std::string_view markup) { return Parser(markup).parse(); }

std::vector<std::string> problems_of(const ParsedPage& page) {
  std::vector<std::string> problems = page.problems;
  std::set<std::string> ids;
  int main_headings = 0;
  for (const ParsedElement& element : page.elements) {
    const auto id = element.attributes.find("id");
    if (id != element.attributes.end() && !ids.insert(id->second).second) {
      problems.push_back("id twice: " + id->second);
    }
    // The review hides the rest of the group page and has a heading of its own.
    main_headings += element.tag == "h1" && element.attributes.count("tabindex") == 0;
  }
  if (main_headings != 1) problems.push_back("not one h1");
  for (const ParsedElement& element : page.elements) check_element(element, ids, problems);
  return problems;
}

std::string unescape_html(std::string_view text) {
  static const std::map<std::string, std::string, std::less<>> kNames = {
      {"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}};
  std::string result;
  while (!text.empty()) {
    const std::string_view reference = text.substr(0, text.find(';') + 1);
    const auto named = kNames.find(reference);
    if (text[0] == '&' && named != kNames.end()) {
      result += named->second;
      text.remove_prefix(reference.size());
    } else if (reference.substr(0, 2) == "&#" && reference.size() < 9) {
      append_utf8(result, static_cast<unsigned>(std::stoul(std::string(reference.substr(2)))));
      text.remove_prefix(reference.size());
    } else {
      result += text[0];
      text.remove_prefix(1);
    }
  }
  return result;
}

bool is_well_formed_utf8(std::string_view text) {
  try {
    static_cast<void>(nlohmann::json(text).dump());
    return true;
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

}  // namespace hypersynth
