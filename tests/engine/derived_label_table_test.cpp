#include "engine/data/derived_label_table.h"

#include <fstream>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "support/mutated_text.h"
#include "support/shared_data.h"
#include "support/table_error.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

/// A table shaped like that of FreeSurfer.
const std::string kFreeSurfer =
    "index\tname\tR\tG\tB\n"
    "0\tUnknown\t0\t0\t0\n"
    "2\tLeft-Cerebral-White-Matter\t1\t1\t1\n"
    "3\tLeft-Cerebral-Cortex\t1\t1\t1\n"
    "14\t3rd-Ventricle\t1\t1\t1\n"
    "30\tLeft-vessel\t1\t1\t1\n"
    "41\tRight-Cerebral-White-Matter\t1\t1\t1\n"
    "42\tRight-Cerebral-Cortex\t1\t1\t1\n"
    "62\tRight-vessel\t1\t1\t1\n"
    "77\tWM-hypointensities\t1\t1\t1\n"
    "630\tCerebellar-Vermal-Lobules-I-V\t1\t1\t1\n"
    "1035\tctx-lh-insula\t1\t1\t1\n"
    "2035\tctx-rh-insula\t1\t1\t1\n";

LabelTable derived(const std::string& text, const std::set<std::int32_t>& present) {
  return derive_label_table(parse_label_descriptions(text, "t.tsv"), present, "t.tsv");
}

/// The rows as lines of a label table, without the line of column names.
std::string rows_of(const LabelTable& table) {
  const auto text = format_label_table(table);
  return text.substr(text.find('\n') + 1);
}

std::string rows_of(const std::string& text, const std::set<std::int32_t>& present) {
  return rows_of(derived(text, present));
}

void expect_refused(const std::string& text, const std::set<std::int32_t>& present,
                    const std::string& expected, const std::string& found) {
  expect_table_error([&] { derived(text, present); }, expected, found);
}

void expect_unreadable(const std::string& text, const std::string& expected,
                       const std::string& found) {
  expect_table_error([&] { parse_label_descriptions(text, "t.tsv"); }, expected, found);
}

TEST(LabelDescriptionsTest, GivenValuesAreReadAndAbsentOnesAreEmpty) {
  const auto labels = parse_label_descriptions(
      "\xef\xbb\xbfsegmentation_index\tname\tcolor\tindex\tintensity_class\tcontralateral\r\n"
      "0\tleft vessel\tno colour\t30\t7\t62\r\n\r\n"
      "n/a\tright vessel\t\t62\t\tn/a\r\n",
      "t.tsv");
  ASSERT_EQ(labels.size(), 2u);
  EXPECT_EQ(labels[0].index, 30);
  EXPECT_EQ(labels[0].name, "left vessel");
  EXPECT_EQ(labels[0].contralateral, 62);
  EXPECT_EQ(labels[0].intensity_class, 7);
  EXPECT_EQ(labels[0].segmentation_index, 0);
  EXPECT_FALSE(labels[1].contralateral || labels[1].intensity_class ||
               labels[1].segmentation_index);
}

TEST(LabelDescriptionsTest, IndexAndNameAreEnough) {
  const auto labels = parse_label_descriptions("index\tname\n2\tx", "t.tsv");
  ASSERT_EQ(labels.size(), 1u);
  EXPECT_FALSE(labels[0].contralateral.has_value());
}

TEST(LabelDescriptionsTest, FaultsNameTheLine) {
  expect_unreadable("", "a line of column names", "an empty file");
  expect_unreadable("index\tlabel\n2\ta\n", "a column 'name'", "columns index, label");
  expect_unreadable("name\n", "a column 'index'", "columns name");
  expect_unreadable("index\tname\n2\ta\tb\n", "2 fields in line 2", "3");
  expect_unreadable("index\tname\n2\ta\n\n2\tb\n", "an index that occurs once", "'2'");
  expect_unreadable("index\tname\n2\ta\n\n2\tb\n", "line 4", "'2'");
  for (const char* name : {"", "n/a"})
    expect_unreadable("index\tname\n2\t" + std::string(name) + "\n", "a name in column 'name'",
                      "'" + std::string(name) + "'");
  for (const char* index : {"x", "1.5", "", "n/a", "2147483648", "7 "})
    expect_unreadable("index\tname\n1\ta\n" + std::string(index) + "\tb\n",
                      "an integer in column 'index', line 3", "'" + std::string(index) + "'");
  expect_unreadable("index\tname\n-2\ta\n", "a whole number in column 'index', line 2", "'-2'");
  for (const std::string column : {"contralateral", "intensity_class", "segmentation_index"}) {
    const auto head = "index\tname\t" + column + "\n1\ta\t";
    expect_unreadable(head + "left\n", "an integer in column '" + column + "', line 2", "'left'");
    expect_unreadable(head + "-1\n", "a whole number in column '" + column + "', line 2", "'-1'");
  }
}

