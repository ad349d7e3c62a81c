#include "app/participant_workflow.h"

#include <set>

#include <boost/filesystem/operations.hpp>

#include "core/unique_id.h"
#include "nodes/compare_sessions.h"
#include "nodes/draw_figures.h"
#include "nodes/drop_content.h"
#include "nodes/failure.h"
#include "nodes/fetch_content.h"
#include "nodes/image_outputs.h"
#include "nodes/measure_image.h"
#include "nodes/record_image.h"
#include "nodes/refresh_record.h"
#include "nodes/report_subject.h"
#include "nodes/segment_image.h"
#include "nodes/summarise_dataset.h"
#include "nodes/write_derivatives.h"
#include "quality/threshold_file.h"

namespace hypersynth {

namespace {

using pipeline::Node;

/// How many images have content at a time that is dropped later: enough that the network of one
/// machine need not wait for it. A cluster fetches all at once, for it runs all at once.
constexpr std::size_t kFetchedAtOnce = 8;

/// The steps of an image that is fetched.
struct FetchedImage {
  Node<FetchContent> fetch;
  Node<RecordImage> record;
};

/// The subject's workflow while it is built.
struct SubjectWorkflow {
  pipeline::Workflow workflow;
  Node<ReportSubject> report;
  std::optional<Node<CompareSessions>> compare;  ///< of people with sessions
  std::vector<FetchedImage> fetched;
};

/// The steps of one image.
struct ImageNodes {
  Node<SegmentImage> segment;
  Node<MeasureImage> measure;
  Node<DrawFigures> figures;
  Node<WriteDerivatives> derivatives;
  Node<RecordImage> record;
};

/// Of steps that need more of this run than their inputs: no other process can run them.
constexpr pipeline::NodeOptions kOfThisRun{
    .resources = {}, .placement = pipeline::Placement::kThread, .keep = false, .served = false};

class Builder {
 public:
  Builder(const WorkflowParts& parts, bool with_finished)
      : parts_(parts),
        with_finished_(with_finished),
        summary_(result_.workflow.add_with(SummariseDataset{parts.context}, "summary",
                                           {parts.options.output_dir, {}}, kOfThisRun)) {
    if (!parts.context) return;
    for (const auto& person : parts.context->participants)
      participant_rows_[person.label] =
          nlohmann::json(person.values)
              .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }

  ParticipantWorkflow build() {
    const auto& images = parts_.images;
    for (std::size_t begin = 0; begin < images.size();) {
      std::size_t end = begin;
      while (end < images.size() && images[end].subject() == images[begin].subject()) ++end;
      add_subject(begin, end);
      begin = end;
    }
    return std::move(result_);
  }

 private:
  bool is_run(const PlannedImage& image) const {
    return image.status == ImageStatus::kRun ||
           (with_finished_ && image.status == ImageStatus::kCached);
  }

  /// Whether the subject has images of two sessions, one of which an earlier run may have done.
  bool has_sessions(std::size_t begin, std::size_t end) const {
    std::set<std::string> sessions;
    for (std::size_t i = begin; i < end; ++i) {
      const auto session = parts_.images[i].source.entities.get(bids::Entity::kSession);
      if (session) sessions.insert("ses-" + std::string(*session));
    }
    if (sessions.empty()) return false;
    std::string problem;
    const fs::path done = parts_.options.output_dir / ("sub-" + parts_.images[begin].subject());
    for (const auto& name : names_in(done, problem)) {
      if (name.starts_with("ses-")) sessions.insert(name);
    }
    return sessions.size() > 1;
  }

  /// The page shows the record of an image, and so does the comparison of sessions.
  template <class Step>
  static void gather_record(const Node<Step>& record, SubjectWorkflow& to) {
    to.workflow.gather(record, &Step::Outputs::record, to.report, &ReportSubject::Inputs::records);
    if (to.compare)
      to.workflow.gather(record, &Step::Outputs::record, *to.compare,
                         &CompareSessions::Inputs::records);
  }

