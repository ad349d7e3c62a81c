#include "app/learn_plan.h"

#include <algorithm>
#include <set>

#include <boost/filesystem/operations.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "support/temporary_folder.h"

namespace hypersynth {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

LabelledScan scan_of(const std::string& person, const std::string& session = "1") {
  LabelledScan scan;
  scan.image.entities.set(bids::Entity::kSubject, person);
  scan.image.entities.set(bids::Entity::kSession, session);
  scan.image.path = "sub-" + person + "_ses-" + session + "_T1w.nii.gz";
  return scan;
}

/// Two sessions of each person.
std::vector<LabelledScan> scans_of(const std::vector<std::string>& people) {
  std::vector<LabelledScan> scans;
  for (const char* session : {"1", "2"}) {
    for (const auto& person : people) scans.push_back(scan_of(person, session));
  }
  return scans;
}

std::set<std::string> people_of(const std::vector<LabelledScan>& scans,
                                const std::vector<std::size_t>& which) {
  std::set<std::string> people;
  for (const auto i : which) people.insert(scans[i].person());
  return people;
}

/// What the options are refused for; empty where they are not.
std::string refused(const LearnOptions& options, const std::vector<LabelledScan>& scans,
                    ExitCode code) {
  try {
    make_splits(options, scans);
    return "";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
}

TEST(LearnSplitTest, AllSessionsOfAPersonAreOnOneSide) {
  const auto scans = scans_of({"01", "02", "03", "04", "05", "06", "07", "08"});
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    LearnOptions options;
    options.random_seed = seed;
    const auto splits = make_splits(options, scans);
    ASSERT_EQ(splits.size(), 1u);
    EXPECT_EQ(splits[0].name, "");
    EXPECT_EQ(splits[0].held_out.size(), 4u);  // a quarter of the people
    EXPECT_EQ(splits[0].learning.size(), 12u);
    const auto held_out = people_of(scans, splits[0].held_out);
    for (const auto& person : people_of(scans, splits[0].learning))
      EXPECT_EQ(held_out.count(person), 0u);
  }
}

TEST(LearnSplitTest, TheSplitFollowsFromTheSeedWhateverTheOrderOfTheScans) {
  const auto scans = scans_of({"01", "02", "03", "04", "05", "06", "07", "08"});
  auto reversed = scans;
  std::reverse(reversed.begin(), reversed.end());
  std::set<std::set<std::string>> different;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    LearnOptions options;
    options.random_seed = seed;
    const auto held_out = people_of(scans, make_splits(options, scans)[0].held_out);
    EXPECT_EQ(people_of(reversed, make_splits(options, reversed)[0].held_out), held_out);
    different.insert(held_out);
  }
  EXPECT_GT(different.size(), 1u);
}

TEST(LearnSplitTest, AShareHoldsOutAtLeastOneAndNeverAll) {
  const auto scans = scans_of({"01", "02", "03", "04"});
  LearnOptions options;
  const auto held_out = [&](const std::string& share) {
    options.validation = {share};
    return people_of(scans, make_splits(options, scans)[0].held_out).size();
  };
  EXPECT_EQ(held_out("0.5"), 2u);
  EXPECT_EQ(held_out("0.01"), 1u);
  EXPECT_EQ(held_out("0.99"), 3u);
  for (const char* share : {"0.0", "1.0", "1.5"}) {
    options.validation = {share};
    EXPECT_THAT(refused(options, scans, ExitCode::kUsage),
                AllOf(HasSubstr("--validation"), HasSubstr(share)));
  }
}

TEST(LearnSplitTest, PeopleAreHeldOutByTheirLabelsWithOrWithoutPrefix) {
  const auto scans = scans_of({"01", "02", "03", "1"});
  LearnOptions options;
  options.validation = {"sub-02", "03"};
  EXPECT_THAT(people_of(scans, make_splits(options, scans)[0].held_out), ElementsAre("02", "03"));
  options.validation = {"1"};  // no share
  EXPECT_THAT(people_of(scans, make_splits(options, scans)[0].held_out), ElementsAre("1"));
}

