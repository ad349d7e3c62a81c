#include "nodes/pack_training_data.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "engine/data/packed_data.h"
#include "engine/training_fixture.h"
#include "image/nifti.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// The structures of small_table() as a lookup table has them.
constexpr const char* kLookup =
    "index\tname\n2\tLeft-White-Matter\n41\tRight-White-Matter\n14\tventricle\n"
    "500\textracerebral tissue\n";

class PackTrainingDataTest : public testing::Test {
 protected:
  PackTrainingDataTest() {
    in.label_table = format_label_table(small_table());
    add_scan("one");
    add_scan("two");
    add_scan("three", true);
  }

  std::string path_of(const std::string& name) const { return folder / (name + ".nii.gz"); }

  fs::path write(const std::string& name, const LabelMap& labels) const {
    write_labels(path_of(name), labels);
    return path_of(name);
  }

  /// A scan with its label map. A name may have spaces and letters outside ASCII.
  void add_scan(const std::string& name, bool held_out = false,
                const LabelMap& labels = small_volume()) {
    write_image(path_of(name + " T1w"), image_of(labels));
    (held_out ? in.held_out_images : in.images).emplace_back(path_of(name + " T1w"));
    (held_out ? in.held_out_references : in.references).push_back(write(name + " dseg", labels));
  }

  /// A map with the voxels of one label changed to another.
  static LabelMap with(std::int32_t from, std::int32_t to, LabelMap map = small_volume()) {
    std::replace(map.voxels.begin(), map.voxels.end(), from, to);
    return map;
  }

  PackTrainingData::Outputs run() {
    pipeline::NodeContext context("pack", fs::path(folder / "work"), {}, 0, {});
    const auto out = PackTrainingData{}.run(in, context);
    warnings = context.warnings();
    data.emplace(PackedData::open(out.data.string()));
    return out;
  }

  InputError refusal() {
    try {
      run();
    } catch (const InputError& error) {
      return error;
    }
    ADD_FAILURE() << "nothing was refused";
    return {"", "", ""};
  }

  TemporaryDir folder;
  PackTrainingData::Inputs in;
  std::vector<std::string> warnings;
  std::optional<PackedData> data;
};

TEST_F(PackTrainingDataTest, ScansAndTheirLabelMapsAreInTheFileAndTheHeldOutAreMarked) {
  const auto out = run();
  EXPECT_EQ(out.scans, 2);
  EXPECT_EQ(out.held_out, 1);
  EXPECT_EQ(out.maps, 2);
  EXPECT_THAT(out.left_out, IsEmpty());
  EXPECT_THAT(out.undrawn, IsEmpty());
  EXPECT_THAT(warnings, IsEmpty());
  ASSERT_EQ(data->real_images().size(), 3u);
  EXPECT_EQ(data->real_images()[0].name, "one T1w.nii.gz");
  EXPECT_FALSE(data->real_images()[1].validation);
  EXPECT_TRUE(data->real_images()[2].validation);
  ASSERT_EQ(data->label_maps().size(), 2u);
  EXPECT_EQ(data->label_maps()[1].name, "two dseg.nii.gz");
  EXPECT_EQ(format_label_table(data->table()), in.label_table);
}

TEST_F(PackTrainingDataTest, AScanThatCannotBeUsedIsLeftOutAndTheOthersGoOn) {
  add_scan("brökén");
  std::ofstream(path_of("brökén T1w"), std::ios::trunc) << "no image";
  add_scan("unlabelled");
  std::ofstream(path_of("unlabelled dseg"), std::ios::trunc) << "no labels";
  add_scan("other grid");
  LabelMap moved = small_volume();
  moved.grid.world_from_voxel[0][3] = 5;
  write("other grid dseg", moved);
  add_scan("other structures", true, with(41, 0, with(14, 0, with(2, 77))));
  const auto out = run();
  EXPECT_EQ(out.scans, 2);
  EXPECT_EQ(out.held_out, 1);
  EXPECT_EQ(out.maps, 2) << "label maps of scans that are left out are no source";
  ASSERT_EQ(out.left_out.size(), 4u);
  EXPECT_THAT(out.left_out[0], HasSubstr(path_of("brökén T1w")));
  EXPECT_THAT(out.left_out[1], HasSubstr(path_of("unlabelled dseg")));
  EXPECT_THAT(out.left_out[2], HasSubstr("another affine"));
  EXPECT_THAT(out.left_out[3], HasSubstr("none in common (it has 0, 77, 500)"));
  ASSERT_EQ(warnings.size(), 4u);
  EXPECT_THAT(warnings, Each(HasSubstr("is left out")));
}

