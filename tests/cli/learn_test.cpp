// The learn level as a user runs it: small networks of slices, trained on drawn heads.

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/bids_validator.h"
#include "cli/learn_study.h"
#include "report/page_check.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::Contains;
using testing::ContainsRegex;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

TEST_F(LearnTest, OneCommandMakesAModelThatSegments) {
  const auto before = raw_files();
  const auto result = learn(fresh({"--random-seed", "3"}));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  std::string listed;
  for (const char* file : {"models/site-model.safetensors", "models/site-model.json",
                           "models/site-model_candidates.tsv", "models/site-model_scores.tsv",
                           "learning_site-model.html"}) {
    EXPECT_TRUE(fs::is_regular_file(out + "/" + file)) << file;
    listed += out + "/" + file + "\n";
  }
  EXPECT_EQ(result.out, listed);
  EXPECT_THAT(result.err, HasSubstr("is handed out"));
  EXPECT_EQ(raw_files(), before);
  EXPECT_THAT(trainings(),
              UnorderedElementsAre("site-model_mixed.jsonl", "site-model_learn2synth.jsonl"));
  EXPECT_THAT(temporary_files(out), IsEmpty());

  const auto known = facts();
  ASSERT_TRUE(known.is_object());
  EXPECT_EQ(known.at("name"), "site-model");
  EXPECT_EQ(known.at("version"), HYPERSYNTH_VERSION);
  EXPECT_EQ(known.at("random_seed"), 3);
  EXPECT_THAT(known.at("command").get<std::string>(),
              AllOf(HasSubstr("learn"), HasSubstr(derivative.path())));
  EXPECT_EQ(known.at("people").size(), 3u);
  EXPECT_EQ(known.at("people_held_out").size(), 1u);
  EXPECT_THAT(known.at("people"), Not(Contains(known.at("people_held_out").at(0))));
  ASSERT_EQ(known.at("scans").size(), 4u);
  for (const auto& each : known.at("scans")) {
    EXPECT_EQ(each.at("image_xxh3").get<std::string>().size(), 32u);
    EXPECT_EQ(each.at("labels_xxh3").get<std::string>().size(), 32u);
  }
  ASSERT_EQ(known.at("models").size(), 2u);
  for (const auto& each : known.at("models")) {
    EXPECT_TRUE(each.at("held_out_dice").is_number());
    EXPECT_EQ(each.at("chosen").get<bool>(), each.at("name") == known.at("method"));
    EXPECT_EQ(each.contains("why_not"), !each.at("chosen").get<bool>());
  }

  const auto page = parse_page(read_text(out + "/learning_site-model.html"));
  EXPECT_EQ(problems_of(page), std::vector<std::string>());
  for (const char* text : {"mixed", "learn2synth", "midline"})
    EXPECT_THAT(page.text, HasSubstr(text));

  const auto used = hypersynth_run({data.path(), folder / "used", "participant", "--model", model(),
                                    "--participant-label", "01"});
  EXPECT_EQ(used.exit_code, 0) << used.err;
  EXPECT_TRUE(fs::exists(folder / "used/sub-01/anat/sub-01_space-T1w_desc-hypersynth_dseg.nii.gz"));
}

TEST_F(LearnTest, TheBidsValidatorMissesNothingButPeople) {
  ASSERT_EQ(learn(fresh({"--method", "supervised"})).exit_code, 0);
  const auto findings = validate_bids(out);
  if (!findings) GTEST_SKIP() << "the BIDS validator is absent: it needs npm and its registry";
  // It has no people: they are in the outputs of the participant level.
  EXPECT_EQ(errors_among(*findings), "SUBJECT_FOLDERS  /dataset_description.json\n");
}

TEST_F(LearnTest, AnotherRunDoesNothingAgainUntilAnInputChanges) {
  const auto options = fresh({"--method", "supervised"});
  ASSERT_EQ(learn(options).exit_code, 0);
  const auto bytes = read_text(model());
  const auto again = learn(options);
  EXPECT_EQ(again.exit_code, 0) << again.err;
  for (const char* step : {"pack", "supervised.train", "supervised.score"})
    EXPECT_THAT(again.err, HasSubstr(std::string(step) + ": finished before"));
  EXPECT_THAT(again.err, Not(HasSubstr("begins")));
  EXPECT_EQ(read_text(model()), bytes);
  EXPECT_THAT(trainings(), ElementsAre("site-model_supervised.jsonl"));

  derivative.add_image(labels(2), draw_labels(9));
  auto dry = options;
  dry.emplace_back("--dry-run");
  const auto plan = learn(dry);
  EXPECT_EQ(plan.exit_code, 0);
  EXPECT_THAT(plan.out, ContainsRegex("pack +run +.*sub-02_desc-manual_dseg.nii.gz"));
  const auto changed = learn(options);
  EXPECT_EQ(changed.exit_code, 0) << changed.err;
  EXPECT_THAT(changed.err, HasSubstr("supervised.train begins"));
  EXPECT_NE(tensors_of(model()), "");
}

