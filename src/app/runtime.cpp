#include "app/runtime.h"

#include <cerrno>
#include <ctime>
#include <system_error>

#include <boost/filesystem/operations.hpp>

#include "app/container.h"
#include "app/run_fault.h"
#include "bids/dataset_links.h"
#include "bids/output_root.h"
#include "bids/read_file.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/version.h"
#include "nodes/draw_figures.h"
#include "nodes/failure.h"
#include "nodes/image_outputs.h"
#include "nodes/measure_image.h"
#include "nodes/results.h"
#include "nodes/segment_image.h"
#include "nodes/write_derivatives.h"
#include "pipeline/cache/work_folder.h"
#include "pipeline/files/digest.h"
#include "quality/threshold_file.h"

namespace hypersynth {

namespace {

constexpr const char* kDefaultModel = "brain33-unet16.safetensors";

std::string readme_text(const bids::DatasetDescription& description) {
  const std::string source =
      code_url().empty() ? std::string() : " (" + std::string(code_url()) + ")";
  return "# " + printable(description.name) +
         "\n\nSegmentations, brain masks, volumes and quality measures made by hypersynth " +
         std::string(version()) + source +
         ".\n\n"
         "- `sub-*.html` and `group_*.html` are the reports, `group_*.tsv` one row per image.\n"
         "- `desc-hypersynth_dseg.tsv` names the labels of the `desc-hypersynth_dseg` images, "
         "`desc-standard_dseg.tsv` those of `desc-standard_dseg`, where there are any.\n"
         "- `logs/CITATION.md` has the references and a paragraph for a methods section.\n";
}

std::string now_iso8601() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char text[40];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S%z", &local);
  return text;
}

/// The name of the source dataset as prepare_output() wrote it into the output's description.
std::string name_of_dataset_of_results(const fs::path& output_dir) {
  try {
    const auto results = bids::Layout::index(
        output_dir, {.require_description = true, .database_dir = {}, .is_derivative = true});
    return bids::source_name_of(results.description().name);
  } catch (const bids::DatasetError&) {
    return "";
  }
}

/// "segment 3, measure 2, ...": the steps whose results stay in the output folder. An image is done
/// again once one of them has another version.
std::string step_versions() {
  std::string text;
  const auto add = [&](const char* step, std::string_view version) {
    text.append(text.empty() ? "" : ", ").append(step).append(" ").append(version);
  };
  add("segment", SegmentImage::version);
  add("measure", MeasureImage::version);
  add("figures", DrawFigures::version);
  add("derivatives", WriteDerivatives::version);
  return text;
}

}  // namespace

fs::path share_folder() {
  boost::system::error_code code;
  const fs::path program = fs::read_symlink("/proc/self/exe", code);
  return program.parent_path().parent_path() / "share" / "hypersynth";
}

fs::path model_path(const ParticipantOptions& options) {
  return options.model.empty() ? default_model_path() : options.model;
}

fs::path default_model_path() {
  const fs::path path = share_folder() / "models" / kDefaultModel;
  if (!fs::exists(path)) {
    throw Error(ExitCode::kInputMissing, path.string() +
                                             ": the default model is missing; give one with "
                                             "--model (participant) or --initial-model (learn)");
  }
  return path;
}

Recipe recipe_of(const ParticipantOptions& options, const fs::path& path,
                 const ModelManifest& model) {
  Recipe recipe{std::string(version()), path.stem().string(), pipeline::digest_of_file(path).hex(),
                options.fast, model.training};
  recipe.training.options.clear();
  recipe.steps = step_versions();
  auto thresholds = default_quality_thresholds();
  if (!options.qc_thresholds.empty()) {
    const std::string file = options.qc_thresholds.string();
    thresholds = replace_thresholds(std::move(thresholds),
                                    parse_thresholds(bids::read_regular_file(file), file));
  }
  recipe.thresholds = format_thresholds(thresholds);
  recipe.ct = options.ct;
  return recipe;
}

