#include "report/learning_report.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "report/number.h"
#include "report/page.h"
#include "report/png.h"

namespace hypersynth {
namespace {

/// Opens a section and adds it to the navigation, where `name` stands for its title.
void open_section(HtmlWriter& html, Page& page, const std::string& id, const std::string& name,
                  const std::string& title, Verdict mark = Verdict::kNone) {
  open_section(html, id, title);
  page.navigation.push_back({id, name, mark});
}

void write_legend(HtmlWriter& html, std::string_view text) {
  html.element("p", text, {{"class", "legend"}});
}

/// A column of a table. Numbers stand to the right.
struct Column {
  std::string_view title;
  bool number = true;
};

/// Opens a table in an element that scrolls, down to its body: close_table() closes it.
void open_table(HtmlWriter& html, std::string_view name, std::string_view kind,
                const std::vector<Column>& columns) {
  open_scrolling(html, name);
  html.open("table", {{"class", kind}}).open("thead").open("tr");
  for (const Column& column : columns) {
    html.element("th", column.title,
                 {{"scope", "col"}, {"class", column.number ? "number" : "words"}});
  }
  html.close().close().open("tbody");
}

void close_table(HtmlWriter& html) { html.close().close().close(); }

void write_number(HtmlWriter& html, const std::string& text) {
  html.element("td", text, {{"class", "number"}});
}

/// A difference with its sign: "+0.031".
std::string change(double value, int decimals) {
  const std::string text = fixed_number(value, decimals);
  const bool zero = text.find_first_not_of("0.") == std::string::npos;
  return (value > 0 && std::isfinite(value) && !zero ? "+" : "") + text;
}

/// A number with what belongs to it in a line of its own, which keeps the column narrow. A number
/// that is not known stands alone.
void write_estimate(HtmlWriter& html, double value, const std::string& text,
                    const std::string& below) {
  html.open("td", {{"class", "number"}}).text(text);
  if (std::isfinite(value)) html.text(" ").element("span", below, {{"class", "interval"}});
  html.close();
}

void write_summary(HtmlWriter& html, const LearningReport& report) {
  html.open("section", {{"id", "summary"}, {"aria-labelledby", "summary-title"}});
  html.element("h1", "Learning from labelled scans", {{"id", "summary-title"}});
  html.open("p", {{"class", "lead"}});
  if (!report.dataset.empty()) html.text("Dataset ").element("b", report.dataset).text(". ");
  if (!report.model.empty()) html.text("Model ").element("b", report.model).text(".");
  html.close();
  html.open("p", {{"class", "lead"}});
  html.element("span", report.gained ? "better than before" : "initial model kept",
               {{"class", report.gained ? "badge pass" : "badge kept"}});
  html.text(" " + report.verdict).close();
  if (!report.facts.empty()) write_fields(html, report.facts);
  html.close();
}

void write_foreign_dice(HtmlWriter& html, const std::vector<CandidateRow>& rows) {
  if (rows.empty() || rows.front().foreign.empty()) return;
  write_legend(html,
               "Mean Dice on images unlike those of this site, with the change from the initial "
               "model: synthetic images of random contrast, and the first of the held-out scans "
               "with other intensities or noise. Where it falls, the model has become worse at the "
               "scans of other scanners and protocols.");
  std::vector<Column> columns{{"Method", false}};
  for (const auto& cell : rows.front().foreign) columns.push_back({cell.images});
  open_table(html, "Dice on images unlike those of this site", "plain", columns);
  for (const CandidateRow& row : rows) {
    html.open("tr").element("th", row.name, {{"scope", "row"}});
    for (const auto& cell : row.foreign)
      write_estimate(html, cell.dice, fixed_number(cell.dice, 3),
                     "(" + change(cell.change, 3) + ")");
    html.close();
  }
  close_table(html);
}

void write_candidates(HtmlWriter& html, Page& page, const std::vector<CandidateRow>& rows) {
  open_section(html, page, "candidates", "Methods", "Which method won, and why");
  write_legend(html,
               "Each method has made a model of its own out of the labelled scans; the initial "
               "model stands first. Dice tells how far a segmentation agrees with a label map, "
               "from 0 (not at all) to 1 (the same).");
  write_legend(html,
               "Held-out Dice: mean over scans of people that no method has trained on, with its "
               "95 % confidence interval over people. CPU time is that of all threads together.");
  open_table(html, "Candidates", "candidates",
             {{"Method", false},
              {"Outcome", false},
              {"Held-out Dice"},
              {"Steps"},
              {"Time (CPU)"},
              {"Peak memory"}});
  for (const CandidateRow& row : rows) {
    html.open("tr", {{"class", row.chosen ? "chosen" : "other"}});
    html.open("th", {{"scope", "row"}}).element("b", row.name);
    if (!row.explanation.empty()) {
      html.text(" ").element("span", row.explanation, {{"class", "explanation"}});
    }
    html.close().open("td", {{"class", "outcome"}});
    if (row.chosen) {
      html.element("span", "chosen", {{"class", "badge pass"}});
    } else {
      html.text(row.why_not.empty() ? "not chosen" : row.why_not);
    }
    html.close();
    write_estimate(html, row.held_out_dice, fixed_number(row.held_out_dice, 3),
                   interval_text(row.held_out_low, row.held_out_high, 3));
    write_number(html, fixed_number(static_cast<double>(row.steps), 0));
    write_estimate(html, row.wall_s, duration(row.wall_s), "(" + duration(row.cpu_s) + ")");
    write_number(html, memory_size(row.peak_memory_bytes));
    html.close();
  }
  close_table(html);
  write_foreign_dice(html, rows);
  html.close();
}

void write_paired_chart(HtmlWriter& html, const std::vector<PairedRow>& rows,
                        const std::string& title) {
  open_scrolling(html, title);
  html.trusted(paired_chart_svg(rows, "Dice", title)).close();
}

void write_structures(HtmlWriter& html, Page& page, const LearningReport& report) {
  const auto& rows = report.structures;
  open_section(html, page, "structures", "Structures", "Dice of each structure, before and after");
  write_legend(html,
               "Means over the held-out scans. In the chart the ring is the initial model and the "
               "dot " +
                   (report.compared.empty() ? "the model that is handed out"
                                            : "the model of the method " + report.compared) +
                   "; a solid green line is a gain, a dashed red one a loss.");
  std::vector<PairedRow> pairs;
  for (const StructureRow& row : rows) pairs.push_back({row.name, row.before, row.after});
  write_paired_chart(html, pairs, "Dice of each structure before and after");
  write_legend(html,
               "Differences are after less before, with a 95 % bootstrap interval over the scans; "
               "an interval that holds 0 may be chance. p is that of Wilcoxon's signed-rank test, "
               "two-sided, not corrected for the number of structures.");
  open_table(html, "Dice of each structure", "plain",
             {{"Structure", false}, {"Scans"}, {"Before"}, {"After"}, {"Difference"}, {"p"}});
  for (const StructureRow& row : rows) {
    html.open("tr").element("th", row.name, {{"scope", "row"}});
    write_number(html, std::to_string(row.scans));
    write_number(html, fixed_number(row.before, 3));
    write_number(html, fixed_number(row.after, 3));
    const std::string interval =
        std::isfinite(row.difference) ? " " + interval_text(row.low, row.high, 3) : "";
    write_number(html, change(row.difference, 3) + interval);
    write_number(html, short_number(row.p_value, 3));
    html.close();
  }
  close_table(html);
  html.close();
}

void write_scans(HtmlWriter& html, Page& page, const std::vector<ScanRow>& rows) {
  open_section(html, page, "scans", "Held-out scans", "Held-out scans, before and after");
  write_legend(html,
               "Mean Dice over the structures of each scan, drawn as above: ring before, dot "
               "after. These scans were not trained on.");
  std::vector<PairedRow> pairs;
  for (const ScanRow& row : rows) pairs.push_back({row.name, row.before, row.after});
  write_paired_chart(html, pairs, "Mean Dice of each held-out scan before and after");
  open_table(html, "Held-out scans", "plain",
             {{"Scan", false}, {"Before"}, {"After"}, {"Difference"}});
  for (const ScanRow& row : rows) {
    html.open("tr").open("th", {{"scope", "row"}});
    if (row.link.empty()) {
      html.element("code", row.name);
    } else {
      html.open("a", {{"href", row.link}}).element("code", row.name).close();
    }
    html.close();
    write_number(html, fixed_number(row.before, 3));
    write_number(html, fixed_number(row.after, 3));
    write_number(html, change(row.after - row.before, 3));
    html.close();
  }
  close_table(html);
  html.close();
}

/// What a chart does not show of its lines: "10 000 values, drawn as means of about 50."
void write_note(HtmlWriter& html, const std::vector<CurveLine>& lines) {
  std::size_t most = 0, drawn = 0, lost = 0;
  for (const CurveLine& line : lines) {
    if (line.points.size() > most) {
      most = line.points.size();
      drawn = thinned(line.points).size();
    }
    lost += static_cast<std::size_t>(
        std::count_if(line.points.begin(), line.points.end(), [](const CurvePoint& point) {
          return !can_be_drawn(point.value) || !can_be_drawn(point.step);
        }));
  }
  std::string note;
  if (drawn < most && drawn > 0) {
    note = fixed_number(static_cast<double>(most), 0) + " values, drawn as means of about " +
           fixed_number(static_cast<double>(most) / static_cast<double>(drawn), 0) + ". ";
  }
  if (lost > 0) {
    note += fixed_number(static_cast<double>(lost), 0) +
            (lost == 1 ? " value is not a finite number and not drawn."
                       : " values are not finite numbers and not drawn.");
  }
  if (!note.empty()) html.element("p", note, {{"class", "note"}});
}

void write_key(HtmlWriter& html, LineKind kind, std::string_view name) {
  html.open("span", {{"class", "key-entry"}}).trusted(line_key_svg(kind)).text(name).close();
}

void write_chart(HtmlWriter& html, const std::string& heading, const CurveChart& chart) {
  html.open("figure").open("figcaption").element("b", heading);
  if (chart.lines.size() > 1) {
    for (const CurveLine& line : chart.lines) write_key(html, line.kind, line.name);
  }
  if (can_be_drawn(chart.start)) {
    write_key(html, LineKind::kStart, "start " + short_number(chart.start, 3));
  }
  html.close().trusted(curve_chart_svg(chart));
  write_note(html, chart.lines);
  html.close();
}

bool is_empty(const TrainingCurve& curve) {
  return curve.synthetic_loss.empty() && curve.real_loss.empty() && curve.validation_score.empty();
}

void write_curves(HtmlWriter& html, Page& page, const std::vector<TrainingCurve>& curves) {
  if (std::all_of(curves.begin(), curves.end(), is_empty)) return;
  open_section(html, page, "training", "Training", "How the training went");
  write_legend(html,
               "The loss is what the training makes small: it should fall and then level out. The "
               "validation score is measured now and then on scans that are not trained on: it "
               "should rise, and falls where a model learns its scans by heart. Charts of the "
               "validation score share one axis; those of the loss do not, because methods "
               "measure it in different ways.");
  std::vector<CurveLine> scores;
  for (const TrainingCurve& curve : curves)
    scores.push_back({curve.name, LineKind::kFirst, curve.validation_score});
  const auto common = range_of(scores);
  for (const TrainingCurve& curve : curves) {
    if (is_empty(curve)) continue;
    html.element("h3", curve.name).open("div", {{"class", "multiples"}});
    CurveChart loss;
    loss.title = "Loss of " + curve.name;
    if (!curve.synthetic_loss.empty())
      loss.lines.push_back({"synthetic images", LineKind::kFirst, curve.synthetic_loss});
    if (!curve.real_loss.empty())
      loss.lines.push_back({"labelled scans", LineKind::kSecond, curve.real_loss});
    if (loss.lines.size() == 1) {
      write_chart(html, "Loss of " + loss.lines[0].name, loss);
    } else if (loss.lines.size() > 1) {
      write_chart(html, "Loss", loss);
    }
    if (!curve.validation_score.empty()) {
      write_chart(html, "Validation score",
                  {"Validation score of " + curve.name,
                   {{"validation score", LineKind::kFirst, curve.validation_score}},
                   std::nan(""),
                   common});
    }
    html.close();
  }
  html.close();
}

/// Whose parameters are shown, and that they have no part in the model if another one was chosen.
std::string learner_text(const LearningReport& report) {
  if (report.learner.empty()) return "";
  std::string text = " They are those of the method " + report.learner + ".";
  for (const CandidateRow& row : report.candidates) {
    if (row.chosen && row.name != report.learner)
      text += " What was chosen, " + row.name + ", learns none of them.";
  }
  return text;
}

/// Which of many parameters have a chart.
std::string which_are_drawn(const LearningReport& report) {
  if (report.parameters.empty() || report.parameters.size() >= report.learned.size()) return "";
  return " The charts are those of the " + std::to_string(report.parameters.size()) +
         " that have moved furthest for their size; the table has all.";
}

void write_parameters(HtmlWriter& html, Page& page, const LearningReport& report) {
  if (report.parameters.empty() && report.learned.empty()) return;
  open_section(html, page, "parameters", "Learned parameters",
               "Learned parameters of the synthesis");
  write_legend(html,
               "Parameters tell how synthetic images are drawn, as in how noisy they are. The "
               "training changes them until the model does well on the labelled scans; the dotted "
               "line is the value at the start." +
                   learner_text(report) + which_are_drawn(report));
  if (!report.parameters.empty()) {
    html.open("div", {{"class", "multiples"}});
    for (const LearnedParameterCurve& parameter : report.parameters) {
      write_chart(html, parameter.name,
                  {parameter.name,
                   {{"value", LineKind::kFirst, parameter.values}},
                   parameter.start,
                   std::nullopt});
    }
    html.close();
  }
  if (!report.learned.empty()) {
    open_table(html, "Learned parameters", "plain",
               {{"Parameter", false}, {"Start"}, {"Learned"}, {"Range of the last steps"}});
    for (const LearnedParameterRow& row : report.learned) {
      html.open("tr").element("th", row.name, {{"scope", "row"}});
      write_number(html, short_number(row.start));
      write_number(html, short_number(row.learned));
      write_number(html, std::isfinite(row.low) && std::isfinite(row.high)
                             ? short_number(row.low) + " to " + short_number(row.high)
                             : "n/a");
      html.close();
    }
    close_table(html);
  }
  html.close();
}

void write_pictures(HtmlWriter& html, Page& page, const std::vector<ImagePanel>& panels,
                    const fs::path& folder) {
  open_section(html, page, "pictures", "Pictures", "Synthetic images and a real scan");
  write_legend(html,
               "The same slices of each. Synthetic images need not look real: they should vary as "
               "much as real scans do, and more. A click opens a picture alone.");
  html.open("div", {{"class", "panels"}});
  for (const ImagePanel& panel : panels) {
    html.open("figure").element("h3", panel.title);
    if (const auto size = png_size_of_file(folder / panel.picture)) {
      const std::string url = url_of_path(panel.picture);
      html.open("a", {{"href", url}});
      html.empty("img", {{"src", url},
                         {"alt", panel.alt},
                         {"width", std::to_string(size->first)},
                         {"height", std::to_string(size->second)},
                         {"loading", "lazy"}});
      html.close();
    } else {
      html.open("p", {{"class", "missing"}})
          .text("The picture is missing: ")
          .element("code", panel.picture)
          .close();
    }
    if (!panel.caption.empty()) html.element("figcaption", panel.caption);
    html.close();
  }
  html.close().close();
}

void write_warnings(HtmlWriter& html, Page& page, const std::vector<std::string>& warnings) {
  open_section(html, page, "warnings", "Warnings", "Warnings", Verdict::kWarning);
  write_legend(html, "What was left out or done in another way than asked for.");
  html.open("div", {{"class", "warnings"}}).open("ul");
  for (const std::string& warning : warnings) html.element("li", warning);
  html.close().close().close();
}

void write_files(HtmlWriter& html, Page& page, const std::vector<OutputFile>& files) {
  open_section(html, page, "files", "Files", "Files");
  write_legend(html, "What was written: the model, the numbers of this page as tables, and logs.");
  html.open("ul");
  for (const OutputFile& file : files) {
    html.open("li");
    write_link(html, file);
    html.close();
  }
  html.close().close();
}

}  // namespace

std::string learning_report_html(const LearningReport& report, const fs::path& folder) {
  Page page;
  page.title = "Learning \xC2\xB7 hypersynth";
  page.kind = "group";
  HtmlWriter html;
  page.navigation.push_back({"summary", "Summary"});
  write_summary(html, report);
  if (!report.candidates.empty()) write_candidates(html, page, report.candidates);
  if (!report.structures.empty()) write_structures(html, page, report);
  if (!report.scans.empty()) write_scans(html, page, report.scans);
  write_curves(html, page, report.curves);
  write_parameters(html, page, report);
  if (!report.synthetic.empty()) write_pictures(html, page, report.synthetic, folder);
  if (!report.warnings.empty()) write_warnings(html, page, report.warnings);
  if (!report.files.empty()) write_files(html, page, report.files);
  open_section(html, page, "provenance", "Provenance", "Provenance");
  write_legend(html, "How this page and the model were made.");
  write_provenance(html, report.provenance);
  html.close();
  page.content = std::move(html).finish();
  return page_html(page, {{"dataset", report.dataset}});
}

void write_learning_report(const fs::path& path, const LearningReport& report) {
  write_atomically(path, learning_report_html(report, path.parent_path()));
}

}  // namespace hypersynth
