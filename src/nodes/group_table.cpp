#include "nodes/group_table.h"

#include <cmath>
#include <cstdio>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>

#include <boost/algorithm/string/predicate.hpp>
#include <boost/algorithm/string/replace.hpp>

#include "bids/anatomical.h"
#include "bids/table.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/number_text.h"
#include "nodes/evaluation.h"
#include "nodes/group_positions.h"
#include "nodes/measures.h"
#include "nodes/methods_used.h"
#include "nodes/reader_ratings.h"
#include "nodes/results.h"
#include "pipeline/files/file_system.h"
#include "report/group_report.h"
#include "report/group_summary.h"
#include "report/mosaic_reportlets.h"

namespace hypersynth {

namespace {

/// "left hippocampus" -> "left_hippocampus_mm3".
std::string volume_column(std::string name) {
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name + "_mm3";
}

/// Ten digits, so that counts and volumes of a head are not rounded.
std::string cell(double value) { return std::isfinite(value) ? significant_digits(value, 10) : ""; }

/// The columns of a suffix: all measures that any of its images has, volumes last.
std::vector<GroupMeasure> columns_of(const std::vector<ImageResult>& results) {
  std::vector<GroupMeasure> columns;
  const auto add = [&](GroupMeasure column) {
    const auto same = [&](const GroupMeasure& other) { return other.name == column.name; };
    if (std::none_of(columns.begin(), columns.end(), same)) columns.push_back(std::move(column));
  };
  for (const auto& result : results) {
    for (const auto& measure : result.record.measures) add(group_measure(measure.name));
  }
  add({"brain_parenchymal_fraction", "Brain parenchymal fraction", "",
       "All but CSF and ventricles, divided by the intracranial volume",
       GroupMeasure::Kind::kQuality});
  add({"icv_mm3", "Intracranial volume", "mm³", "Brain and CSF: the sum of all soft volumes",
       GroupMeasure::Kind::kVolume});
  for (const auto& result : results) {
    for (const auto& volume : result.volumes) {
      add({volume_column(volume.name), volume.name, "mm³", "Soft volume",
           GroupMeasure::Kind::kVolume});
    }
  }
  return columns;
}

std::vector<double> values_of(const ImageResult& result, const std::vector<GroupMeasure>& columns) {
  std::map<std::string, double> known;
  for (const auto& measure : result.record.measures) known[measure.name] = measure.value;
  known["icv_mm3"] = result.record.intracranial_mm3;
  known["brain_parenchymal_fraction"] = result.record.brain_parenchymal_fraction;
  for (const auto& volume : result.volumes) known[volume_column(volume.name)] = volume.soft_mm3;
  std::vector<double> values;
  for (const auto& column : columns) {
    const auto found = known.find(column.name);
    values.push_back(found == known.end() ? std::numeric_limits<double>::quiet_NaN()
                                          : found->second);
  }
  return values;
}

/// The images of one suffix: those with results, those whose results cannot be read and those that
/// failed.
struct Group {
  std::vector<ImageResult> results;
  std::vector<Failure> unreadable;
  std::vector<Failure> failed;
};

/// "sub-01_ses-2_T1w" of ".../sub-01_ses-2_space-T1w_desc-hypersynth_iqms.json".
std::string name_of_unreadable(const Failure& failure) {
  const auto sources = possible_sources(failure);
  return sources.empty() ? failure.path : fs::path(sources.back()).stem().string();
}

std::string session_of(const bids::Entities& entities) {
  const auto session = entities.get(bids::Entity::kSession);
  return session ? "ses-" + std::string(*session) : std::string();
}

std::string format_table(const Group& group, const std::vector<GroupMeasure>& columns) {
  std::vector<std::string> header = {"bids_name", "participant_id", "session_id", "verdict"};
  for (const auto& column : columns) header.push_back(column.name);
  bids::Table table(header);
  for (const auto& result : group.results) {
    std::vector<std::string> row = {result.outputs.name, "sub-" + result.subject,
                                    session_of(data_file_at(result.record.path).entities),
                                    result.record.verdict};
    for (const double value : values_of(result, columns)) row.push_back(cell(value));
    table.add_row(std::move(row));
  }
  for (const auto& failure : group.unreadable) {
    std::vector<std::string> row = {name_of_unreadable(failure), "sub-" + failure.subject,
                                    session_of(data_file_at(failure.path).entities), "unreadable"};
    row.resize(header.size());
    table.add_row(std::move(row));
  }
  return table.format();
}

/// What the columns of the table are.
nlohmann::ordered_json table_sidecar(const std::vector<GroupMeasure>& columns) {
  nlohmann::ordered_json sidecar;
  sidecar["bids_name"]["Description"] = "Entities and suffix of the image";
  sidecar["participant_id"]["Description"] = "Label of the participant, with sub-";
  sidecar["session_id"]["Description"] = "Label of the session, with ses-; n/a: there is none";
  sidecar["verdict"] = {
      {"Description", "What the quality measures say of the image and its segmentation"},
      {"Levels",
       {{"pass", "no measure is beyond a limit"},
        {"warning", "a measure is beyond a limit: look at the image"},
        {"fail", "a measure is so far beyond its limit that the image should not be used"},
        {"unreadable", "the record of the image cannot be read; the row is empty"}}}};
  for (const auto& column : columns) {
    auto& entry = sidecar[column.name];
    if (!column.title.empty()) entry["LongName"] = column.title;
    entry["Description"] = column.meaning.empty()
                               ? "Volume of the structure, the sum of its posterior probabilities"
                               : column.meaning;
    if (!column.unit.empty()) entry["Units"] = column.unit;
  }
  return sidecar;
}

/// A cell of a CSV file (RFC 4180).
std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  return '"' + boost::algorithm::replace_all_copy(text, "\"", "\"\"") + '"';
}

/// The soft volumes of all images in the layout of SynthSeg's `--vol`: mm³ with three decimals, in
/// the order of the model. A structure that the model of an image does not have is an empty cell.
std::string format_volumes_csv(const std::map<std::string, Group>& groups) {
  std::vector<std::string> names;
  std::vector<const ImageResult*> results;
  for (const auto& [suffix, group] : groups) {
    for (const auto& result : group.results) {
      results.push_back(&result);
      for (const auto& volume : result.volumes) {
        if (std::find(names.begin(), names.end(), volume.name) == names.end())
          names.push_back(volume.name);
      }
    }
  }
  std::sort(results.begin(), results.end(), [](const ImageResult* a, const ImageResult* b) {
    return a->outputs.name < b->outputs.name;
  });
  const auto number = [](double mm3) {
    return std::isfinite(mm3) ? decimal_places(mm3, 3) : std::string();
  };
  std::string text = "subject,total intracranial";
  for (const auto& name : names) text += "," + csv_cell(name);
  for (const ImageResult* result : results) {
    text += "\n" + csv_cell(result->outputs.name) + "," + number(result->record.intracranial_mm3);
    for (const auto& name : names) {
      const auto found = std::find_if(result->volumes.begin(), result->volumes.end(),
                                      [&](const LabelVolume& v) { return v.name == name; });
      text += "," + (found == result->volumes.end() ? "" : number(found->soft_mm3));
    }
  }
  return text + "\n";
}

std::string text_of(const Failure& failure) {
  return InputError(failure.path, failure.expected, failure.found).what();
}

/// All that the output folder holds of images whose source is still there, by suffix.
class Collection {
 public:
  Collection(const fs::path& output_dir, const SourceExists& source_exists, GroupPages& pages) {
    for (const auto& subject : subjects_with_results(output_dir)) {
      auto results = read_results(output_dir, subject);
      for (auto& result : results.finished) {
        if (!source_exists(result.record.path)) {
          pages.left_out.push_back(result.record.path);
          continue;
        }
        for (const auto& damage : result.damage) {
          pages.problems.push_back(damage);
          failures.push_back({result.record.path, subject, result.record.suffix,
                              "the files of a finished image", damage});
        }
        groups[result.record.suffix].results.push_back(std::move(result));
      }
      for (auto& failure : results.failed) {
        if (failure.damaged) pages.problems.push_back(text_of(failure));
        if (!failure.damaged && !source_exists(failure.path)) continue;
        failures.push_back(failure);
        failed.push_back(std::move(failure));
      }
      for (auto& failure : results.unreadable) {
        const auto sources = possible_sources(failure);
        if (!sources.empty() && std::none_of(sources.begin(), sources.end(), source_exists)) {
          pages.left_out.push_back(sources.front());
          continue;
        }
        pages.problems.push_back(text_of(failure));
        failures.push_back(failure);
        groups[failure.suffix].unreadable.push_back(std::move(failure));
      }
    }
    for (auto& failure : failed) groups[failure.suffix].failed.push_back(std::move(failure));
    groups.erase("");
  }

