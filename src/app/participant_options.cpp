#include "app/participant_options.h"

#include <utility>

#include "nodes/extra_outputs.h"

namespace hypersynth {

void ParticipantOptions::describe_own(OptionList& list) {
  list.heading("What to do");
  list.add("--model", model, "another model (safetensors)")
      .value_name("FILE")
      .shown_default("the one that comes with hypersynth")
      .after_reading([this] {
        require_file(model);
        model = whole_path(model);
      });
  list.add("--fast", fast, "one pass without left-right flip averaging: half the time");
  list.add("--ct", ct,
           "the images are CT: clip Hounsfield units to 0-80, the window of the brain, before they "
           "are segmented");
  list.add("--save-posteriors", save_posteriors,
           "also write the posterior of every structure (probseg)");
  list.add("--save-resampled", save_resampled,
           "also write the image as the network saw it (1 mm, RAS)");
  list.add("--save-brain", save_brain,
           "also write the image with 0 outside the brain mask, on its own grid (desc-brain)");
  list.add("--save-aseg-stats", save_aseg_stats,
           "also write volumes and intensities as FreeSurfer's aseg.stats does");
  list.add("--save-standard-dseg", save_standard_dseg,
           "also write a label map of tissue classes with the numbers of BIDS (desc-standard)");
  list.add("--save-qc-masks", save_qc_masks,
           "also write masks of the head, the air and the artefacts in it, as they were measured");
  list.add(
      "--mriqc-json", mriqc_json,
      "also write the measures in MRIQC's layout, to OUTPUT_DIR/mriqc/sub-X/anat/sub-X_T1w.json");
  list.add(
      "--no-viewer", no_viewer,
      "leave the three-plane viewer out of the subjects' reports: it takes 2 to 6 MB per image");
  list.add("--qc-thresholds", qc_thresholds,
           "limits of the verdict instead of the program's own, for the measures that a JSON file "
           "names (docs/quality-measures.md); finished images are judged again")
      .value_name("FILE")
      .after_reading([this] {
        require_file(qc_thresholds);
        qc_thresholds = whole_path(qc_thresholds);
      });
  list.add(
      "--report", report,
      "linked: the pictures of a subject's report lie beside it; single: it holds them and the "
      "viewer, so that the one file can be mailed");
  list.add("--explain", explain,
           "a dry run that says for every step whether it would run, and which of its inputs "
           "changed")
      .refused_elsewhere();
  list.add("--graph", graph,
           "write the graph of all steps with their states to a .dot or .svg file: planned with "
           "--dry-run, else what became of them")
      .value_name("FILE")
      .after_reading([this] { graph = whole_path(graph); })
      .check(
          [this] {
            return graph.empty() || graph.extension() == ".dot" || graph.extension() == ".svg";
          },
          "must end in .dot or .svg")
      .refused_elsewhere();
  list.add("--reports-only", reports_only, "write the reports again from the results that exist")
      .refused_elsewhere();
  list.add(
          "--datalad-get", datalad_get,
          "in a DataLad dataset, fetch the content of selected images (and of their sidecars) that "
          "is not here, each before its steps begin; needs datalad in PATH")
      .refused_elsewhere();
  list.add(
          "--datalad-drop", datalad_drop,
          "with --datalad-get: when an image is finished, drop the content that was fetched for it")
      .refused_elsewhere();
  list.add("--stop-on-first-crash", stop_on_first_crash,
           "begin nothing more after an image has failed");

  list.heading("With what");
  list.add("--precision", precision,
           "numbers of the network's convolutions. auto: float16 on a GPU, bfloat16 on a processor "
           "that is faster in it (AMX, or AMD's with AVX512_BF16), else float32; full: float32; "
           "bf16: bfloat16, on processors with AMX or AVX512_BF16. Nearly all volumes differ by "
           "less than 0.3 %. Finished images are not done again with another");
  list.add("--low-mem", low_mem, "one step at a time, the network in smaller pieces");
  list.add(
      "--resource-monitor", resource_monitor,
      "write wall time, CPU time and, of steps that are processes of their own, peak memory "
      "to OUTPUT_DIR/logs/RUN_resources.tsv and .json; on a CPU every step is then a process of "
      "its own");
}

Extras ParticipantOptions::extras() const {
  Extras wanted;
  if (save_brain) wanted.emplace_back(extra::kBrain);
  if (save_aseg_stats) wanted.emplace_back(extra::kAsegStats);
  if (save_standard_dseg) wanted.emplace_back(extra::kStandardLabels);
  return wanted;
}

std::vector<std::string> ParticipantOptions::contradictions() const {
  auto problems = CommonOptions::contradictions(only_plans());
  if (datalad_drop && !datalad_get)
    problems.emplace_back("--datalad-drop drops what --datalad-get fetched: give both");
  const std::pair<bool, const char*> of_images[] = {
      {only_plans(), "--dry-run and --explain"},
      {!graph.empty(), "--graph"},
      {!qc_thresholds.empty(), "--qc-thresholds"},
      {!extras().empty() || save_posteriors || save_resampled || save_qc_masks || mriqc_json,
       "--save-... and --mriqc-json"},
      {datalad_get, "--datalad-get"},
      {executor != ExecutorKind::kLocal, "--executor"},
      {resource_monitor, "--resource-monitor"}};
  for (const auto& [given, names] : of_images) {
    if (reports_only && given)
      problems.push_back(std::string("--reports-only touches no image: leave out ") + names);
  }
  return problems;
}

}  // namespace hypersynth