TEST(LearnSplitTest, PeopleWithoutLabelledScansAndAllPeopleCannotBeHeldOut) {
  const auto scans = scans_of({"01", "02"});
  LearnOptions options;
  options.validation = {"01", "sub-9"};
  EXPECT_THAT(refused(options, scans, ExitCode::kUsage),
              AllOf(HasSubstr("--validation"), HasSubstr("sub-9")));
  options.validation = {"01", "02"};
  EXPECT_THAT(refused(options, scans, ExitCode::kUsage), HasSubstr("nobody is left"));
}

TEST(LearnSplitTest, OnePersonIsTooFew) {
  EXPECT_THAT(refused({}, scans_of({"01"}), ExitCode::kNothingSelected),
              AllOf(HasSubstr("at least 2 people"), HasSubstr("sub-01")));
}

TEST(LearnSplitTest, FoldsHoldOutEachPersonOnce) {
  const auto scans = scans_of({"01", "02", "03", "04", "05", "06", "07"});
  LearnOptions options;
  options.folds = 3;
  const auto splits = make_splits(options, scans);
  ASSERT_EQ(splits.size(), 3u);
  EXPECT_EQ(splits[2].name, "fold-3");
  std::multiset<std::size_t> held_out;
  for (const auto& split : splits) {
    held_out.insert(split.held_out.begin(), split.held_out.end());
    EXPECT_EQ(split.learning.size() + split.held_out.size(), scans.size());
    EXPECT_LE(people_of(scans, split.held_out).size(), 3u);
    for (const auto& person : people_of(scans, split.learning))
      EXPECT_EQ(people_of(scans, split.held_out).count(person), 0u);
  }
  EXPECT_EQ(held_out.size(), scans.size());
  for (std::size_t i = 0; i < scans.size(); ++i) EXPECT_EQ(held_out.count(i), 1u);
  options.folds = 8;
  EXPECT_THAT(refused(options, scans, ExitCode::kNothingSelected),
              HasSubstr("at least 8 people for as many folds"));
}

TEST(LearnOptionsTest, FoldsAndPeopleToHoldOutContradictEachOther) {
  LearnOptions options;
  options.labels.path = "labels";
  options.folds = 3;
  EXPECT_THAT(options.contradictions(), IsEmpty());
  options.validation = {"01"};
  EXPECT_THAT(options.contradictions(), Contains(HasSubstr("--folds")));
}

TEST(LearnOptionsTest, WhatNeedsAnInitialModelOrNoneSaysSo) {
  LearnOptions options;
  EXPECT_THAT(options.contradictions(), Contains(HasSubstr("--labels")));
  options.labels.path = "labels";
  options.method = LearnMethod::kFineTune;
  options.initial_model = "none";
  EXPECT_THAT(options.contradictions(), Contains(HasSubstr("--method finetune")));
  options = {};
  options.labels.path = "labels";
  options.ndim = 2;
  EXPECT_THAT(options.contradictions(), Contains(HasSubstr("--ndim 2")));
}

class LearnCandidatesTest : public testing::Test {
 protected:
  LearnCandidatesTest() {
    options.preset = LearnPreset::kCpu;
    options.device = ComputeDevice::cpu();
    options.initial_model = "none";
  }

  /// Starts from a network of this kind.
  void start_from(const Architecture& architecture) {
    options.initial_model = "initial.safetensors";
    data.initial.emplace();
    data.initial->architecture = architecture;
  }
  void start_from_default() {
    PoolUnetOptions unet;
    unet.out_channels = 4;
    start_from(unet);
  }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& candidate : make_candidates(options, data)) names.push_back(candidate.name);
    return names;
  }
  /// The last value of an option of the first candidate, which counts; empty where it has none.
  std::string value(const std::string& option) const {
    const auto words = make_candidates(options, data).front().options;
    std::string value;
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
      if (words[i] == option) value = words[i + 1];
    }
    return value;
  }

  LearnOptions options;
  LearnData data;
};

TEST_F(LearnCandidatesTest, AutoTriesFineTuningOnlyWhereThereIsAModelToTune) {
  EXPECT_THAT(names(), ElementsAre("mixed", "learn2synth"));
  start_from_default();
  EXPECT_THAT(names(), ElementsAre("finetune", "mixed", "learn2synth"));
}