TEST_F(PackTrainingDataTest, AnUnreadableReferenceIsLeftOutAlsoWhereTheTableIsDerivedFromAll) {
  in.label_table = kLookup;
  in.derive_table = true;
  std::ofstream(in.references[0].string(), std::ios::trunc) << "no labels";
  const auto out = run();
  EXPECT_EQ(out.scans, 1);
  EXPECT_EQ(out.maps, 1);
  EXPECT_THAT(out.left_out, ElementsAre(HasSubstr(in.references[0].string())));
}

TEST_F(PackTrainingDataTest, WithoutAnyUsableScanTheErrorHasPathExpectationAndReasons) {
  for (const auto& reference : in.references)
    std::ofstream(reference.string(), std::ios::trunc) << "no labels";
  auto error = refusal();
  EXPECT_EQ(error.path(), in.images[0].string());
  EXPECT_EQ(error.expected(), "a labelled scan to learn from");
  EXPECT_THAT(error.found(), HasSubstr(in.references[1].string()));
}

TEST_F(PackTrainingDataTest, WithoutAnyUsableHeldOutScanTheErrorSaysSo) {
  std::ofstream(in.held_out_images[0].string(), std::ios::trunc) << "no image";
  const auto error = refusal();
  EXPECT_EQ(error.path(), in.held_out_images[0].string());
  EXPECT_EQ(error.expected(), "a labelled scan to hold out");
}

TEST_F(PackTrainingDataTest, ATrainingOnAllScansHoldsNoneOut) {
  in.held_out_images.clear();
  in.held_out_references.clear();
  EXPECT_EQ(run().held_out, 0);
}

TEST_F(PackTrainingDataTest, AStructureThatNoReferenceHasIsUndrawn) {
  for (const auto& reference : in.references) write_labels(reference.string(), with(14, 0));
  in.label_maps = {write("map", small_volume())};
  const auto out = run();
  EXPECT_THAT(out.undrawn, ElementsAre(14));
  EXPECT_THAT(data->undrawn_labels(), ElementsAre(14));
  EXPECT_THAT(warnings,
              ElementsAre(AllOf(HasSubstr("no reference has"), HasSubstr("ventricle (14)"))));
}

TEST_F(PackTrainingDataTest, AStructureThatIsDrawnInASmallPartOfItsVolumeIsUndrawn) {
  LabelMap part = with(14, 0);
  part.at(12, 12, 12) = 14;
  for (const auto& reference : in.references) write_labels(reference.string(), part);
  in.label_maps = {write("map", small_volume())};
  EXPECT_THAT(run().undrawn, ElementsAre(14));
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("the references have 0.0 ml of it, the label maps "
                                              "0.1 ml")));
}

TEST_F(PackTrainingDataTest, StructuresThatAreGivenAsUndrawnAreBackgroundOfTheScans) {
  in.undrawn = {14, 14};
  EXPECT_THAT(run().undrawn, ElementsAre(14));
  EXPECT_THAT(warnings, IsEmpty());
  const auto& scan = data->real_images()[0];
  const auto ventricle = static_cast<std::uint8_t>(data->table().class_of(14));
  EXPECT_EQ(std::count(scan.labels, scan.labels + scan.voxel_count(), ventricle), 0);
}

TEST_F(PackTrainingDataTest, AnUndrawnStructureThatTheModelDoesNotHaveIsRefused) {
  in.undrawn = {15};
  EXPECT_THAT(refusal().expected(), HasSubstr("15 of --undrawn-labels"));
  in.undrawn = {0};
  EXPECT_THAT(refusal().expected(), HasSubstr("0 of --undrawn-labels"));
}

TEST_F(PackTrainingDataTest, LabelsAreTranslatedByTheMapping) {
  for (const auto& reference : {in.references[0], in.references[1], in.held_out_references[0]})
    write_labels(reference.string(), with(500, 9, with(14, 4)));
  in.label_mapping = "index\tmapping\n2\t2\n41\t41\n4\t14\n";
  const auto out = run();
  EXPECT_THAT(out.undrawn, IsEmpty());
  EXPECT_EQ(out.maps, 2);
  EXPECT_THAT(warnings, ElementsAre(HasSubstr(
                            "label mapping does not have are not learned from, and background "
                            "in the scores: 9")));
}

TEST_F(PackTrainingDataTest, LabelMapsToSynthesiseFromAreNotTranslated) {
  in.label_maps = {write("map", small_volume())};
  in.label_mapping = "index\tmapping\n2\t2\n41\t41\n14\t14\n500\t0\n";
  EXPECT_EQ(run().maps, 1);
}

