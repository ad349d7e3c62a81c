#include "report/page.h"

#include <nlohmann/json.hpp>

#include "report/assets.h"

namespace hypersynth {
namespace {

/// Nothing is fetched from anywhere: pictures, and scripts of the viewer, lie beside the page, the
/// rest is in it.
std::string content_security_policy(const Page& page) {
  return std::string("default-src 'none'; img-src 'self' file: data: blob:; ") +
         "style-src 'unsafe-inline'; script-src 'unsafe-inline'" +
         (page.loads_scripts ? " 'self' file:" : "") + "; base-uri 'none'; form-action 'none'";
}

void write_head(HtmlWriter& html, const Page& page) {
  html.open("head");
  html.empty("meta", {{"charset", "utf-8"}});
  html.empty("meta", {{"http-equiv", "Content-Security-Policy"},
                      {"content", content_security_policy(page)}});
  html.empty("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
  html.empty("meta", {{"name", "color-scheme"}, {"content", "light dark"}});
  if (page.single) html.empty("meta", {{"name", "hypersynth-files"}, {"content", "single"}});
  html.empty("link", {{"rel", "icon"}, {"href", "data:,"}});
  html.element("title", page.title);
  html.open("style").trusted(assets::page_css).close();
  html.close();
}

void write_navigation(HtmlWriter& html, const Page& page) {
  html.open("nav", {{"aria-label", "Sections of this page"}}).open("ul");
  for (const NavEntry& entry : page.navigation) {
    html.open("li").open("a", {{"href", "#" + entry.id}, {"title", entry.text}});
    html.element("span", entry.text, {{"class", "name"}});
    if (entry.verdict != Verdict::kNone) {
      const std::string verdict(to_string(entry.verdict));
      html.element("span", "",
                   {{"class", "mark " + verdict}, {"role", "img"}, {"aria-label", verdict}});
    }
    html.close().close();
  }
  html.close().close();
}

}  // namespace

std::string page_html(const Page& page, const nlohmann::json& data) {
  HtmlWriter html;
  html.trusted("<!DOCTYPE html>\n").open("html", {{"lang", "en"}});
  write_head(html, page);
  html.open("body", {{"class", page.kind}});
  html.element("a", "Skip to the report", {{"class", "skip"}, {"href", "#main"}});
  html.open("header", {{"class", "bar"}});
  html.element("p", page.title, {{"class", "where"}});
  html.open("div", {{"class", "tools"}}).trusted(page.toolbar);
  html.element("button", "Theme", {{"type", "button"}, {"id", "theme"}, {"class", "needs-script"}});
  html.element("button", "Keys", {{"type", "button"}, {"id", "keys"}, {"class", "needs-script"}});
  html.close().close();
  html.open("div", {{"class", "columns"}});
  write_navigation(html, page);
  html.open("main", {{"id", "main"}, {"tabindex", "-1"}}).trusted(page.content).close();
  html.close();
  html.open("script", {{"type", "application/json"}, {"id", "page-data"}})
      .trusted(json_for_script(data))
      .close();
  html.open("script").trusted(assets::page_js).trusted(page.script).close();
  html.close().close();
  return std::move(html).finish() + "\n";
}

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::kNone:
      return "";
    case Verdict::kPass:
      return "pass";
    case Verdict::kWarning:
      return "warning";
    case Verdict::kFail:
      return "fail";
  }
  return "";
}

void write_badge(HtmlWriter& html, Verdict verdict) {
  if (verdict == Verdict::kNone) return;
  const std::string name(to_string(verdict));
  html.element("span", name, {{"class", "badge " + name}});
}

HtmlWriter& open_section(HtmlWriter& html, const std::string& id, const std::string& title,
                         const char* level) {
  html.open("section", {{"id", id}, {"aria-labelledby", id + "-title"}});
  return html.element(level, title, {{"id", id + "-title"}});
}

void write_fields(HtmlWriter& html, const std::vector<Field>& fields) {
  html.open("dl", {{"class", "fields"}});
  for (const Field& field : fields) {
    html.open("div").element("dt", field.name).element("dd", field.value).close();
  }
  html.close();
}

void write_link(HtmlWriter& html, const OutputFile& file) {
  if (file.path.empty()) {
    html.text(file.name);
  } else {
    html.element("a", file.name, {{"href", url_of_path(file.path)}});
  }
}

HtmlWriter& open_scrolling(HtmlWriter& html, std::string_view name) {
  return html.open(
      "div", {{"class", "scroll"}, {"tabindex", "0"}, {"role", "group"}, {"aria-label", name}});
}

std::string link_of(const FailedImage& image) {
  return image.report.empty() ? "" : url_of_path(image.report) + "#failures";
}

void write_failures(HtmlWriter& html, const std::vector<FailedImage>& failures) {
  open_scrolling(html, "Images that failed");
  html.open("table", {{"class", "failures"}}).open("thead").open("tr");
  for (const char* title : {"Image", "Expected", "Found"}) {
    html.element("th", title, {{"scope", "col"}});
  }
  html.close().close().open("tbody");
  for (const FailedImage& failure : failures) {
    html.open("tr").open("th", {{"scope", "row"}});
    if (failure.report.empty()) {
      html.element("code", failure.path);
    } else {
      html.open("a", {{"href", link_of(failure)}}).element("code", failure.path).close();
    }
    html.close().element("td", failure.expected).element("td", failure.found).close();
  }
  html.close().close().close();
}

void write_rating_tools(HtmlWriter& html, bool can_load) {
  html.open("div", {{"class", "controls needs-script"}});
  html.open("label").text("Rater ");
  html.empty("input", {{"type", "text"},
                       {"id", "rater"},
                       {"placeholder", "name or initials"},
                       {"autocomplete", "off"}});
  html.close();
  html.element("button", "Download ratings (TSV)",
               {{"type", "button"}, {"id", "download-ratings"}});
  html.element("button", "Their description (JSON)",
               {{"type", "button"}, {"id", "download-columns"}});
  if (can_load) {
    html.open("label").text("Load ratings ");
    html.empty("input",
               {{"type", "file"}, {"id", "load-ratings"}, {"accept", ".tsv"}, {"multiple", ""}});
    html.close();
  }
  html.element("span", "", {{"id", "progress"}, {"role", "status"}});
  if (can_load) {
    html.element("span", "", {{"id", "raters"}, {"role", "status"}});
    html.element("span", "", {{"id", "loaded"}, {"role", "status"}});
  }
  html.close();
}

void write_provenance(HtmlWriter& html, const Provenance& provenance) {
  std::vector<Field> fields;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) fields.push_back({name, value});
  };
  add("hypersynth", provenance.version);
  add("source", provenance.code_url);
  add("model", provenance.model_name);
  add("model digest", provenance.model_digest);
  add("device", provenance.device);
  add("written", provenance.created);
  write_fields(html, fields);
  if (!provenance.command_line.empty()) {
    html.element("h3", "Command line");
    html.element("pre", provenance.command_line, {{"tabindex", "0"}});
  }
  const auto section = [&](const char* title, const std::vector<Field>& values) {
    if (values.empty()) return;
    html.open("details").element("summary", title);
    write_fields(html, values);
    html.close();
  };
  section("Options", provenance.options);
  section("Environment", provenance.environment);
}

std::string image_anchor(std::string_view path) { return ElementIds().unique(file_name_of(path)); }

std::string_view file_name_of(std::string_view path) {
  return path.substr(path.find_last_of('/') + 1);
}

}  // namespace hypersynth