TEST_F(LearnCandidatesTest, EachMethodPresetAndDimensionGivesOptionsThatTrainingTakes) {
  for (const auto& [method, word] : Choices<LearnMethod>::kAll) {
    for (const auto& [preset, preset_word] : Choices<LearnPreset>::kAll) {
      for (const int ndim : {2, 3}) {
        for (const bool tuned : {true, false}) {
          if (method == LearnMethod::kFineTune && !tuned) continue;
          options.method = method;
          options.preset = preset;
          options.ndim = ndim;
          data = {};
          options.initial_model = "none";
          ResizeUnetOptions slices;
          slices.dimensions = 2;
          slices.norm = Norm::kInstance;
          if (tuned && ndim == 2) start_from(slices);
          if (tuned && ndim == 3) start_from_default();
          const auto candidates = make_candidates(options, data);
          for (const auto& candidate : candidates) {
            EXPECT_EQ(candidate.from_initial, tuned && candidate.name != "supervised");
            EXPECT_FALSE(candidate.explanation.empty());
            EXPECT_THAT(candidate.options, Contains("--steps"));
          }
          if (method != LearnMethod::kAuto) {
            ASSERT_EQ(candidates.size(), 1u);
            EXPECT_EQ(candidates[0].name, word);
          }
          EXPECT_EQ(std::ranges::count(value("--patch"), 'x'), ndim - 1) << word << preset_word;
        }
      }
    }
  }
}

TEST_F(LearnCandidatesTest, TheNetworkIsThatOfTheInitialModel) {
  PoolUnetOptions unet;
  unet.levels = 3;
  unet.base_features = 6;
  unet.out_channels = 4;
  start_from(unet);
  options.method = LearnMethod::kFineTune;
  EXPECT_EQ(value("--network"), "pool-unet");
  EXPECT_EQ(value("--levels"), "3");
  EXPECT_EQ(value("--features"), "6");
  EXPECT_THAT(make_candidates(options, data)[0].options, Contains("--frozen-norm"));
  options.method = LearnMethod::kSupervised;
  EXPECT_EQ(value("--features"), "8") << "fresh weights have a network of the preset";
  EXPECT_THAT(make_candidates(options, data)[0].options, Not(Contains("--frozen-norm")));
}

TEST_F(LearnCandidatesTest, PatchesOfVolumesAreAsWideAsAHeadAndFitTheNetwork) {
  options.method = LearnMethod::kFineTune;
  options.preset = LearnPreset::kCpu;
  start_from_default();
  EXPECT_EQ(value("--patch"), "144x64x64");
  PoolUnetOptions deep;
  deep.levels = 6;
  start_from(deep);
  EXPECT_EQ(value("--patch"), "160x64x64");
  start_from_default();
  data.initial->input.spacing_mm = 2;
  EXPECT_EQ(value("--patch"), "80x64x64");
}

TEST_F(LearnCandidatesTest, TheNormIsFrozenOnlyWhereItHasStatistics) {
  ResizeUnetOptions unet;
  unet.norm = Norm::kInstance;
  start_from(unet);
  options.method = LearnMethod::kFineTune;
  EXPECT_EQ(value("--norm"), "instance");
  EXPECT_THAT(make_candidates(options, data)[0].options, Not(Contains("--frozen-norm")));
}

TEST_F(LearnCandidatesTest, TheTimeLimitIsDividedAmongTheCandidates) {
  options.method = LearnMethod::kMixed;
  EXPECT_EQ(value("--time-limit-s"), "");
  options.time_limit_min = 10;
  EXPECT_EQ(std::stod(value("--time-limit-s")), 600);
  options.method = LearnMethod::kAuto;
  EXPECT_EQ(std::stod(value("--time-limit-s")), 300);
  start_from_default();
  EXPECT_EQ(std::stod(value("--time-limit-s")), 200);
}

TEST_F(LearnCandidatesTest, StepsSeedAndAugmentationAreThoseAskedFor) {
  options.method = LearnMethod::kLearn2Synth;
  options.steps = 17;
  options.random_seed = 5;
  options.augmentation = "noise-bias";
  EXPECT_EQ(value("--steps"), "17");
  EXPECT_EQ(value("--random-seed"), "5");
  EXPECT_EQ(value("--augmentation"), "noise-bias");
}