TEST(LabelDescriptionsTest, FilesAreReadAndMissingOrHugeOnesAreRefused) {
  const TemporaryDir dir;
  const std::string path = dir / "t.tsv";
  EXPECT_THROW(read_label_descriptions(path), InputError);
  std::ofstream(path) << "index\tname\n2\ta\n";
  EXPECT_EQ(read_label_descriptions(path).size(), 1u);
  std::ofstream(path) << "index\tname\n" << std::string((1 << 20) + 1, '\n');
  EXPECT_THROW(read_label_descriptions(path), InputError);
}

TEST(DerivedLabelTableTest, NamesAsFreeSurferWritesThemAreEnough) {
  EXPECT_EQ(rows_of(kFreeSurfer, {2, 3, 14, 30, 41, 42, 62, 77, 630, 1035, 2035}),
            "0\tUnknown\t0\t0\t0\n"
            "2\tleft Cerebral-White-Matter\t41\t1\t2\n"
            "3\tleft Cerebral-Cortex\t42\t2\t3\n"
            "14\t3rd-Ventricle\t14\t3\t14\n"
            "30\tleft vessel\t62\t4\t30\n"
            "41\tright Cerebral-White-Matter\t2\t1\t41\n"
            "42\tright Cerebral-Cortex\t3\t2\t42\n"
            "62\tright vessel\t30\t4\t62\n"
            "77\tWM-hypointensities\t77\t5\t77\n"
            "630\tCerebellar-Vermal-Lobules-I-V\t630\t6\t630\n"
            "1035\tleft ctx-insula\t2035\t7\t1035\n"
            "2035\tright ctx-insula\t1035\t7\t2035\n");
}

TEST(DerivedLabelTableTest, OnlyPresentLabelsAndTheBackgroundGetRows) {
  EXPECT_EQ(rows_of(kFreeSurfer, {14}), "0\tUnknown\t0\t0\t0\n14\t3rd-Ventricle\t14\t1\t14\n");
  EXPECT_EQ(rows_of(kFreeSurfer, {0}), "0\tUnknown\t0\t0\t0\n");
  EXPECT_EQ(rows_of(kFreeSurfer, {}), "0\tUnknown\t0\t0\t0\n");
}

TEST(DerivedLabelTableTest, TheBackgroundNeedNotBeDescribed) {
  EXPECT_EQ(rows_of("index\tname\n14\tx\n", {0, 14}), "0\tbackground\t0\t0\t0\n14\tx\t14\t1\t14\n");
}

TEST(DerivedLabelTableTest, AllPresentLabelsThatAreNotDescribedAreNamed) {
  expect_refused(kFreeSurfer, {14, 91, 92}, "a row for every label of the label maps",
                 "none for 91, 92");
  expect_refused(kFreeSurfer, {-3}, "a row for every label", "none for -3");
  std::set<std::int32_t> many;
  for (int label = 5000; label < 8000; ++label) many.insert(label);
  expect_refused(kFreeSurfer, many, "a row for every label", "5009 and 2990 more");
}

TEST(DerivedLabelTableTest, TheOtherSideGetsARowThoughNoLabelMapHasIt) {
  EXPECT_EQ(rows_of(kFreeSurfer, {30}),
            "0\tUnknown\t0\t0\t0\n"
            "30\tleft vessel\t62\t1\t30\n"
            "62\tright vessel\t30\t1\t62\n");
}

TEST(DerivedLabelTableTest, AStructureThatIsSegmentedAsAnotherBringsItsRow) {
  EXPECT_EQ(
      rows_of("index\tname\tsegmentation_index\n"
              "2\tLeft-WM\tn/a\n41\tRight-WM\tn/a\n25\tLeft-lesion\t2\n57\tRight-lesion\t41\n",
              {25}),
      "0\tbackground\t0\t0\t0\n"
      "2\tleft WM\t41\t1\t2\n"
      "25\tleft lesion\t57\t2\t2\n"
      "41\tright WM\t2\t1\t41\n"
      "57\tright lesion\t25\t2\t41\n");
}

TEST(DerivedLabelTableTest, LabelsWhoseOtherSideIsUnknownAreNamedWithTheColumnToAdd) {
  expect_refused("index\tname\n2\tLeft-A\n3\tB_R\n4\tC\n", {2, 3, 4}, "a column contralateral",
                 "none for 2 (Left-A), none for 3 (B_R)");
}