TEST_F(LearnTest, NothingWorseThanTheInitialModelIsHandedOut) {
  const auto first = learn(fresh({"--method", "supervised", "--model-name", "first",
                                  "--training-options=--levels 3 --batch-size 4"},
                                 "50"));
  ASSERT_EQ(first.exit_code, 0) << first.err;
  const std::vector<std::string> tuning{"--initial-model", model("first"), "--method", "finetune",
                                        "--training-options=--patch 32x32"};
  auto harmful = tuning;
  harmful.insert(harmful.end(), {"--model-name", "harmed", "--steps", "1",
                                 "--training-options=--learning-rate 1"});
  const auto harmed = learn(harmful);
  EXPECT_EQ(harmed.exit_code, 0) << harmed.err;
  EXPECT_THAT(harmed.err, HasSubstr("Nothing was gained"));
  EXPECT_THAT(harmed.err, HasSubstr("finetune: It"));
  EXPECT_EQ(tensors_of(model("harmed")), tensors_of(model("first")));
  const auto known = facts("harmed");
  EXPECT_EQ(known.at("method"), "initial");
  EXPECT_EQ(known.at("initial_model").at("name"), "first");
  EXPECT_EQ(known.at("models").at(0).at("name"), "initial");
  EXPECT_EQ(known.at("models").at(0).at("chosen"), true);
  EXPECT_EQ(known.at("models").at(1).at("chosen"), false);

  auto helpful = tuning;
  helpful.insert(helpful.end(), {"--model-name", "tuned", "--steps", "10"});
  const auto tuned = learn(helpful);
  EXPECT_EQ(tuned.exit_code, 0) << tuned.err;
  const auto models = facts("tuned").at("models");
  bool better = models.at(1).at("held_out_dice") > models.at(0).at("held_out_dice");
  for (const char* images : {"synthetic", "inverted", "t2_like", "low_snr"})
    better = better && models.at(1).at(images + std::string("_change")) >= -0.005;
  EXPECT_EQ(models.at(1).at("chosen"), better);
  EXPECT_EQ(tensors_of(model("tuned")) == tensors_of(model("first")), !better);

  // A run would replace what it begins with.
  const auto replaced =
      learn({"--initial-model", model("first"), "--model-name", "first", "--dry-run"});
  EXPECT_EQ(replaced.exit_code, 64);
  EXPECT_THAT(replaced.err, HasSubstr("--model-name"));
}