TEST_F(LearnCandidatesTest, MoreTrainingOptionsComeLastSoThatTheyWin) {
  options.training_options = {"--learning-rate 1e-5  --steps 3", "--steps 4"};
  for (const auto& candidate : make_candidates(options, data)) {
    const auto& words = candidate.options;
    ASSERT_GE(words.size(), 6u);
    EXPECT_THAT(std::vector(words.end() - 6, words.end()),
                ElementsAre("--learning-rate", "1e-5", "--steps", "3", "--steps", "4"));
  }
}

TEST_F(LearnCandidatesTest, TrainingOptionsThatTrainingDoesNotTakeAreRefusedAtOnce) {
  for (const char* words : {"--learning-rte 1", "--steps many", "--patience 3"}) {
    options.training_options = {words};
    try {
      names();
      FAIL() << words << " was taken";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kUsage);
      EXPECT_THAT(error.what(), HasSubstr("--training-options"));
    }
  }
}

TEST_F(LearnCandidatesTest, EveryPresetScoresForeignImages) {
  for (const auto& [preset, word] : Choices<LearnPreset>::kAll) {
    EXPECT_GT(synthetic_images_of(preset), 0) << word;
    EXPECT_GT(shifted_scans_of(preset), 0) << word;
  }
}

TEST(LearnShiftsTest, OnlyT1WeightedScansAreMadeToLookT2Weighted) {
  LabelledScan t1, flair;
  t1.image.suffix = "T1w";
  flair.image.suffix = "FLAIR";
  EXPECT_THAT(shifts_of({t1, t1}),
              ElementsAre(ScanShift::kInverted, ScanShift::kT2Like, ScanShift::kLowSnr));
  EXPECT_THAT(shifts_of({t1, flair}), ElementsAre(ScanShift::kInverted, ScanShift::kLowSnr));
}

class LearnDataTest : public testing::Test {
 protected:
  LearnDataTest() {
    folder.write("raw data/dataset_description.json",
                 R"({"Name": "raw", "BIDSVersion": "1.10.0", "DatasetType": "raw"})");
    describe("labels");
    options.bids_dir = folder.path() / "raw data";
    options.labels = {"labels", folder.path() / "labels"};
    options.initial_model = "none";
  }

  void describe(const std::string& dataset) const {
    folder.write(dataset + "/dataset_description.json",
                 R"({"Name": "labels", "BIDSVersion": "1.10.0", "DatasetType": "derivative",
                     "GeneratedBy": [{"Name": "hand"}]})");
  }
  void add_scan(const std::string& name) const {
    folder.write("raw data/" + name.substr(0, 6) + "/anat/" + name + ".nii.gz");
  }
  void add_labels(const std::string& name, const std::string& dataset = "labels") const {
    folder.write(dataset + "/" + name.substr(0, 6) + "/anat/" + name + "_dseg.nii.gz");
  }

  LearnData find() const {
    return find_learn_data(
        options, bids::Layout::index(options.bids_dir, {}),
        LabelDataset::open_reference(options.labels, options.labels_desc, "--labels", {}, options));
  }
  std::string refusal(ExitCode code) const {
    try {
      find();
      ADD_FAILURE() << "nothing was refused";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      return error.what();
    }
    return "";
  }
  static std::vector<std::string> images(const LearnData& data) {
    std::vector<std::string> names;
    for (const auto& scan : data.scans) names.push_back(scan.image_path.filename().string());
    return names;
  }

  TemporaryFolder folder;
  LearnOptions options;
};

TEST_F(LearnDataTest, ScansArePairedWithTheirLabelMaps) {
  add_scan("sub-01_T1w");
  add_scan("sub-02_T1w");
  add_scan("sub-03_T1w");
  add_labels("sub-01_desc-manual");
  add_labels("sub-02");
  const auto data = find();
  EXPECT_THAT(images(data), ElementsAre("sub-01_T1w.nii.gz", "sub-02_T1w.nii.gz"));
  EXPECT_EQ(data.scans[0].reference_path,
            folder.path() / "labels/sub-01/anat/sub-01_desc-manual_dseg.nii.gz");
  EXPECT_THAT(data.unused, IsEmpty());
  EXPECT_FALSE(data.initial);
  EXPECT_THAT(data.label_maps, IsEmpty());
}