TEST(DerivedLabelTableTest, AColumnContralateralSaysWhatNamesDoNot) {
  EXPECT_EQ(
      rows_of("index\tname\tcontralateral\n2\tLeft-A\t2\n3\tLeft-B\tn/a\n4\tRight-B\t\n", {2, 3}),
      "0\tbackground\t0\t0\t0\n"
      "2\tleft A\t2\t1\t2\n"
      "3\tleft B\t4\t2\t3\n"
      "4\tright B\t3\t2\t4\n");
}

TEST(DerivedLabelTableTest, AGivenContralateralWinsOverTheName) {
  EXPECT_EQ(rows_of("index\tname\tcontralateral\tsegmentation_index\n"
                    "2\tleft A\t5\t0\n3\tright A\t3\t0\n5\tright A'\t2\t0\n",
                    {2, 3}),
            "0\tbackground\t0\t0\t0\n"
            "2\tleft A\t5\t1\t0\n"
            "3\tright A\t3\t2\t0\n"
            "5\tright A\t2\t1\t0\n");
}

TEST(DerivedLabelTableTest, ContralateralStructuresNameEachOther) {
  expect_refused("index\tname\tcontralateral\n2\ta\t3\n3\tb\t3\n", {2}, "name each other",
                 "2 -> 3");
  expect_refused("index\tname\tcontralateral\n2\ta\t9\n", {2}, "a row for every label",
                 "none for 9 (contralateral of 2)");
  expect_refused("index\tname\tsegmentation_index\n2\ta\t9\n", {2}, "a row for every label",
                 "none for 9 (segmentation_index of 2)");
}

TEST(DerivedLabelTableTest, AmongSeveralLabelsWithTheNameOfTheOtherSideThePresentOneIsTaken) {
  const std::string text = "index\tname\n2\tLeft-A\n3\tRight-A\n4\tright a\n";
  EXPECT_EQ(derived(text, {2, 4}).rows()[1].contralateral, 4);
  EXPECT_EQ(derived(text, {2, 3}).rows()[1].contralateral, 3);
  EXPECT_EQ(derived(text, {2}).rows()[1].contralateral, 3) << "spelled the same";
  expect_refused("index\tname\n2\tLeft-A\n3\tRight-A\n4\tRight-A\n", {2, 3, 4},
                 "a column contralateral", "several for 2 (Left-A): 3 (Right-A) and 4 (Right-A)");
}

TEST(DerivedLabelTableTest, BothSidesAreSpelledAsTheLeftOneIs) {
  EXPECT_EQ(rows_of("index\tname\n1\thippocampus_R\n2\tLeft-Hippocampus\n", {1, 2}),
            "0\tbackground\t0\t0\t0\n"
            "1\tright Hippocampus\t2\t1\t1\n"
            "2\tleft Hippocampus\t1\t1\t2\n");
}

TEST(DerivedLabelTableTest, AModelMustFindTheMirrorOfSegmentedStructuresByTheirNames) {
  const std::string head = "index\tname\tcontralateral\tsegmentation_index\n";
  expect_refused(head + "2\tA\t3\t2\n3\tB\t2\t3\n", {2, 3}, "but for left and right",
                 "A (2) with contralateral B (3)");
  expect_refused(head + "2\tleft A\t2\t2\n3\tright A\t3\t3\n", {2, 3}, "but for left and right",
                 "left A (2) with contralateral left A (2)");
  EXPECT_EQ(derived(head + "2\tA\t3\t0\n3\tB\t2\t0\n", {2, 3}).rows()[1].contralateral, 3)
      << "not segmented: the model does not know them";
}

TEST(DerivedLabelTableTest, ANameIsMoreThanASide) {
  expect_refused("index\tname\n2\tLeft\n3\tright\n", {2, 3}, "names with letters or digits",
                 "2 (Left), 3 (right)");
  expect_refused("index\tname\n2\t  \n", {2}, "names with letters or digits", "2 (  )");
}

TEST(DerivedLabelTableTest, GivenIntensityClassesLoseTheGapsOfAbsentLabels) {
  const std::string text =
      "index\tname\tintensity_class\n"
      "0\tbg\t0\n2\tleft a\t9\n3\tb\t4\n4\tc\t9\n41\tright a\t20\n50\tabsent\t2\n51\tempty\tn/a\n";
  EXPECT_EQ(rows_of(text, {2, 3, 4, 41}),
            "0\tbg\t0\t0\t0\n"
            "2\tleft a\t41\t2\t2\n"
            "3\tb\t3\t1\t3\n"
            "4\tc\t4\t2\t4\n"
            "41\tright a\t2\t3\t41\n");
}