TEST_F(PackTrainingDataTest, LabelsOutsideTheTableCountNowhereAndAreTold) {
  in.label_maps = {write("map", small_volume())};
  write_labels(in.references[1].string(), with(500, 600, with(14, 15)));
  write_labels(in.held_out_references[0].string(), with(500, 601));
  run();
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("labels of the references that the label table does "
                                              "not have count nowhere: 15, 600"),
                                    HasSubstr("held-out references that the label table does not "
                                              "have count nowhere: 601")));
  const auto& scan = data->real_images()[1];
  EXPECT_GT(std::count(scan.labels, scan.labels + scan.voxel_count(), kIgnoredVoxel), 0);
}

TEST_F(PackTrainingDataTest, ALabelMapToSynthesiseFromThatCannotBeUsedIsRefusedWithItsPath) {
  in.label_maps = {write("map", small_volume()), write("other", with(500, 600))};
  auto error = refusal();
  EXPECT_EQ(error.path(), path_of("other"));
  EXPECT_EQ(error.found(), "also 600");
  std::ofstream(path_of("other"), std::ios::trunc) << "no labels";
  EXPECT_EQ(refusal().path(), path_of("other"));
}

TEST_F(PackTrainingDataTest, ATableIsDerivedFromTheLabelsThatArePresent) {
  in.label_table = std::string(kLookup) + "99\tabsent structure\n";
  in.derive_table = true;
  run();
  EXPECT_THAT(data->table().segmentation_labels(), ElementsAre(0, 2, 14, 41));
  EXPECT_EQ(data->table().name_of(2), "left White-Matter");
  EXPECT_EQ(data->table().row_of(99), -1);
}

TEST_F(PackTrainingDataTest, ADerivedTableHasTheStructuresOfTheModelToo) {
  in.label_table = std::string(kLookup) + "99\tabsent structure\n";
  in.derive_table = true;
  in.model_labels = {0, 2, 41, 14, 99};
  EXPECT_THAT(run().undrawn, ElementsAre(99));
  EXPECT_THAT(data->table().segmentation_labels(), ElementsAre(0, 2, 14, 41, 99));
}

TEST_F(PackTrainingDataTest, ALabelThatTheLookupTableDoesNotHaveIsNamed) {
  in.label_table = "index\tname\n2\tLeft-White-Matter\n41\tRight-White-Matter\n";
  in.derive_table = true;
  const auto error = refusal();
  EXPECT_THAT(error.path(), HasSubstr("lookup table"));
  EXPECT_THAT(error.found(), HasSubstr("14, 500"));
}

TEST_F(PackTrainingDataTest, ATableWithOtherStructuresThanTheModelsIsRefusedWithBothSides) {
  in.model_labels = {0, 2, 41, 16};
  const auto error = refusal();
  EXPECT_EQ(error.path(), "label table");
  EXPECT_THAT(error.expected(), HasSubstr("structures of the initial model"));
  EXPECT_THAT(error.found(), HasSubstr("also 14 and not 16"));
  EXPECT_THAT(error.found(), HasSubstr("--initial-model none"));
  in.model_labels = {0, 2, 41, 14};
  EXPECT_EQ(run().scans, 2);
}

TEST_F(PackTrainingDataTest, EverySixthLabelMapIsSetAsideWhereThereAreSixOrMore) {
  for (int i = 0; i < 5; ++i)
    in.label_maps.push_back(write("map" + std::to_string(i), small_volume()));
  run();
  for (const auto& map : data->label_maps()) EXPECT_FALSE(map.validation);
  for (int i = 5; i < 13; ++i)
    in.label_maps.push_back(write("map" + std::to_string(i), small_volume()));
  EXPECT_EQ(run().maps, 13);
  for (std::size_t i = 0; i < 13; ++i)
    EXPECT_EQ(data->label_maps()[i].validation, i == 5 || i == 11) << i;
}

TEST_F(PackTrainingDataTest, ALabelMapOfTwoScansIsASourceOnce) {
  write_image(path_of("one T2w"), image_of(small_volume()));
  in.images.emplace_back(path_of("one T2w"));
  in.references.push_back(in.references[0]);
  const auto out = run();
  EXPECT_EQ(out.scans, 3);
  EXPECT_EQ(out.maps, 2);
}

TEST_F(PackTrainingDataTest, TheSpacingIsThatOfTheModel) {
  in.spacing_mm = 2;
  run();
  EXPECT_DOUBLE_EQ(data->spacing_mm(), 2);
  EXPECT_EQ(data->real_images()[0].shape, (std::array<std::int64_t, 3>{12, 12, 12}));
}

}  // namespace
}  // namespace hypersynth