TEST_F(LearnDataTest, ALabelMapBelongsToTheImageThatItsSpaceNames) {
  add_scan("sub-01_T1w");
  add_scan("sub-01_FLAIR");
  add_labels("sub-01_space-T1w");
  EXPECT_THAT(images(find()), ElementsAre("sub-01_T1w.nii.gz"));
}

TEST_F(LearnDataTest, AScanOfTwoLabelMapsIsNotUsedUnlessOneIsChosen) {
  add_scan("sub-01_T1w");
  add_scan("sub-02_T1w");
  add_labels("sub-01_desc-a");
  add_labels("sub-01_desc-b");
  add_labels("sub-02_desc-a");
  const auto data = find();
  EXPECT_THAT(images(data), ElementsAre("sub-02_T1w.nii.gz"));
  ASSERT_EQ(data.unused.size(), 1u);
  EXPECT_EQ(data.unused[0].path, "sub-01/anat/sub-01_T1w.nii.gz");
  EXPECT_THAT(data.unused[0].reason,
              AllOf(HasSubstr("sub-01_desc-a_dseg"), HasSubstr("sub-01_desc-b_dseg"),
                    HasSubstr("--labels-desc")));
  options.labels_desc = "a";
  EXPECT_THAT(images(find()), ElementsAre("sub-01_T1w.nii.gz", "sub-02_T1w.nii.gz"));
}

TEST_F(LearnDataTest, AScanThatIsALinkWithoutContentIsNotUsed) {
  add_scan("sub-01_T1w");
  add_scan("sub-02_T1w");
  const auto scan = folder.path() / "raw data/sub-02/anat/sub-02_T1w.nii.gz";
  fs::remove(scan);
  fs::create_symlink("gone", scan);
  add_labels("sub-01");
  add_labels("sub-02");
  const auto data = find();
  EXPECT_THAT(images(data), ElementsAre("sub-01_T1w.nii.gz"));
  ASSERT_EQ(data.unused.size(), 1u);
  EXPECT_THAT(data.unused[0].reason, HasSubstr("without content"));
}

TEST_F(LearnDataTest, WithoutAnyPairBothDatasetsAreNamed) {
  add_scan("sub-01_T1w");
  add_labels("sub-02");
  EXPECT_THAT(refusal(ExitCode::kNothingSelected),
              AllOf(HasSubstr("raw data: expected scans with a label map"), HasSubstr("labels"),
                    HasSubstr("found none among 1 selected scans")));
}

TEST_F(LearnDataTest, LabelsMayLieInTheDerivativesOfTheDataset) {
  add_scan("sub-01_T1w");
  for (const char* name : {"raw data/derivatives/manual", "raw data/derivatives/other"})
    describe(name);
  add_labels("sub-01", "raw data/derivatives/manual");
  options.labels = {"raw", options.bids_dir};
  const auto data = find();
  EXPECT_EQ(data.scans.at(0).reference_path,
            options.bids_dir / "derivatives/manual/sub-01/anat/sub-01_dseg.nii.gz");
  add_labels("sub-01", "raw data/derivatives/other");
  EXPECT_THAT(refusal(ExitCode::kUsage),
              AllOf(HasSubstr("--labels"), HasSubstr("manual"), HasSubstr("other")));
}

TEST_F(LearnDataTest, TheLabelTableIsDerivedFromTheLookupTablesOfTheLabels) {
  add_scan("sub-01_T1w");
  add_labels("sub-01");
  folder.write("labels/dseg.tsv", "index\tname\n2\tLeft-x\n41\tRight-x\n");
  auto data = find();
  EXPECT_TRUE(data.derive_table);
  EXPECT_EQ(data.label_table,
            "index\tname\tcontralateral\tintensity_class\tsegmentation_index\n"
            "2\tLeft-x\tn/a\tn/a\tn/a\n41\tRight-x\tn/a\tn/a\tn/a\n");
}

TEST_F(LearnDataTest, LookupTablesThatCallALabelDifferentlyAreRefused) {
  add_scan("sub-01_T1w");
  add_scan("sub-02_T1w");
  add_labels("sub-01");
  add_labels("sub-02");
  folder.write("labels/sub-01/anat/sub-01_dseg.tsv", "index\tname\n2\tcortex\n");
  folder.write("labels/sub-02/anat/sub-02_dseg.tsv", "index\tname\n2\tthalamus\n");
  const auto message = refusal(ExitCode::kSomeImagesFailed);
  EXPECT_THAT(message, AllOf(HasSubstr("sub-02_dseg.tsv"), HasSubstr("label 2"),
                             HasSubstr("cortex and thalamus"), HasSubstr("--label-table")));
}