  void add_subject(std::size_t begin, std::size_t end) {
    const std::string subject = parts_.images[begin].subject();
    SubjectWorkflow nodes{pipeline::Workflow("sub-" + subject), {}, {}, {}};
    ReportSubject::Inputs report;
    report.subject = subject;
    report.output_dir = parts_.options.output_dir;
    report.participant = participant_rows_[subject];
    report.single = parts_.options.report == ReportFiles::kSingle;
    for (std::size_t i = begin; i < end; ++i) {
      const PlannedImage& image = parts_.images[i];
      if (is_run(image)) continue;
      if (image.status == ImageStatus::kUnusable) report.unusable.push_back(image.reason);
      if (image.status == ImageStatus::kCached)
        report.finished.push_back(report.output_dir / outputs_of(image.source).measures);
    }
    if (has_sessions(begin, end)) {
      nodes.compare = nodes.workflow.add<CompareSessions>(
          "compare", {subject, parts_.layout.root(), report.output_dir, report.finished, {}},
          node_options(parts_.execution.light_needs(kComparedGrid)));
    }
    nodes.report = nodes.workflow.add_with(ReportSubject{parts_.context}, "report",
                                           std::move(report), kOfThisRun);
    if (nodes.compare)
      nodes.workflow.gather(*nodes.compare, &CompareSessions::Outputs::files, nodes.report,
                            &ReportSubject::Inputs::sessions);
    for (std::size_t i = begin; i < end; ++i) {
      if (is_run(parts_.images[i])) add_image(i, nodes);
    }
    const auto nested = result_.workflow.nest("sub-" + subject, nodes.workflow);
    result_.workflow.gather(nested(nodes.report), &ReportSubject::Outputs::page, summary_,
                            &SummariseDataset::Inputs::pages);
    for (const auto& [fetch, record] : nodes.fetched) {
      fetched_.push_back({nested(fetch), nested(record)});
      if (fetched_.size() > most_fetched())
        result_.workflow.connect(fetched_[fetched_.size() - 1 - most_fetched()].record,
                                 &RecordImage::Outputs::record, fetched_.back().fetch,
                                 &FetchContent::Inputs::after);
    }
  }

  std::size_t most_fetched() const {
    const bool one_by_one =
        parts_.options.datalad_drop && parts_.options.executor == ExecutorKind::kLocal;
    return one_by_one ? kFetchedAtOnce : parts_.images.size();
  }

  /// Adds the step that fetches the image's content before `nodes`, and the one that drops it.
  void add_fetch(const std::string& name, const fs::path& file, const ImageNodes& nodes,
                 SubjectWorkflow& to) {
    auto& workflow = to.workflow;
    const auto fetch = workflow.add_with(FetchContent{}, name + ".fetch", {file, {}}, kOfThisRun);
    using Fetch = FetchContent::Outputs;
    workflow.connect(fetch, &Fetch::image, nodes.segment, &SegmentImage::Inputs::image);
    workflow.connect(fetch, &Fetch::image, nodes.measure, &MeasureImage::Inputs::image);
    workflow.connect(fetch, &Fetch::image, nodes.figures, &DrawFigures::Inputs::image);
    if (need_source(parts_.options.extras()))
      workflow.connect(fetch, &Fetch::image, nodes.derivatives, &WriteDerivatives::Inputs::image);
    to.fetched.push_back({fetch, nodes.record});
    if (!parts_.options.datalad_drop) return;
    const auto drop =
        workflow.add_with(DropContent{}, name + ".drop", {file, {}, unique_id()}, kOfThisRun);
    workflow.connect(nodes.record, &RecordImage::Outputs::record, drop,
                     &DropContent::Inputs::record);
  }

  /// "ses-1_T1w", with a number where another image of the subject has that name.
  std::string name_of(const PlannedImage& image, std::size_t index) {
    const std::string subject = "sub-" + image.subject();
    std::string name = outputs_of(image.source).name.substr(subject.size() + 1);
    if (!result_.image_of.emplace(subject + "." + name, index).second) {
      name += "-" + std::to_string(index);
      result_.image_of.emplace(subject + "." + name, index);
    }
    return name;
  }

  pipeline::NodeOptions node_options(const pipeline::Resources& needs) const {
    pipeline::NodeOptions options;
    options.resources = needs;
    options.placement = parts_.execution.placement;
    return options;
  }

  std::string thresholds_of(const PlannedImage& image) const {
    return thresholds_of_suffix(parts_.recipe.thresholds, image.source.suffix);
  }

  void refresh_record(const std::string& name, const PlannedImage& image, const fs::path& file,
                      SubjectWorkflow& to) {
    const Extras& extras = image.missing_extras;
    const auto record = to.workflow.add<RefreshRecord>(
        name + ".record",
        {image.source.path, image.metadata, thresholds_of(image), parts_.options.mriqc_json,
         parts_.options.output_dir, need_source(extras) ? std::optional(file) : std::nullopt,
         extras},
        extras.empty() ? pipeline::NodeOptions{}
                       : node_options(parts_.execution.light_needs(image.assumed_grid())));
    gather_record(record, to);
  }

