#include "report/html.h"

#include <random>
#include <stdexcept>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/utf8.h"
#include "page_check.h"

namespace hypersynth {
namespace {

/// Random bytes, rich in what breaks markup.
std::string random_text(std::mt19937& random) {
  static const std::vector<std::string> kPieces = {"<",
                                                   ">",
                                                   "\"",
                                                   "'",
                                                   "&",
                                                   "</script>",
                                                   "<!--",
                                                   "-->",
                                                   "]]>",
                                                   "\n",
                                                   "\r",
                                                   "\t",
                                                   "\0",
                                                   "\x7f",
                                                   "\xC3\xA9",
                                                   "\xE2\x80\xA8",
                                                   "\xFF",
                                                   "\xC3",
                                                   "\xED\xA0\x80",
                                                   "\xF4\x90\x80\x80",
                                                   "\xC0\xBC",
                                                   "\xC2\x85",
                                                   "\xF0\x9F\xA7\xA0",
                                                   "a",
                                                   "=",
                                                   "`",
                                                   "&lt;",
                                                   "&#0;",
                                                   "javascript:",
                                                   "//",
                                                   "%00",
                                                   " onload=x "};
  std::string text;
  for (int n = static_cast<int>(random() % 12); n > 0; --n) {
    text += random() % 3 == 0 ? std::string(1, static_cast<char>(random() % 256))
                              : kPieces[random() % kPieces.size()];
  }
  return text;
}

TEST(HtmlTest, EscapesMarkupCharacters) {
  EXPECT_EQ(escape_markup("a<b & \"c\" 'd'>\n"), "a&lt;b &amp; &quot;c&quot; &#39;d&#39;&gt;&#10;");
}

TEST(HtmlTest, KeepsNonAsciiTextAsItIs) {
  EXPECT_EQ(escape_markup("Zo\xC3\xAB \xE8\x84\xB3 \xF0\x9F\xA7\xA0"),
            "Zo\xC3\xAB \xE8\x84\xB3 \xF0\x9F\xA7\xA0");
}

TEST(HtmlTest, ReplacesBytesThatAreNotUtf8AndControlCharacters) {
  for (const char* text : {"\xFF", "\xC3", "\xC0\xBC", "\x01", "\x7f", "\xC2\x85", "\r"}) {
    std::string_view rest = text;
    const std::string escaped = escape_markup(rest);
    EXPECT_EQ(escaped.substr(0, 3), "\xEF\xBF\xBD") << static_cast<int>(rest[0]);
    EXPECT_EQ(escaped.find(rest[0]), rest[0] == '\xEF' ? 0 : std::string::npos);
  }
}

TEST(HtmlTest, AnyTextComesBackFromTextAndAttributes) {
  std::mt19937 random(1);
  for (int i = 0; i < 20000; ++i) {
    const std::string text = random_text(random);
    HtmlWriter html;
    html.open("p", {{"title", text}, {"id", "x"}}).text(text).close();
    const std::string markup = std::move(html).finish();
    const ParsedPage page = parse_page(markup);
    ASSERT_EQ(page.problems, std::vector<std::string>()) << markup;
    ASSERT_EQ(page.elements.size(), 1u) << markup;
    EXPECT_EQ(page.elements[0].attributes.at("title"), page.text) << markup;
    // Escaping a second time what was clean the first time changes nothing but the references.
    EXPECT_EQ(unescape_html(escape_markup(page.text)), page.text) << markup;
    EXPECT_TRUE(is_well_formed_utf8(page.text)) << markup;
  }
}

TEST(HtmlTest, AnyPathStaysARelativeReference) {
  std::mt19937 random(2);
  for (int i = 0; i < 20000; ++i) {
    const std::string path = random_text(random);
    const std::string url = url_of_path(path);
    EXPECT_EQ(url.find_first_of(":?#<>\"'& \n"), std::string::npos) << url;
    EXPECT_NE(url.substr(0, 2), "//") << url;
  }
  EXPECT_EQ(url_of_path("sub-01/figures/a b#1.png"), "sub-01/figures/a%20b%231.png");
  EXPECT_EQ(url_of_path("100%.png"), "100%25.png");
}

TEST(HtmlTest, AnyJsonCanStandInAScriptAndComesBack) {
  std::mt19937 random(3);
  for (int i = 0; i < 5000; ++i) {
    const std::string text = random_text(random);
    const std::string script = json_for_script({{text, {text, 1.5, nullptr}}});
    EXPECT_EQ(script.find_first_of("<>&"), std::string::npos) << script;
    for (const char c : script) ASSERT_LT(static_cast<unsigned char>(c), 0x80) << script;
    const nlohmann::json back = nlohmann::json::parse(script);
    ASSERT_EQ(back.size(), 1u);
    if (is_well_formed_utf8(text)) {
      EXPECT_EQ(back.begin().key(), text);
    }
  }
  EXPECT_EQ(json_for_script("</script>\xE2\x80\xA8"), "\"\\u003c/script\\u003e\\u2028\"");
}

TEST(HtmlTest, RefusesUnbalancedElements) {
  HtmlWriter closes_too_much;
  EXPECT_THROW(closes_too_much.close(), std::logic_error);
  HtmlWriter open;
  open.open("p");
  EXPECT_THROW(std::move(open).finish(), std::logic_error);
}

TEST(HtmlTest, GivesEveryIdOnce) {
  ElementIds ids;
  EXPECT_EQ(ids.unique("sub-01_T1w.nii.gz"), "sub-01-T1w-nii-gz");
  EXPECT_EQ(ids.unique("sub-01 T1w nii gz"), "sub-01-T1w-nii-gz-2");
  EXPECT_EQ(ids.unique("\"><script>"), "script");
  EXPECT_EQ(ids.unique(""), "n");
  EXPECT_EQ(ids.unique("3rd"), "n3rd");
}

}  // namespace
}  // namespace hypersynth