  std::map<std::string, Group> groups;
  std::vector<Failure> failures;  ///< of every kind

 private:
  std::vector<Failure> failed;
};

/// Where the names of the image's pictures begin; empty where the record names none of them.
std::string figures_of(const ImageResult& result) {
  const ImageOutputs& outputs = result.outputs;
  for (const auto& reportlet :
       mosaic_reportlets(outputs.figures, outputs.stem, result.record.suffix)) {
    if (has_file(result.record, reportlet.picture)) return outputs.figures + "/" + outputs.stem;
  }
  return "";
}

FailedImage failed_image(const Failure& failure) {
  return {failure.path, failure.expected, failure.found, failure.subject,
          page_of_subject(failure.subject)};
}

GroupReport page_of(const std::string& suffix, const Group& group, const ReportContext& context) {
  GroupReport page;
  page.dataset = context.dataset;
  page.suffix = suffix;
  page.measures = columns_of(group.results);
  page.tsv = group_outputs_of(suffix).table;
  page.summary = group_outputs_of(suffix).summary;
  MethodsUsed methods;
  for (std::size_t i = 0; i < page.measures.size(); ++i) {
    if (page.measures[i].name == "icv_mm3") page.icv = i;
  }
  for (const auto& result : group.results) {
    methods.add(result.record);
    page.rows.push_back({result.record.path, result.subject, page_of_subject(result.subject),
                         verdict_from(result.record.verdict), values_of(result, page.measures),
                         result.record.verdict_reasons, labels_digest(result),
                         participant_fields(context.participants, result.subject),
                         figures_of(result),
                         has_file(result.record, thumbnail_of(data_file_at(result.record.path)))});
  }
  for (const auto& failure : group.unreadable) page.failures.push_back(failed_image(failure));
  for (const auto& failure : group.failed) page.failures.push_back(failed_image(failure));
  page.provenance = methods.with_models(context.provenance);
  return page;
}

/// The scores of the evaluate level, where there are any; what is wrong with them goes into
/// `pages`.
std::optional<Evaluation> evaluation_in(const fs::path& output_dir, GroupPages& pages) {
  try {
    return read_evaluation(output_dir);
  } catch (const InputError& error) {
    pages.problems.push_back(error.what());
    return std::nullopt;
  }
}

/// Leaves out the scores of segmentations that were made anew since they were scored.
void leave_out_old_scores(Evaluation& evaluation, const Collection& collection, GroupPages& pages) {
  std::map<std::string, std::string> digests;  // of the label maps
  for (const auto& [suffix, group] : collection.groups) {
    for (const auto& result : group.results) digests[result.outputs.labels] = labels_digest(result);
  }
  std::vector<std::string> old;
  std::erase_if(evaluation.images, [&](const EvaluatedImage& image) {
    const auto found = digests.find(image.segmentation);
    const bool is_old =
        !image.digest.empty() && found != digests.end() && found->second != image.digest;
    if (is_old) old.push_back(image.segmentation);
    return is_old;
  });
  if (!old.empty())
    pages.warnings.push_back("scores left out, of segmentations that were made anew since: " +
                             std::to_string(old.size()) + ", the first " + old.front() +
                             "; run the evaluate level again");
}

/// The images of a group whose volumes can be compared have equal texts.
MadeWith made_with(const Group& group) {
  MadeWith texts;
  for (const auto& result : group.results) {
    texts[result.record.path] = made_with(result.record.recipe);
  }
  return texts;
}

/// Writes the pages of all subjects with results again, with their positions in the group. A page
/// that cannot be written is one of the problems of `pages`.
void write_positions(const Collection& collection, const GroupPositions& positions,
                     ReportContext context, GroupPages& pages) {
  std::set<std::string> subjects;
  for (const auto& [suffix, group] : collection.groups) {
    for (const auto& result : group.results) subjects.insert(result.subject);
    for (const auto& failure : group.unreadable) subjects.insert(failure.subject);
    for (const auto& failure : group.failed) subjects.insert(failure.subject);
  }
  for (const auto& subject : subjects) {
    const fs::path page = context.output_dir / page_of_subject(subject);
    context.single_pages = is_single_page(page);
    try {
      write_subject_page(subject, context, &positions);
    } catch (const Error& error) {
      pages.problems.push_back(error.what());
    }
  }
}

/// Of the readers' ratings those of images and segmentations that are here; about the others a
/// sentence for each file goes into `pages`.
std::vector<Rating> ratings_that_hold(const fs::path& output_dir, const Collection& collection,
                                      GroupPages& pages) {
  std::set<std::pair<std::string, std::string>> segmentations;
  std::set<std::string> images;
  for (const auto& [suffix, group] : collection.groups) {
    for (const auto& result : group.results) {
      images.insert(result.record.path);
      segmentations.emplace(result.record.path, labels_digest(result));
    }
  }
  RatingTable table = read_reader_ratings(output_dir);
  pages.rating_problems = std::move(table.problems);
  std::vector<Rating> ratings;
  std::map<std::string, std::vector<std::string>> others;  // what is wrong -> images
  for (auto& rating : table.ratings) {
    if (segmentations.count({rating.image, rating.digest}) != 0) {
      ratings.push_back(std::move(rating));
      continue;
    }
    const std::string file = rating.where.substr(0, rating.where.rfind(", line"));
    const bool known = images.count(rating.image) != 0;
    others[file + ": ratings left out, " +
           (known ? "given to another segmentation of the image" : "of images that are not here")]
        .push_back(rating.image);
  }
  for (const auto& [what, of] : others) {
    pages.rating_problems.push_back(what + ": " + std::to_string(of.size()) + ", the first of " +
                                    of.front());
  }
  pages.ratings = ratings.size();
  return ratings;
}

std::vector<Rating> ratings_of(const Group& group, const std::vector<Rating>& ratings) {
  std::set<std::string> images;
  for (const auto& result : group.results) images.insert(result.record.path);
  std::vector<Rating> chosen;
  for (const auto& rating : ratings) {
    if (images.count(rating.image) != 0) chosen.push_back(rating);
  }
  return chosen;
}

/// Files of earlier runs that this run has not written: of suffixes that no image has any more, and
/// ratings that are gone.
std::vector<fs::path> left_from_earlier(const fs::path& output_dir,
                                        const std::vector<fs::path>& written) {
  std::vector<fs::path> files;
  for (const auto& name : pipeline::real_file_system().list(output_dir)) {
    if (!boost::algorithm::starts_with(name, "group_")) continue;
    const std::string suffix = name.substr(6, name.find_first_of("_.", 6) - 6);
    if (!bids::is_anatomical_suffix(suffix)) continue;  // pages of other programs stay
    const GroupOutputs ours = group_outputs_of(suffix);
    const std::set<std::string> names = {page_of_group(suffix), ours.table,   ours.table_sidecar,
                                         ours.summary,          ours.ratings, ours.ratings_sidecar};
    const fs::path file = output_dir / name;
    if (names.count(name) != 0 && std::find(written.begin(), written.end(), file) == written.end())
      files.push_back(file);
  }
  return files;
}

/// Notes what is written about a suffix.
void announce(const fs::path& output_dir, const std::string& suffix, bool with_ratings,
              GroupPages& pages) {
  const GroupOutputs names = group_outputs_of(suffix);
  for (const auto& name : {names.table, names.table_sidecar, page_of_group(suffix), names.summary})
    pages.written.push_back(output_dir / name);
  if (!with_ratings) return;
  for (const auto& name : {names.ratings, names.ratings_sidecar})
    pages.written.push_back(output_dir / name);
}

void write_files(const fs::path& output_dir, const std::string& suffix, const Group& group,
                 const GroupReport& page) {
  const GroupOutputs names = group_outputs_of(suffix);
  write_atomically(output_dir / names.table, format_table(group, page.measures));
  using Json = nlohmann::ordered_json;
  const auto text = [](const Json& json) {
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  };
  write_atomically(output_dir / names.table_sidecar, text(table_sidecar(page.measures)));
  write_atomically(output_dir / names.summary, text(group_summary(page)));
  if (!page.ratings.empty()) {
    write_atomically(output_dir / names.ratings, format_ratings(page.ratings));
    write_atomically(output_dir / names.ratings_sidecar, text(ratings_sidecar()));
  }
  write_group_report(output_dir / page_of_group(suffix), page);
}

}  // namespace

