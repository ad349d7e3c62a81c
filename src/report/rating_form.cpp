#include "report/rating_form.h"

#include "report/rating_table.h"

namespace hypersynth {

void write_rating_form(HtmlWriter& html, const std::string& id) {
  html.open("div", {{"class", "rating needs-script"}});
  html.open("fieldset").element("legend", "Your rating");
  for (const RatingWord& rating : rating_words()) {
    html.open("label", {{"class", "choice"}, {"title", rating.meaning}});
    html.empty("input", {{"type", "radio"}, {"name", id + "-rating"}, {"value", rating.word}});
    html.element("span", rating.word).close();
  }
  html.text(" ").element("button", "Clear", {{"type", "button"}, {"class", "clear"}});
  html.close();
  html.open("fieldset", {{"class", "reasons"}}).element("legend", "What is wrong");
  for (const RatingWord& reason : rating_reasons()) {
    html.open("label", {{"title", reason.meaning}});
    html.empty("input", {{"type", "checkbox"}, {"value", reason.word}});
    html.text(reason.word).close();
  }
  html.close();
  html.open("label", {{"class", "comment"}}).text("Comment");
  html.open("textarea", {{"rows", "2"}}).close().close();
  html.element("p", "", {{"class", "saved"}, {"aria-live", "polite"}});
  html.close();
}

}  // namespace hypersynth