constexpr const char* kTable =
    "index\tname\tcontralateral\tintensity_class\tsegmentation_index\n0\tbackground\t0\t0\t0\n"
    "3\tstructure\t3\t1\t3\n";

TEST_F(LearnDataTest, ATableAmongTheLabelMapsWinsOverDerivationAndAGivenOneOverBoth) {
  add_scan("sub-01_T1w");
  add_labels("sub-01");
  folder.write("maps here/b.nii.gz");
  folder.write("maps here/a.nii");
  folder.write("maps here/notes.txt");
  options.label_maps = folder.path() / "maps here";
  EXPECT_TRUE(find().derive_table);
  folder.write("maps here/labels.tsv", kTable);
  auto data = find();
  EXPECT_FALSE(data.derive_table);
  EXPECT_EQ(data.label_table, kTable);
  EXPECT_THAT(data.label_maps,
              ElementsAre(options.label_maps / "a.nii", options.label_maps / "b.nii.gz"));
  const std::string other = std::string(kTable) + "4\tanother\t4\t2\t4\n";
  folder.write("table.tsv", other);
  options.label_table = folder.path() / "table.tsv";
  EXPECT_EQ(find().label_table, other);
}

TEST_F(LearnDataTest, ATableOrMappingThatIsWrongIsNamedWithItsPath) {
  add_scan("sub-01_T1w");
  add_labels("sub-01");
  folder.write("table.tsv", "index\tname\n1\tx\n");
  options.label_table = folder.path() / "table.tsv";
  EXPECT_THAT(refusal(ExitCode::kSomeImagesFailed), HasSubstr(options.label_table.string()));
  options.label_table.clear();
  folder.write("mapping.tsv", "index\tname\n1\tx\n");
  options.label_mapping = (folder.path() / "mapping.tsv").string();
  EXPECT_THAT(refusal(ExitCode::kSomeImagesFailed), HasSubstr(options.label_mapping));
}

TEST_F(LearnDataTest, LabelMapsMayBeADerivativeDatasetOfOtherPeople) {
  add_scan("sub-01_T1w");
  add_labels("sub-01");
  describe("maps");
  add_labels("sub-91", "maps");
  add_labels("sub-92_desc-x", "maps");
  folder.write("maps/dseg.tsv", "index\tname\n7\tpons\n");
  options.label_maps = folder.path() / "maps";
  options.participant_label = {"01"};
  const auto data = find();
  EXPECT_THAT(data.label_maps,
              ElementsAre(options.label_maps / "sub-91/anat/sub-91_dseg.nii.gz",
                          options.label_maps / "sub-92/anat/sub-92_desc-x_dseg.nii.gz"));
  EXPECT_THAT(data.label_table, HasSubstr("7\tpons"));
}

TEST_F(LearnDataTest, AFolderOfLabelMapsThatIsMissingOrEmptyIsNamed) {
  add_scan("sub-01_T1w");
  add_labels("sub-01");
  options.label_maps = folder.path() / "no maps";
  EXPECT_THAT(refusal(ExitCode::kInputMissing),
              AllOf(HasSubstr("--label-maps"), HasSubstr(options.label_maps.string())));
  folder.write("no maps/readme.txt");
  EXPECT_THAT(refusal(ExitCode::kInputMissing),
              AllOf(HasSubstr(options.label_maps.string()), HasSubstr("found none")));
}

TEST_F(LearnDataTest, TheInitialModelIsOfTheDimensionsAskedFor) {
  add_scan("sub-01_T1w");
  add_labels("sub-01");
  options.initial_model = std::string(HYPERSYNTH_SOURCE_DIR) + "/models/brain33-unet16.safetensors";
  const auto data = find();
  ASSERT_TRUE(data.initial);
  EXPECT_THAT(data.label_table, HasSubstr(data.initial->labels[1].name));
  options.ndim = 2;
  EXPECT_THAT(refusal(ExitCode::kUsage), AllOf(HasSubstr("--ndim 2"), HasSubstr("3 dimensions")));
}

}  // namespace
}  // namespace hypersynth