TEST(DerivedLabelTableTest, APartlyFilledIntensityClassIsRefusedWithTheLabelsThatHaveNone) {
  const std::string text =
      "index\tname\tintensity_class\n2\tleft a\t1\n3\tb\t2\n41\tright a\tn/a\n5\tc\t\n";
  expect_refused(text, {2, 3}, "intensity_class", "none for 41 (right a)");
  expect_refused(text, {2, 3, 5}, "intensity_class", "none for 5 (c), 41 (right a)");
  EXPECT_EQ(rows_of(text, {5}), "0\tbackground\t0\t0\t0\n5\tc\t5\t1\t5\n");
}

TEST(DerivedLabelTableTest, TheBackgroundIsInClass0AndNotSegmented) {
  expect_refused("index\tname\tintensity_class\n0\tbg\t1\n2\ta\t2\n", {2}, "the background",
                 "class 1");
  expect_refused("index\tname\tsegmentation_index\n0\tbg\t2\n2\ta\t2\n", {2}, "the background",
                 "segmented as 2");
}

TEST(DerivedLabelTableTest, ExtracerebralTissueIsNotSegmentedUnlessTheTableSaysSo) {
  const auto table = derived(
      "index\tname\tsegmentation_index\n"
      "5\tExtracerebral skull\tn/a\n6\textracerebral skin\t6\n7\tExtracerebral fat, left\t\n"
      "8\textracerebral fat, right\t\n",
      {5, 6, 7});
  EXPECT_EQ(rows_of(table),
            "0\tbackground\t0\t0\t0\n"
            "5\textracerebral skull\t5\t1\t0\n"
            "6\textracerebral skin\t6\t2\t6\n"
            "7\textracerebral fat, left\t8\t3\t0\n"
            "8\textracerebral fat, right\t7\t3\t0\n");
  for (int row = 1; row < 5; ++row) EXPECT_TRUE(table.extracerebral(row));
}

TEST(DerivedLabelTableTest, ACompleteLabelTableGivesItself) {
  const std::string text =
      "index\tname\tcontralateral\tintensity_class\tsegmentation_index\n"
      "0\tbackground\t0\t0\t0\n"
      "2\tleft white matter\t41\t1\t2\n"
      "25\tleft lesion\t57\t2\t2\n"
      "41\tright white matter\t2\t3\t41\n"
      "57\tright lesion\t25\t2\t41\n";
  EXPECT_EQ(format_label_table(derived(text, {2, 25, 41, 57})), text);
}

TEST(DerivedLabelTableTest, TheTableOfTheSharedLabelMapsGivesItself) {
  HYPERSYNTH_NEED_SHARED_DATA();
  const auto path = (shared_data_dir() / "data/label-maps/labels.tsv").string();
  const auto given = read_label_table(path);
  std::set<std::int32_t> present;
  for (const auto& row : given.rows()) present.insert(row.index);
  const auto table = derive_label_table(read_label_descriptions(path), present, path);
  ASSERT_EQ(table.rows().size(), given.rows().size());
  for (const auto& row : table.rows()) {
    const auto& same = given.rows()[static_cast<std::size_t>(given.row_of(row.index))];
    EXPECT_EQ(row.name, same.name);
    EXPECT_EQ(row.contralateral, same.contralateral) << row.name;
    EXPECT_EQ(row.intensity_class, same.intensity_class) << row.name;
    EXPECT_EQ(row.segmentation_index, same.segmentation_index) << row.name;
  }
}

TEST(DerivedLabelTableTest, MoreThan256RowsAreRefused) {
  std::string text = "index\tname\n";
  std::set<std::int32_t> present;
  for (int label = 1; label <= 20000; ++label) {
    text += std::to_string(label) + (label % 2 == 1 ? "\tLeft-s" : "\tRight-s") +
            std::to_string((label - 1) / 2) + "\n";
    present.insert(label);
  }
  expect_refused(text, present, "1 to 256 structures", "20001");
  EXPECT_EQ(derived(text, {1, 3}).rows().size(), 5u) << "absent labels do not count";
}

TEST(DerivedLabelTableTest, AnyTextGivesATableOrAnInputError) {
  const std::string text =
      "index\tname\tcontralateral\tintensity_class\tsegmentation_index\n"
      "2\tLeft-a\tn/a\t\t2\n41\tRight-a\tn/a\t\t41\n14\tb\t14\tn/a\t\n24\textracerebral c\t\t\t\n";
  std::mt19937 generator(11);
  int read = 0;
  int refused = 0;
  for (int trial = 0; trial < 10000; ++trial) {
    try {
      derived(mutated(text, generator), {2, 14, 24});
      ++read;
    } catch (const InputError&) {
      ++refused;
    }
  }
  EXPECT_GT(read, 100);
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace hypersynth
