// The 41 datasets of bids-examples against the tables expected_*.tsv, which count_images.py made
// without any code of the product.

#include <cstdlib>
#include <map>
#include <memory>
#include <set>

#include <boost/crc.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "bids/dataset_links.h"
#include "bids/filter.h"
#include "bids/layout.h"
#include "bids/participants.h"
#include "bids/table.h"
#include "support/shared_data.h"
#include "support/temporary_folder.h"

namespace hypersynth::bids {
namespace {

/// The datasets, unpacked once for all tests.
class ExamplesTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (shared_data_dir().empty()) return;
    folder_ = std::make_unique<TemporaryFolder>();
    const auto archive = shared_data_dir() / "data" / "bids-examples.tar.xz";
    const std::string command =
        "tar -xf '" + archive.string() + "' -C '" + folder_->path().string() + "'";
    ASSERT_EQ(std::system(command.c_str()), 0);
  }
  static void TearDownTestSuite() { folder_.reset(); }

  void SetUp() override { HYPERSYNTH_NEED_SHARED_DATA(); }

  Layout index(const std::string& dataset) const {
    return Layout::index(folder_->path() / dataset);
  }

  std::size_t count(const std::string& dataset, const Selection& selection) const {
    return select_images(index(dataset), selection).size();
  }

  std::size_t count_filtered(const std::string& dataset, const std::string& filter) const {
    Selection selection;
    Issues issues;
    selection.filters = parse_filter_file(filter, "filter.json", issues);
    return count(dataset, selection);
  }

  static inline std::unique_ptr<TemporaryFolder> folder_;
};

std::map<std::string, std::size_t> counts_of(const Layout& layout) {
  std::map<std::string, std::size_t> counts;
  for (const auto& image : layout.anatomical_images()) ++counts[image.suffix];
  for (const auto& file : layout.find(Query{{}, {}, {".nii", ".nii.gz"}, {}})) {
    if (file.datatype.empty() || !file.entities.has(Entity::kSubject)) continue;
    ++counts["nifti"];
    counts["metadata_keys"] += layout.metadata(file).values().size();
  }
  return counts;
}

Table expected_table(const std::string& name) {
  Issues issues;
  return Table::parse(content_of(fs::path(HYPERSYNTH_SOURCE_DIR) / "tests/bids" / name), "",
                      issues);
}

TEST_F(ExamplesTest, EveryDatasetHasTheExpectedImagesAndMetadata) {
  const Table expected = expected_table("expected_counts.tsv");
  ASSERT_EQ(expected.row_count(), 41u);
  for (std::size_t row = 0; row < expected.row_count(); ++row) {
    const std::string dataset(*expected.cell(row, "dataset"));
    auto counts = counts_of(index(dataset));
    for (const auto& column : expected.columns()) {
      if (column == "dataset" || column == "established_by") continue;
      EXPECT_EQ(std::to_string(counts[column]), *expected.cell(row, column))
          << dataset << " " << column;
    }
  }
}

TEST_F(ExamplesTest, NoneHasFindingsButDatasetsOfDerivativesThatTheyAreSuch) {
  std::map<std::string, std::set<std::string_view>> findings;
  for (const auto& entry : fs::directory_iterator(folder_->path())) {
    if (!fs::is_directory(entry.path())) continue;
    const auto layout = Layout::index(entry.path());
    for (const auto& file : layout.find(Query{})) layout.metadata(file);
    for (const auto& issue : layout.issues())
      findings[entry.path().filename().string()].insert(issue_kind(issue.code).name);
  }
  const std::set<std::string_view> derivative = {"DATASET_IS_DERIVATIVE"};
  EXPECT_EQ(findings,
            (std::map<std::string, std::set<std::string_view>>{{"atlas-AAL", derivative},
                                                               {"atlas-Schaefer", derivative},
                                                               {"ds000001-fmriprep", derivative}}));
}

// Numbers by listing: `ls -d ds114/sub-*/ses-test/anat/*_T1w.nii.gz | wc -l` and the like.
TEST_F(ExamplesTest, SelectionNarrowsBySessionRunAndParticipant) {
  EXPECT_EQ(count("ds114", {.sessions = {"test"}}), 10u);
  EXPECT_EQ(count("ds114", {.participants = {"sub-01", "02"}}), 4u);
  EXPECT_EQ(count("synthetic", {.sessions = {"ses-01"}}), 5u);
  EXPECT_EQ(count("ds051", {.runs = {"2"}}), 14u);
  EXPECT_EQ(count("ds000117", {.excluded_participants = {"01"}}), 15u);
  EXPECT_EQ(count("ds001", {.modalities = {"inplaneT2"}}), 16u);
  EXPECT_THROW(count("ds001", {.participants = {"sub-99"}}), DatasetError);
}

TEST_F(ExamplesTest, FilterFilesNarrowByEntity) {
  EXPECT_EQ(count_filtered("ds000117", R"({"t1w": {"acquisition": "mprage"}})"), 16u);
  EXPECT_EQ(count_filtered("ds000117", R"({"t1w": {"acquisition": null}})"), 0u);
  EXPECT_EQ(count_filtered("ds114", R"({"t1w": {"session": ["test", "other"]}})"), 10u);
  EXPECT_EQ(count_filtered("ds051", R"({"t1w": {"run": 1}, "inplanet2": {"run": "*"}})"), 27u);
}

