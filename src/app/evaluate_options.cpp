#include "app/evaluate_options.h"

#include <stdexcept>

#include "bids/entities.h"

namespace hypersynth {
namespace {

NamedDataset read_dataset(const std::string& word) {
  NamedDataset dataset = parse_named_dataset(word);
  dataset.path = whole_path(dataset.path);
  return dataset;
}

std::string read_desc(const std::string& word) {
  const std::string label = word.rfind("desc-", 0) == 0 ? word.substr(5) : word;
  if (!bids::is_label(label))
    throw std::invalid_argument("expected letters and digits, found " + word);
  return label;
}

}  // namespace

void EvaluateOptions::describe_own(OptionList& list) {
  list.heading("Evaluation");
  list.add_parsed("--reference", OptionKind::kValue, "PATH|NAME=PATH",
                  "derivative dataset with reference label maps (dseg) of the same images, or a "
                  "BIDS dataset with one in its derivatives folder",
                  [this](const std::string& word) { reference = read_dataset(word); });
  list.add_parsed("--segmentations", OptionKind::kValue, "PATH|NAME=PATH",
                  "score the label maps of this derivative dataset, of whichever program",
                  [this](const std::string& word) { segmentations = read_dataset(word); })
      .shown_default("those in OUTPUT_DIR");
  list.add_parsed("--compare", OptionKind::kValue, "PATH|NAME=PATH",
                  "score these segmentations as well and compare the two, image by image",
                  [this](const std::string& word) { compare = read_dataset(word); });
  list.add("--test-retest", test_retest,
           "compare the volumes of two sessions of each person; needs no reference");
  list.add_parsed("--ignore-labels", OptionKind::kList, "INDEX",
                  "labels of the segmentation that are not scored",
                  [this](const std::string& word) {
                    int label = 0;
                    OptionValue<int>::read(word, label);
                    ignore_labels.insert(label);
                  });
  list.add_parsed("--segmentation-desc", OptionKind::kValue, "LABEL",
                  "only segmentations with this desc, where a dataset has several of one image",
                  [this](const std::string& word) { segmentation_desc = read_desc(word); });
  list.add_parsed("--compare-desc", OptionKind::kValue, "LABEL",
                  "the same for the dataset of --compare",
                  [this](const std::string& word) { compare_desc = read_desc(word); })
      .shown_default("--segmentation-desc");
  list.add_parsed("--reference-desc", OptionKind::kValue, "LABEL",
                  "only reference label maps with this desc",
                  [this](const std::string& word) { reference_desc = read_desc(word); });
}

std::vector<std::string> EvaluateOptions::contradictions() const {
  std::vector<std::string> problems = CommonOptions::contradictions(dry_run);
  if (compare.path.empty() && compare_desc) problems.emplace_back("--compare-desc needs --compare");
  if (reference.path.empty() && !reference_desc.empty())
    problems.emplace_back("--reference-desc needs --reference");
  if (reference.path.empty() && !test_retest)
    problems.emplace_back("the evaluate level needs --reference or --test-retest");
  if (!reference.path.empty()) return problems;
  if (!compare.path.empty()) {
    problems.emplace_back(
        "--compare needs --reference; to score against another segmentation, give that as "
        "--reference");
  }
  if (!label_mapping.empty()) problems.emplace_back("--label-mapping needs --reference");
  return problems;
}

NamedDataset EvaluateOptions::evaluated() const {
  if (!segmentations.path.empty()) return segmentations;
  return {output_dir.filename().string(), output_dir};
}

}  // namespace hypersynth
