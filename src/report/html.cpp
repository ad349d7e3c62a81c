#include "report/html.h"

#include <stdexcept>

#include <nlohmann/json.hpp>

#include "core/utf8.h"

namespace hypersynth {
namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

}  // namespace

std::string url_of_path(std::string_view path) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  while (path.substr(0, 1) == "/") path.remove_prefix(1);  // "//name" would be a host
  std::string url;
  for (const char c : path) {
    if (is_unreserved(c) || c == '/') {
      url += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      url += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return url;
}

std::string json_for_script(const nlohmann::json& value) {
  const std::string json =
      value.dump(-1, ' ', /*ensure_ascii=*/true, nlohmann::json::error_handler_t::replace);
  std::string escaped;
  escaped.reserve(json.size());
  for (const char c : json) {
    if (c == '<') {
      escaped += "\\u003c";
    } else if (c == '>') {
      escaped += "\\u003e";
    } else if (c == '&') {
      escaped += "\\u0026";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

void HtmlWriter::start(std::string_view tag, Attributes attributes) {
  markup_ += '<';
  markup_ += tag;
  for (const auto& [name, value] : attributes) {
    markup_ += ' ';
    markup_ += name;
    markup_ += "=\"";
    markup_ += escape_markup(value);
    markup_ += '"';
  }
}

HtmlWriter& HtmlWriter::open(std::string_view tag, Attributes attributes) {
  start(tag, attributes);
  markup_ += '>';
  open_.emplace_back(tag);
  return *this;
}

HtmlWriter& HtmlWriter::close() {
  if (open_.empty()) throw std::logic_error("no element is open");
  markup_ += "</" + open_.back() + '>';
  open_.pop_back();
  return *this;
}

HtmlWriter& HtmlWriter::text(std::string_view text) {
  markup_ += escape_markup(text);
  return *this;
}

HtmlWriter& HtmlWriter::element(std::string_view tag, std::string_view content,
                                Attributes attributes) {
  return open(tag, attributes).text(content).close();
}

HtmlWriter& HtmlWriter::empty(std::string_view tag, Attributes attributes) {
  start(tag, attributes);
  markup_ += "/>";
  return *this;
}

HtmlWriter& HtmlWriter::trusted(std::string_view markup) {
  markup_ += markup;
  return *this;
}

std::string HtmlWriter::finish() && {
  if (!open_.empty()) throw std::logic_error("element not closed: " + open_.back());
  return std::move(markup_);
}

std::string ElementIds::unique(std::string_view text) {
  std::string id;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain) {
      id += c;
    } else if (!id.empty() && id.back() != '-') {
      id += '-';
    }
  }
  while (!id.empty() && id.back() == '-') id.pop_back();
  if (id.empty() || (id[0] >= '0' && id[0] <= '9')) id = "n" + id;
  std::string candidate = id;
  for (int n = 2; !taken_.insert(candidate).second; ++n) candidate = id + "-" + std::to_string(n);
  return candidate;
}

}  // namespace hypersynth