TEST_F(ExamplesTest, EverySessionHasTheExpectedImages) {
  const Table expected = expected_table("expected_sessions.tsv");
  for (std::size_t row = 0; row < expected.row_count(); ++row) {
    const std::string dataset(*expected.cell(row, "dataset"));
    const std::string session(*expected.cell(row, "session"));
    const auto images = count(dataset, {.sessions = {session}});
    EXPECT_EQ(std::to_string(images), *expected.cell(row, "images")) << dataset << " " << session;
    const auto t1w = count(dataset, {.sessions = {session}, .modalities = {"T1w"}});
    EXPECT_EQ(std::to_string(t1w), *expected.cell(row, "T1w")) << dataset << " " << session;
  }
}

TEST_F(ExamplesTest, EveryFilterLeavesTheExpectedImages) {
  const Table expected = expected_table("expected_filters.tsv");
  for (std::size_t row = 0; row < expected.row_count(); ++row) {
    const std::string dataset(*expected.cell(row, "dataset"));
    for (const auto& filter : expected.columns()) {
      if (filter == "dataset") continue;
      EXPECT_EQ(std::to_string(count_filtered(dataset, filter)), *expected.cell(row, filter))
          << dataset << " " << filter;
    }
  }
}

/// For every sidecar that gives keys to anatomical images: images, keys, and the checksum of the
/// sorted lines "<image> <key> <value>".
std::map<std::string, std::string> metadata_by_sidecar(const Layout& layout) {
  std::map<std::string, std::set<std::string>> images;
  std::map<std::string, std::set<std::string>> lines;
  for (const auto& image : layout.anatomical_images()) {
    const auto metadata = layout.metadata(image);
    for (const auto& [key, value] : metadata.values().items()) {
      const auto sidecar = *metadata.source_of(key);
      images[sidecar].insert(image.path);
      lines[sidecar].insert(image.path + " " + key + " " + value.dump() + "\n");
    }
  }
  std::map<std::string, std::string> result;
  for (const auto& [sidecar, of_sidecar] : lines) {
    boost::crc_32_type crc;
    for (const auto& line : of_sidecar) crc.process_bytes(line.data(), line.size());
    result[sidecar] = std::to_string(images[sidecar].size()) + " " +
                      std::to_string(of_sidecar.size()) + " " + std::to_string(crc.checksum());
  }
  return result;
}

TEST_F(ExamplesTest, EveryKeyOfAnAnatomicalImageIsFromTheExpectedSidecar) {
  std::map<std::string, std::map<std::string, std::string>> expected;
  const Table table = expected_table("expected_metadata.tsv");
  for (std::size_t row = 0; row < table.row_count(); ++row) {
    const auto& cells = table.row(row);
    expected[cells[0]][cells[1]] = cells[2] + " " + cells[3] + " " + cells[4];
  }
  ASSERT_EQ(expected.size(), 7u);
  const Table datasets = expected_table("expected_counts.tsv");
  for (std::size_t row = 0; row < datasets.row_count(); ++row) {
    const std::string dataset(*datasets.cell(row, "dataset"));
    EXPECT_EQ(metadata_by_sidecar(index(dataset)), expected[dataset]) << dataset;
  }
}

// By hand: the only sidecar of ds000117's T1w images is the one at its root.
TEST_F(ExamplesTest, InheritedMetadataSaysWhereItIsFrom) {
  const auto layout = index("ds000117");
  const auto image = layout.find("sub-01/ses-mri/anat/sub-01_ses-mri_acq-mprage_T1w.nii.gz");
  ASSERT_TRUE(image);
  const auto metadata = layout.metadata(*image);
  EXPECT_EQ(metadata.values()["EchoTime"], 0.00298);
  EXPECT_EQ(metadata.source_of("EchoTime"), "acq-mprage_T1w.json");
}

TEST_F(ExamplesTest, TablesWithByteOrderMarkAndWindowsLinesAreRead) {
  for (const char* dataset : {"fnirs_tapping", "ds000117", "ds000246", "ds114"}) {
    Issues issues;
    const auto layout = index(dataset);
    EXPECT_THAT(read_participants(layout, issues), testing::Not(testing::IsEmpty())) << dataset;
    EXPECT_THAT(issues, testing::IsEmpty()) << dataset;
  }
}

TEST_F(ExamplesTest, NestedDerivativesAreDatasetsOfTheirOwn) {
  const auto nested = nested_derivatives(folder_->path() / "synthetic");
  ASSERT_EQ(nested.size(), 1u);
  EXPECT_EQ(nested[0].name, "fmriprep");
  const auto layout = Layout::index(nested[0].root);
  EXPECT_TRUE(layout.description().is_derivative());
  // `find derivatives/fmriprep -name '*_space-T1w_desc-preproc_bold.nii' | wc -l`
  Query query{{{Entity::kSpace, Match::one_of({"T1w"})}}, {"bold"}, {".nii"}, {"func"}};
  EXPECT_EQ(layout.find(query).size(), 30u);
}

}  // namespace
}  // namespace hypersynth::bids