TEST_F(LearnTest, ADatasetWithTheLabelsInItsDerivativesMayBeCalledRaw) {
  const std::string raw = folder / "raw";
  fs::create_directory_symlink(data.path(), raw);
  const auto result = hypersynth_run({raw, out, "learn", "--labels", raw, "--dry-run"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("4 labelled scans"));
}

TEST_F(LearnTest, EveryPersonIsHeldOutOnceWithFolds) {
  const auto result = learn(fresh({"--method", "supervised", "--folds", "2"}));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  for (const char* step : {"fold-1.supervised.score", "fold-2.supervised.score"})
    EXPECT_THAT(result.err, HasSubstr(std::string(step) + ": done"));
  EXPECT_THAT(result.err, HasSubstr("all.supervised.train: done"));
  EXPECT_THAT(result.err, HasSubstr("each held out once, in 2 parts"));
  EXPECT_EQ(facts().at("folds"), 2);
  EXPECT_EQ(facts().at("people_held_out").size(), 4u);
  const auto scores = read_text(out + "/models/site-model_scores.tsv");
  for (int subject = 1; subject <= 4; ++subject) EXPECT_THAT(scores, HasSubstr(name(subject)));
  EXPECT_THAT(trainings(), UnorderedElementsAre("site-model_fold-1_supervised.jsonl",
                                                "site-model_fold-2_supervised.jsonl",
                                                "site-model_all_supervised.jsonl"));
}

TEST_F(LearnTest, ADryRunSaysWhatWouldBeDoneAndWritesNothing) {
  const auto text = learn(fresh({"--dry-run", "--validation", "03"}));
  EXPECT_EQ(text.exit_code, 0) << text.err;
  for (const char* words : {"4 labelled scans", "to learn from: sub-01, sub-02, sub-04",
                            "held out: sub-03", "candidate mixed", "mixed.train"})
    EXPECT_THAT(text.out, HasSubstr(words));
  const auto plan = json::parse(learn(fresh({"--dry-run", "--json", "--folds", "2"})).out);
  EXPECT_EQ(plan.at("scans").size(), 4u);
  EXPECT_EQ(plan.at("splits").size(), 2u);
  EXPECT_EQ(plan.at("candidates").at(0).at("name"), "mixed");
  EXPECT_EQ(plan.at("steps").at(0).at("node"), "fold-1.pack");
  const auto limited = learn(fresh({"--dry-run", "--folds", "2", "--time-limit", "10"}));
  EXPECT_THAT(limited.out, HasSubstr("--time-limit-s 120"));  // four trainings and the last one
  EXPECT_FALSE(fs::exists(out));
}

TEST_F(LearnTest, AScanWhoseLabelsDoNotFitIsLeftOut) {
  derivative.add_image(labels(2), draw_labels(2, kSide / 2));
  fs::remove(fs::path(derivative.path()) / labels(3));
  const auto result = learn(fresh({"--method", "supervised", "--validation", "sub-01"}));
  EXPECT_EQ(result.exit_code, 65) << result.err;
  EXPECT_THAT(result.err, HasSubstr(scan(2) + " is left out: "));
  EXPECT_TRUE(fs::exists(model()));
  ASSERT_EQ(facts().at("left_out").size(), 1u);
  EXPECT_THAT(facts().at("left_out").at(0).get<std::string>(), HasSubstr(scan(2)));
}

TEST_F(LearnTest, LabelsOfAnotherProtocolAreMapped) {
  std::ofstream(folder / "mapping.tsv") << "index\tmapping\n2\t10\n41\t20\n3\tn/a\n";
  std::ofstream(folder / "labels.tsv")
      << "index\tname\tcontralateral\tintensity_class\tsegmentation_index\n"
         "0\tbackground\t0\t0\t0\n10\tleft half\t20\t1\t10\n20\tright half\t10\t1\t20\n";
  const auto result =
      learn(fresh({"--method", "supervised", "--label-mapping", folder / "mapping.tsv",
                   "--label-table", folder / "labels.tsv"}));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto scores = read_text(out + "/models/site-model_scores.tsv");
  EXPECT_THAT(scores, AllOf(HasSubstr("left half"), HasSubstr("right half")));
  EXPECT_EQ(learn(fresh({"--label-mapping", "no-such"})).exit_code, 66);
}

TEST_F(LearnTest, StructuresThatNobodyDrewAreOneWarning) {
  derivative.add_text("desc-manual_dseg.tsv", std::string(kLookupTable) + "4\tventricle\n");
  Image with_ventricle = draw_labels(1);
  with_ventricle.at(16, 16, 10) = 4;
  derivative.add_image(labels(1), with_ventricle);  // held out
  fs::create_directories(folder / "maps");
  fs::copy(derivative.path() + "/" + labels(1), folder / "maps/one.nii.gz");
  std::ofstream(folder / "maps/labels.tsv")
      << "index\tname\tcontralateral\tintensity_class\tsegmentation_index\n"
         "0\tbackground\t0\t0\t0\n2\tleft hemisphere\t41\t1\t2\n3\tmidline\t3\t2\t3\n"
         "4\tventricle\t4\t3\t4\n41\tright hemisphere\t2\t1\t41\n";
  const auto result = learn(
      fresh({"--method", "supervised", "--validation", "01", "--label-maps", folder / "maps"}));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("no reference has ventricle (4)"));
  EXPECT_EQ(facts().at("undrawn_labels"), json::array({4}));
  EXPECT_EQ(facts().at("label_maps"), 1);
  EXPECT_THAT(read_text(out + "/models/site-model_scores.tsv"), Not(HasSubstr("ventricle")));
}

TEST_F(LearnTest, OneLabelledPersonIsNotEnough) {
  for (int subject = 2; subject <= 4; ++subject)
    fs::remove(fs::path(derivative.path()) / labels(subject));
  const auto result = learn(fresh({}));
  EXPECT_EQ(result.exit_code, 18) << result.err;
  EXPECT_THAT(result.err, HasSubstr("at least 2 people"));
  EXPECT_THAT(result.err, HasSubstr("sub-01"));
  EXPECT_FALSE(fs::exists(model()));
}