  void add_image(std::size_t index, SubjectWorkflow& to) {
    const PlannedImage& image = parts_.images[index];
    const ParticipantOptions& options = parts_.options;
    const fs::path file = parts_.layout.root() / image.source.path;
    const fs::path known = image.to_fetch ? fs::path() : file;
    const std::string& source = image.source.path;
    const std::string& metadata = image.metadata;
    const std::string name = name_of(image, index);
    if (image.only_refresh) return refresh_record(name, image, file, to);
    const Grid grid = image.assumed_grid();
    const auto light = node_options(parts_.execution.light_needs(grid));
    auto& workflow = to.workflow;
    ImageNodes nodes;
    nodes.segment = workflow.add_with(
        SegmentImage{parts_.network, parts_.execution.inference.threads, true}, name + ".segment",
        {known, parts_.model, options.fast, options.save_posteriors, options.save_resampled,
         options.ct},
        node_options(parts_.execution.segment_needs(grid)));
    nodes.measure = workflow.add<MeasureImage>(name + ".measure",
                                               {known,
                                                {},
                                                {},
                                                thresholds_of(image),
                                                options.save_qc_masks,
                                                source,
                                                options.output_dir,
                                                options.ct},
                                               light);
    nodes.figures = workflow.add<DrawFigures>(
        name + ".figures",
        {known, {}, {}, source, options.output_dir, !options.no_viewer, options.ct}, light);
    nodes.derivatives = workflow.add<WriteDerivatives>(
        name + ".derivatives",
        {{},
         {},
         {},
         {},
         {},
         {},
         {},
         source,
         metadata,
         options.output_dir,
         need_source(options.extras()) ? std::optional(known) : std::nullopt,
         options.extras()},
        light);
    nodes.record = workflow.add<RecordImage>(name + ".record", record_inputs(image), {});
    connect(nodes, workflow);
    if (image.to_fetch) add_fetch(name, file, nodes, to);
    workflow.gather(nodes.segment, &SegmentImage::Outputs::labels, to.report,
                    &ReportSubject::Inputs::segmentations);
    workflow.gather(nodes.measure, &MeasureImage::Outputs::verdict, to.report,
                    &ReportSubject::Inputs::verdicts);
    gather_record(nodes.record, to);
  }

  RecordImage::Inputs record_inputs(const PlannedImage& image) const {
    RecordImage::Inputs known;
    known.source = image.source.path;
    known.metadata = image.metadata;
    known.output_dir = parts_.options.output_dir;
    known.recipe = parts_.recipe;
    known.recipe.thresholds = thresholds_of(image);
    known.has_posteriors = parts_.options.save_posteriors;
    known.has_resampled = parts_.options.save_resampled;
    known.has_viewer = !parts_.options.no_viewer;
    known.mriqc_json = parts_.options.mriqc_json;
    return known;
  }

  static void connect(const ImageNodes& nodes, pipeline::Workflow& workflow) {
    using Segment = SegmentImage::Outputs;
    using Derive = WriteDerivatives::Inputs;
    using Record = RecordImage::Inputs;
    const auto& [segment, measure, figures, derivatives, record] = nodes;
    workflow.connect(segment, &Segment::labels, measure, &MeasureImage::Inputs::labels);
    workflow.connect(segment, &Segment::volumes, measure, &MeasureImage::Inputs::volumes);
    workflow.connect(segment, &Segment::labels, figures, &DrawFigures::Inputs::labels);
    workflow.connect(segment, &Segment::volumes, figures, &DrawFigures::Inputs::volumes);
    workflow.connect(segment, &Segment::labels, derivatives, &Derive::labels);
    workflow.connect(segment, &Segment::posteriors, derivatives, &Derive::posteriors);
    workflow.connect(segment, &Segment::resampled, derivatives, &Derive::resampled);
    workflow.connect(segment, &Segment::volumes, derivatives, &Derive::volumes);
    workflow.connect(segment, &Segment::facts, derivatives, &Derive::facts);
    workflow.connect(measure, &MeasureImage::Outputs::head, derivatives, &Derive::head);
    workflow.connect(measure, &MeasureImage::Outputs::air, derivatives, &Derive::air);
    workflow.connect(segment, &Segment::facts, record, &Record::facts);
    workflow.connect(segment, &Segment::volumes, record, &Record::volumes);
    workflow.connect(measure, &MeasureImage::Outputs::measures, record, &Record::measures);
    workflow.connect(measure, &MeasureImage::Outputs::verdict, record, &Record::verdict);
    workflow.connect(measure, &MeasureImage::Outputs::reasons, record, &Record::reasons);
    workflow.connect(measure, &MeasureImage::Outputs::seconds, record, &Record::measure_s);
    workflow.connect(figures, &DrawFigures::Outputs::published, record, &Record::pictures);
    workflow.connect(measure, &MeasureImage::Outputs::published, record,
                     &Record::measured_pictures);
    workflow.connect(figures, &DrawFigures::Outputs::seconds, record, &Record::figures_s);
    workflow.connect(derivatives, &WriteDerivatives::Outputs::published, record, &Record::files);
    workflow.connect(derivatives, &WriteDerivatives::Outputs::seconds, record, &Record::write_s);
  }

  const WorkflowParts& parts_;
  bool with_finished_;
  ParticipantWorkflow result_;
  Node<SummariseDataset> summary_;
  /// Of participants.tsv as text: a subject's page is written again where its own row changed.
  std::map<std::string, std::string> participant_rows_;
  std::vector<FetchedImage> fetched_;
};

}  // namespace

std::optional<std::size_t> ParticipantWorkflow::image(const std::string& node) const {
  const auto found = image_of.find(node.substr(0, node.rfind('.')));
  return found == image_of.end() ? std::nullopt : std::optional(found->second);
}

std::string step_of(const std::string& node) { return node.substr(node.rfind('.') + 1); }

ParticipantWorkflow make_participant_workflow(const WorkflowParts& parts, bool with_finished) {
  return Builder(parts, with_finished).build();
}

}  // namespace hypersynth