bids::Layout open_dataset(const CommonOptions& options) {
  auto layout = bids::Layout::index(
      options.bids_dir, {.require_description = true, .database_dir = options.bids_database_dir});
  bids::require_same_source(options.output_dir, options.bids_dir, layout.description().name);
  for (const auto& derivative : options.derivatives) {
    const auto& root = derivative.second;
    const auto opened = bids::Layout::index(root, {.require_description = true,
                                                   .database_dir = options.bids_database_dir,
                                                   .is_derivative = true});
    for (auto issue : opened.issues()) {
      issue.path = (issue.path.empty() ? root : root / issue.path).string();
      layout.report(issue);
    }
  }
  return layout;
}

std::optional<bids::Layout> source_dataset(const CommonOptions& options) {
  if (!fs::is_directory(options.bids_dir)) return std::nullopt;
  return open_dataset(options);
}

void make_work_folder(const CommonOptions& options) {
  const std::string folder = options.work_folder().string();
  try {
    pipeline::WorkFolder::claim(options.work_folder(), pipeline::real_file_system());
  } catch (const pipeline::ForeignFolder& error) {
    throw Error(error.code(), std::string("the work folder ") + error.what());
  } catch (const std::system_error& error) {
    const bool disk = pipeline::is_disk_error(error.code()) && error.code().value() != EROFS;
    throw Error(disk ? ExitCode::kIo : ExitCode::kCannotCreateOutput,
                folder + ": the work folder cannot be created: " + error.code().message());
  }
}

void prepare_output(const CommonOptions& options, const bids::Layout& layout,
                    const std::vector<bids::LookupRow>& lookup,
                    const std::vector<bids::LookupRow>& standard) {
  boost::system::error_code code;
  fs::create_directories(options.output_dir / "logs", code);
  if (code) {
    throw Error(exit_code_of(code),
                options.output_dir.string() + ": cannot be created: " + code.message());
  }
  const Container container = find_container(share_folder());
  const bids::GeneratedBy program{"hypersynth",
                                  std::string(version()),
                                  std::string(code_url()),
                                  "Segmentation of brain MRI",
                                  container.type,
                                  container.tag,
                                  container.uri};
  bids::OutputRoot root;
  root.description.name = bids::output_name_of(layout.description().name);
  root.description.dataset_type = "derivative";
  root.description.generated_by = {program};
  root.description.source_datasets = {{bids::file_uri(options.bids_dir), "", ""}};
  root.description.dataset_links = {
      {"raw", bids::dataset_link(options.output_dir, options.bids_dir)}};
  for (const auto& [name, path] : options.derivatives)
    root.description.dataset_links[name] = bids::dataset_link(options.output_dir, path);
  // The results fall under what the source dataset says of itself.
  root.description.license = layout.description().license;
  root.description.authors = layout.description().authors;
  root.readme = readme_text(root.description);
  root.labels = lookup;
  root.standard_labels = standard;
  bids::Issues issues;
  bids::write_output_root(options.output_dir, root, issues);
  for (const auto& issue : issues) layout.report(issue);
}

ReportContext report_context(const CommonOptions& options, const bids::Layout* layout) {
  ReportContext context;
  context.output_dir = options.output_dir;
  context.dataset = layout != nullptr ? layout->description().name
                                      : name_of_dataset_of_results(options.output_dir);
  bids::Issues issues;
  if (layout != nullptr) {
    context.participants = bids::read_participants(*layout, issues);
    context.source_dataset = layout->root();
  }
  context.provenance.version = version();
  context.provenance.code_url = code_url();
  context.provenance.command_line = "hypersynth " + options.command_line;
  context.provenance.created = now_iso8601();
  context.viewer_library = share_folder() / "viewer" / HYPERSYNTH_VIEWER_LIBRARY;
  context.retest_table = share_folder() / "models" / "retest-spread.tsv";
  return context;
}

std::vector<std::string> forget_failures_of_gone_images(const CommonOptions& options,
                                                        const bids::Layout& layout) {
  std::vector<std::string> gone;
  for (const auto& failure : read_failures(options.output_dir)) {
    if (failure.damaged || source_exists(layout.root(), failure.path)) continue;
    remove_failure(options.output_dir, outputs_of(data_file_at(failure.path)));
    gone.push_back(failure.path);
  }
  return gone;
}

}  // namespace hypersynth