TEST_F(LearnTest, LabelsWithoutANameAreToldWithWhatHelps) {
  fs::remove(fs::path(derivative.path()) / "desc-manual_dseg.tsv");
  const auto result = learn(fresh({}));
  EXPECT_EQ(result.exit_code, 65) << result.err;
  EXPECT_THAT(result.err, HasSubstr("--label-table"));
  EXPECT_THAT(result.err, HasSubstr("2, 3, 41"));
  derivative.add_text("desc-manual_dseg.tsv",
                      "index\tname\n0\tbackground\n2\tleft hemisphere\n3\tmidline\n41\tother\n");
  const auto unpaired = learn(fresh({}));
  EXPECT_EQ(unpaired.exit_code, 65) << unpaired.err;
  EXPECT_THAT(unpaired.err, HasSubstr("contralateral"));
}

TEST_F(LearnTest, WrongUseIsToldInOneMessageThatNamesWhatIsWrong) {
  std::ofstream(folder / "broken.safetensors") << "no model";
  fs::create_directories(folder / "empty");
  struct Case {
    std::vector<std::string> options;
    int code;
    std::string named;
  };
  const std::vector<Case> cases = {
      {{"--validation", "77"}, 64, "77"},
      {{"--validation", "1.5"}, 64, "between 0 and 1"},
      {{"--validation", "01", "02", "03", "04"}, 64, "nobody is left"},
      {{"--folds", "9"}, 18, "as many folds"},
      {{"--label-maps", folder / "nowhere"}, 66, "--label-maps"},
      {{"--label-maps", folder / "empty"}, 66, "found none"},
      {{"--label-table", folder / "nowhere.tsv"}, 64, "nowhere.tsv"},
      {{"--method", "finetune"}, 64, "--initial-model"},
      {{"--initial-model", folder / "broken.safetensors"}, 65, "broken.safetensors"},
      {{"--initial-model", folder / "nowhere.safetensors"}, 64, "nowhere.safetensors"},
      {{"--model-name", "../x"}, 64, "--model-name"},
      {{"--labels-desc", "other"}, 18, "desc-other"},
      {{"--participant-label", "77"}, 64, "77"},
      {{"--batch", "1/2"}, 64, "--batch"},
      {{"--json"}, 64, "--dry-run"},
      {{"--training-options=--colour red"}, 64, "--colour"},
      {{"--augmentation", "sharpen"}, 64, "unknown augmentation 'sharpen'"},
      {{"--steps", "0"}, 64, "--steps"},
  };
  for (const auto& wrong : cases) {
    auto options = fresh({});
    const bool own_model = wrong.options.front() == "--initial-model";
    if (own_model) options = {};
    options.insert(options.end(), wrong.options.begin(), wrong.options.end());
    const auto result = learn(options);
    EXPECT_EQ(result.exit_code, wrong.code) << wrong.options.front() << result.err;
    EXPECT_THAT(result.err, HasSubstr(wrong.named)) << wrong.options.front();
    EXPECT_FALSE(fs::exists(model())) << wrong.options.front();
  }
  const std::pair<std::string, int> places[] = {
      {"nowhere", 66}, {"empty", 16}, {"study/derivatives", 16}};
  for (const auto& [place, code] : places) {
    const auto result = hypersynth_run({data.path(), out, "learn", "--labels", folder / place});
    EXPECT_EQ(result.exit_code, code) << place << result.err;
    EXPECT_THAT(result.err, HasSubstr(place));
  }
  const auto no_labels = hypersynth_run({data.path(), out, "learn"});
  EXPECT_EQ(no_labels.exit_code, 64);
  EXPECT_THAT(no_labels.err, HasSubstr("--labels"));
  const auto default_in_2d = learn({"--ndim", "2"});
  EXPECT_EQ(default_in_2d.exit_code, 64);
  EXPECT_THAT(default_in_2d.err, HasSubstr("--initial-model none"));
  const auto elsewhere =
      hypersynth_run({data.path(), out, "participant", "--labels", derivative.path()});
  EXPECT_EQ(elsewhere.exit_code, 64);
  EXPECT_THAT(elsewhere.err, HasSubstr("belongs to the learn level"));
}