GroupPages write_group_pages(const ReportContext& context, const SourceExists& source_exists,
                             bool dry_run) {
  GroupPages pages;
  const fs::path& output_dir = context.output_dir;
  const Collection collection(output_dir, source_exists, pages);
  auto evaluation = evaluation_in(output_dir, pages);
  if (evaluation) leave_out_old_scores(*evaluation, collection, pages);
  const auto ratings = ratings_that_hold(output_dir, collection, pages);
  GroupPositions positions;
  for (const auto& [suffix, group] : collection.groups) {
    auto given = ratings_of(group, ratings);
    announce(output_dir, suffix, !given.empty(), pages);
    if (dry_run) continue;
    GroupReport page = page_of(suffix, group, context);
    page.ratings = std::move(given);
    positions.merge(group_positions(page, made_with(group)));
    if (evaluation) {
      auto section = agreement_section(*evaluation, output_dir, suffix);
      if (!section.rows.empty()) page.agreement = std::move(section);
    }
    for (const auto& other : collection.groups) {
      if (other.first != suffix)
        page.other_groups.push_back({other.first, page_of_group(other.first)});
    }
    write_files(output_dir, suffix, group, page);
  }
  const fs::path csv = output_dir / kVolumesCsv;
  if (!collection.groups.empty()) pages.written.push_back(csv);
  pages.removed = left_from_earlier(output_dir, pages.written);
  if (dry_run) return pages;
  if (!collection.groups.empty()) write_atomically(csv, format_volumes_csv(collection.groups));
  for (const auto& page : pages.removed) pipeline::real_file_system().remove(page);
  write_failure_table(output_dir, collection.failures);
  write_positions(collection, positions, context, pages);
  return pages;
}

}  // namespace hypersynth
