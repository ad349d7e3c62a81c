#include "nodes/subject_report.h"

#include <algorithm>
#include <set>

#include <boost/filesystem/operations.hpp>

#include "core/atomic_file.h"
#include "core/joined.h"
#include "nodes/longitudinal.h"
#include "nodes/lookup.h"
#include "nodes/measures.h"
#include "nodes/methods_used.h"
#include "nodes/results.h"
#include "nodes/session_pictures.h"
#include "quality/threshold_file.h"
#include "report/group_report.h"
#include "report/mosaic_reportlets.h"
#include "report/report.h"

namespace hypersynth {

namespace {

using nlohmann::json;

std::string text_of(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// The facts of a scanner that readers of a report look for, in this order (BIDS metadata names).
std::vector<Field> scanner_fields(const json& metadata) {
  static const char* const kKeys[] = {"Manufacturer",
                                      "ManufacturersModelName",
                                      "MagneticFieldStrength",
                                      "SoftwareVersions",
                                      "PulseSequenceType",
                                      "ScanningSequence",
                                      "RepetitionTime",
                                      "EchoTime",
                                      "InversionTime",
                                      "FlipAngle",
                                      "ParallelReductionFactorInPlane"};
  std::vector<Field> fields;
  for (const char* key : kKeys) {
    if (metadata.contains(key)) fields.push_back({key, text_of(metadata.at(key))});
  }
  return fields;
}

std::vector<OutputFile> output_files(const ImageResult& result) {
  const ImageOutputs& outputs = result.outputs;
  std::vector<OutputFile> files = {{"Segmentation", outputs.labels},
                                   {"Brain mask", outputs.brain_mask},
                                   {"Volumes", outputs.volumes},
                                   {"Quality measures", outputs.measures}};
  if (result.record.has_posteriors) files.push_back({"Posteriors", outputs.posteriors});
  if (result.record.has_resampled) {
    files.push_back({"Resampled image", resampled_output(data_file_at(result.record.path),
                                                         result.record.input.spacing_mm)});
  }
  for (const auto& [title, path] : {std::pair{"Brain image", outputs.brain_image},
                                    {"FreeSurfer table", outputs.aseg_stats},
                                    {"Tissue classes", outputs.standard_labels}})
    if (has_file(result.record, path)) files.push_back({title, path});
  return files;
}

ImageReport image_section(const ImageResult& result) {
  const ImageRecord& record = result.record;
  ImageReport section;
  section.path = record.path;
  section.segmentation_digest = labels_digest(result);
  section.suffix = record.suffix;
  for (const auto& [name, value] : record.entities.items()) {
    section.entities.push_back({name, text_of(value)});
  }
  section.scanner = scanner_fields(record.metadata);
  section.geometry = {record.geometry.shape, record.geometry.spacing_mm,
                      record.geometry.orientation};
  section.verdict = verdict_from(record.verdict);
  section.verdict_reasons = record.verdict_reasons;
  section.warnings = record.warnings;
  for (auto& reportlet :
       mosaic_reportlets(result.outputs.figures, result.outputs.stem, record.suffix)) {
    // Results of an earlier version have fewer pictures, and some images have no bias field.
    auto& overlays = reportlet.overlays;
    const bool has_overlays = !overlays.empty();
    std::erase_if(overlays, [&](const Overlay& each) { return !has_file(record, each.path); });
    if (has_file(record, reportlet.picture) && overlays.empty() != has_overlays)
      section.reportlets.push_back(std::move(reportlet));
  }
  const std::vector<Rgb> colours = line_colours(result.volumes);
  for (std::size_t i = 0; i < colours.size(); ++i) {
    const auto& volume = result.volumes[i];
    section.volumes.push_back(
        {volume.index, volume.name, colours[i], volume.soft_mm3, volume.hard_mm3});
  }
  section.icv_mm3 = record.intracranial_mm3;
  if (record.has_viewer) section.viewer_script = viewer_script_of(data_file_at(record.path));
  const std::string& limits = record.recipe.thresholds;  // records of earlier versions have none
  section.measures =
      measures_for_page(record.measures, limits.empty() ? thresholds_for(record.suffix)
                                                        : parse_thresholds(limits, record.path));
  for (const auto& [step, seconds] : record.timings_s) section.timings.push_back({step, seconds});
  section.outputs = output_files(result);
  return section;
}

/// Copies the library of the viewer into the output folder, unless it is there. Returns its path in
/// the output folder, empty where there is no such library.
std::string publish_viewer_library(const ReportContext& context) {
  if (context.viewer_library.empty()) return "";
  const std::string path = "assets/" + context.viewer_library.filename().string();
  const fs::path target = context.output_dir / path;
  boost::system::error_code absent, missing;
  const auto there = fs::file_size(target, absent);
  const auto wanted = fs::file_size(context.viewer_library, missing);
  if (missing) return absent ? "" : path;  // another build has left it there
  if (absent || there != wanted) {
    AtomicFile file(target.string());
    file.append_file(context.viewer_library.string());
    file.commit();
  }
  return path;
}

FailedImage failed_image(const Failure& failure, const std::string& subject) {
  return {failure.path, failure.expected, failure.found, subject, ""};
}

/// Where an image stands in the group, or how a reader gets to know.
GroupPosition position_of(const std::string& image, const GroupPositions* positions) {
  if (positions == nullptr)
    return {
        {"The participant level wrote this page, and it compares nobody. Run the group level to "
         "see here where each value stands among all people."},
        {},
        {}};
  const auto found = positions->find(image);
  return found == positions->end() ? GroupPosition{} : found->second;
}

/// Says in each series which images of its suffix are left out because they are gone.
void note_gone_images(const std::vector<ImageResult>& finished, const fs::path& dataset,
                      std::vector<SessionSeries>& all) {
  for (auto& series : all) {
    std::vector<std::string> gone;
    for (const auto& result : finished) {
      if (result.record.suffix == series.suffix && !source_exists(dataset, result.record.path))
        gone.push_back(result.record.path);
    }
    if (!gone.empty())
      series.notes.push_back("Left out, since no longer in the dataset: " + joined(gone, ", ") +
                             ".");
  }
}

}  // namespace

std::vector<Field> participant_fields(const std::vector<bids::Person>& participants,
                                      const std::string& subject) {
  std::vector<Field> fields;
  for (const auto& person : participants) {
    if (person.label != subject) continue;
    for (const auto& [column, value] : person.values) fields.push_back({column, value});
    break;  // each is listed once
  }
  return fields;
}

void write_subject_page(const std::string& subject, const ReportContext& context,
                        const GroupPositions* positions) {
  SubjectReport page;
  page.dataset = context.dataset;
  page.subject = subject;
  page.single = context.single_pages;
  page.participant = participant_fields(context.participants, subject);
  MethodsUsed methods;
  const SubjectResults results = read_results(context.output_dir, subject);
  for (const auto& result : results.finished) {
    page.images.push_back(image_section(result));
    page.images.back().position = position_of(result.record.path, positions);
    methods.add(result.record);
    for (const auto& damage : result.damage)
      page.failures.push_back(failed_image(
          {result.record.path, "", "", "the files of a finished image", damage}, subject));
  }
  for (const auto& failures : {results.unreadable, results.failed}) {
    for (const auto& failure : failures) page.failures.push_back(failed_image(failure, subject));
  }
  const auto existing = of_existing_images(results.finished, context.source_dataset);
  auto series = session_series(existing);
  note_gone_images(results.finished, context.source_dataset, series);
  page.longitudinal = longitudinal_report(series, read_retest_table(context.retest_table));
  for (std::size_t i = 0; i < series.size(); ++i)
    page.longitudinal.series[i].comparisons = session_comparisons(context.output_dir, series[i]);
  publish_longitudinal(context.output_dir, subject, page.longitudinal);
  if (std::any_of(page.images.begin(), page.images.end(),
                  [](const ImageReport& image) { return !image.viewer_script.empty(); }))
    page.viewer_library = publish_viewer_library(context);
  page.provenance = methods.with_models(context.provenance);
  const MethodFacts facts = methods.facts();
  std::set<std::string> suffixes(facts.suffixes.begin(), facts.suffixes.end());
  for (const auto& failures : {results.unreadable, results.failed}) {
    for (const auto& failure : failures) {
      if (!failure.suffix.empty()) suffixes.insert(failure.suffix);
    }
  }
  for (const auto& suffix : suffixes) {
    const fs::path group_page = context.output_dir / page_of_group(suffix);
    // The group level has no page of a suffix whose images are all gone.
    if (positions != nullptr && !fs::exists(group_page)) continue;
    page.group_pages.push_back({suffix, page_of_group(suffix)});
    // The link leads somewhere also before the group level has run.
    if (!fs::exists(group_page)) write_group_placeholder(group_page, suffix, context.provenance);
  }
  page.methods = methods_of(facts, methods.provenance());
  write_subject_report(context.output_dir / page_of_subject(subject), page);
}

fs::path write_citation(const ReportContext& context) {
  MethodsUsed used;
  for (const auto& subject : subjects_with_results(context.output_dir)) {
    for (const auto& record : read_records(context.output_dir, subject)) used.add(record);
  }
  const Methods methods = methods_of(used.facts(), used.provenance());
  std::string text = "# Methods\n\n" + methods.text + "\n\n# References\n";
  for (const auto& reference : methods.references) text += "\n- " + reference.text + "\n";
  const fs::path path = context.output_dir / "logs" / "CITATION.md";
  write_atomically(path, text);
  return path;
}

}  // namespace hypersynth
