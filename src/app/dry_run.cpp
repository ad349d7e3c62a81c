#include <cstdio>
#include <map>

#include <nlohmann/json.hpp>

#include "app/participant.h"
#include "app/participant_graph.h"
#include "app/progress.h"
#include "app/runtime.h"
#include "core/error.h"
#include "core/joined.h"
#include "core/utf8.h"

namespace hypersynth {

namespace {

using nlohmann::json;
using StepsOfImages = std::vector<std::vector<pipeline::PlannedNode>>;

/// The steps of each image; those of reports and of the summary last.
StepsOfImages steps_of(const pipeline::Plan& plan, const ParticipantWorkflow& workflow,
                       std::size_t images) {
  StepsOfImages steps(images + 1);
  for (const auto& node : plan.nodes)
    steps[workflow.image(node.node).value_or(images)].push_back(node);
  return steps;
}

void print_step(const std::string& name, const pipeline::PlannedNode& step) {
  std::printf("  %-16s  %-7s  %s\n", printable(name).c_str(), to_string(step.action).c_str(),
              printable(joined(step.reasons, "; ")).c_str());
}

void print_text(const std::vector<PlannedImage>& images, const StepsOfImages& steps) {
  std::map<ImageStatus, int> counts;
  for (std::size_t i = 0; i < images.size(); ++i) {
    const auto& image = images[i];
    ++counts[image.status];
    std::printf("%-8s  %s  (%s)\n", to_string(image.status).c_str(),
                printable(image.source.path).c_str(), printable(image.reason).c_str());
    if (steps.empty()) continue;
    for (const auto& step : steps[i]) print_step(step_of(step.node), step);
  }
  if (!steps.empty()) {
    for (const auto& step : steps.back()) print_step(step.node, step);
  }
  std::printf("%zu images: %d to run, %d finished before, %d unusable\n", images.size(),
              counts[ImageStatus::kRun], counts[ImageStatus::kCached],
              counts[ImageStatus::kUnusable]);
}

json to_json(const pipeline::PlannedNode& step) {
  return {{"node", valid_utf8(step.node)},
          {"action", to_string(step.action)},
          {"reasons", step.reasons}};
}

void print_json(const std::vector<PlannedImage>& images, const bids::Layout& layout,
                const StepsOfImages& steps) {
  json object = describe_plan(images, layout);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    json rows = json::array();
    for (const auto& step : steps[i]) rows.push_back(to_json(step));
    (i < images.size() ? object["images"][i] : object)["steps"] = std::move(rows);
  }
  std::printf("%s\n", object.dump(2, ' ', false, json::error_handler_t::replace).c_str());
}

}  // namespace

ExitCode run_dry(const ParticipantOptions& options) {
  const auto layout = open_dataset(options);
  auto images = select(layout, options);
  const fs::path model = model_path(options);
  const ModelManifest manifest = read_model(model.string()).manifest;
  const Recipe recipe = recipe_of(options, model, manifest);
  plan(images, layout, options, recipe);
  const Execution execution = choose_execution(options, images, manifest);
  refuse_what_cannot_fit(execution, images);
  StepsOfImages steps;
  if (options.explain || !options.graph.empty()) {
    const auto context = std::make_shared<ReportContext>(report_context(options, &layout));
    const WorkflowParts parts{options, layout, images, recipe, execution, model, context, nullptr};
    const auto workflow = make_participant_workflow(parts);
    const auto planned = pipeline::plan(workflow.workflow, run_options(options, execution));
    if (!options.graph.empty()) write_graph(parts, planned);
    if (options.explain) steps = steps_of(planned, workflow, images.size());
  }
  if (options.json) {
    print_json(images, layout, steps);
  } else {
    Progress progress(0, options.verbosity);
    show_issues(layout, options.skip_bids_validation, progress, options.datalad_get);
    print_text(images, steps);
  }
  return ExitCode::kOk;
}

}  // namespace hypersynth