TEST_F(LearnTest, NothingIsWrittenIntoTheRawDataOrTheLabels) {
  for (const std::string& place : {data.path() + "/out", derivative.path() + "/out"}) {
    out = place;
    const auto result = learn(fresh({}));
    EXPECT_EQ(result.exit_code, 64) << result.err;
    EXPECT_THAT(result.err, HasSubstr("lies inside"));
    EXPECT_FALSE(fs::exists(place));
  }
  out = folder / "out";
  fs::create_directories(out);
  fs::create_directory_symlink(data.path(), out + "/models");
  const auto linked = learn(fresh({}));
  EXPECT_EQ(linked.exit_code, 64) << linked.err;
  EXPECT_FALSE(fs::exists(data.path() + "/site-model.safetensors"));
}

/// Runs that are stopped while they train.
class StoppedLearnTest : public LearnTest {
 protected:
  static std::vector<std::string> options() {
    return fresh({"--method", "mixed", "--training-options=--checkpoint-every 20"}, "160");
  }

  static int lines_of(const std::string& path) {
    const auto text = read_text(path);
    return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
  }

  /// Waits until `lines` lines of the training's log are written; false where the run ended before.
  bool wait_for(Process& process, int lines) const {
    while (lines_of(out + "/work-learn/training/site-model_mixed/training.jsonl") < lines) {
      if (!process.running()) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
  }

  /// The weights of an undisturbed run into another folder.
  std::string undisturbed() {
    const std::string own = out;
    out = folder / "undisturbed";
    const auto result = learn(options());
    EXPECT_EQ(result.exit_code, 0) << result.err;
    const auto weights = tensors_of(model());
    out = own;
    return weights;
  }
};

TEST_F(StoppedLearnTest, AKilledTrainingGoesOnToTheSameWeights) {
  for (const int lines : {5, 50, 110}) {
    Process process(command(options()));
    ASSERT_TRUE(wait_for(process, lines)) << process.wait().err;
    process.send(SIGKILL);
    EXPECT_EQ(process.wait().signal, SIGKILL);
    EXPECT_FALSE(fs::exists(model()));
  }
  const auto result = learn(options());
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(tensors_of(model()), undisturbed());
  EXPECT_THAT(trainings(), ElementsAre("site-model_mixed.jsonl"));
}

TEST_F(StoppedLearnTest, ASignalEndsItWithACheckpointAndTheNextRunGoesOn) {
  for (const auto& [signal, lines] : {std::pair{SIGTERM, 30}, std::pair{SIGINT, 90}}) {
    Process process(command(options()));
    ASSERT_TRUE(wait_for(process, lines)) << process.wait().err;
    process.send(signal);
    const auto result = process.wait();
    EXPECT_EQ(result.exit_code, 130) << result.err;
    EXPECT_THAT(result.err, HasSubstr("run again to go on"));
    EXPECT_THAT(result.err, Not(HasSubstr("error")));
    EXPECT_TRUE(fs::exists(out + "/work-learn/training/site-model_mixed/checkpoint.safetensors"));
  }
  const auto result = learn(options());
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(tensors_of(model()), undisturbed());
}

TEST_F(StoppedLearnTest, ARunWithOtherOptionsIsRefusedTheFolderThatOneTrainsIn) {
  Process first(command(options()));
  ASSERT_TRUE(wait_for(first, 5)) << first.wait().err;
  auto other = options();
  other.insert(other.end(), {"--training-options=--learning-rate 0.5"});
  const auto refused = learn(other);
  EXPECT_EQ(refused.exit_code, 65) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("another run trains in this folder"));
  EXPECT_THAT(refused.err, HasSubstr("--model-name"));
  const auto result = first.wait();
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(tensors_of(model()), undisturbed());
}

TEST_F(StoppedLearnTest, AParticipantRunLeavesWhatLearnNeedsToGoOn) {
  Process process(command(options()));
  ASSERT_TRUE(wait_for(process, 50)) << process.wait().err;
  process.send(SIGKILL);
  process.wait();
  hypersynth_run({data.path(), out, "participant", "--fast", "--participant-label", "01"});
  EXPECT_TRUE(fs::exists(out + "/work-learn/training/site-model_mixed/checkpoint.safetensors"));
  const auto result = learn(options());
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("pack: finished before"));
}

TEST_F(StoppedLearnTest, TwoRunsShareAnOutputFolder) {
  Process first(command(options()));
  Process second(command(options()));
  const auto first_result = first.wait();
  const auto second_result = second.wait();
  EXPECT_EQ(first_result.exit_code, 0) << first_result.err;
  EXPECT_EQ(second_result.exit_code, 0) << second_result.err;
  EXPECT_EQ(tensors_of(model()), undisturbed());
  EXPECT_THAT(trainings(), ElementsAre("site-model_mixed.jsonl"));
}

}  // namespace
}  // namespace hypersynth
