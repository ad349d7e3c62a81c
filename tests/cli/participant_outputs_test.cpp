// What the participant and group levels leave in the output folder.

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include <gmock/gmock.h>

#include "cli/participant_run.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::Contains;
using testing::ContainsRegex;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;
using testing::StartsWith;

using Row = std::map<std::string, std::string>;

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

/// Rows of a TSV file by column name.
std::vector<Row> read_tsv(const std::string& path) {
  const auto lines = split(read_text(path), '\n');
  std::vector<Row> rows;
  if (lines.empty()) return rows;
  const auto names = split(lines[0], '\t');
  for (std::size_t n = 1; n < lines.size(); ++n) {
    const auto cells = split(lines[n], '\t');
    EXPECT_EQ(cells.size(), names.size()) << path << ": " << lines[n];
    Row row;
    for (std::size_t c = 0; c < std::min(cells.size(), names.size()); ++c) row[names[c]] = cells[c];
    rows.push_back(row);
  }
  return rows;
}

void expect_same_geometry(const NiftiFile& output, const NiftiFile& source) {
  EXPECT_EQ(output.grid.shape, source.grid.shape);
  EXPECT_TRUE(same_grid(output.grid, source.grid, 1e-5));
  EXPECT_GT(output.qform_code, 0);
  EXPECT_GT(output.sform_code, 0);
  EXPECT_EQ(output.forms, source.forms);
}

TEST_F(ParticipantRunTest, BothLevelsSucceed) {
  EXPECT_EQ(shared->participant.exit_code, 0) << shared->participant.err;
  EXPECT_EQ(shared->group.exit_code, 0) << shared->group.err;
}

TEST_F(ParticipantRunTest, EveryImageHasItsFiles) {
  for (const auto& source : sources()) {
    for (const std::string& ending :
         {std::string("_desc-hypersynth_dseg.nii.gz"), std::string("_desc-hypersynth_dseg.json"),
          std::string("_desc-brain_mask.nii.gz"), std::string("_desc-brain_mask.json"),
          std::string("_desc-hypersynth_probseg.nii.gz"),
          std::string("_desc-hypersynth_probseg.json"), std::string("_desc-hypersynth_morph.tsv"),
          std::string("_desc-hypersynth_morph.json"), std::string("_desc-hypersynth_iqms.json")})
      EXPECT_TRUE(fs::exists(output(source.stem + ending))) << source.stem << ending;
  }
  EXPECT_TRUE(fs::exists(output("sub-01/anat/sub-01_space-T1w_res-1mm_desc-preproc_T1w.nii.gz")));
}

TEST_F(ParticipantRunTest, TheVoxelsOfTheViewerAreFilesOfTheRecordAndThePageNamesThem) {
  const fs::path share = fs::path(HYPERSYNTH_PROGRAM).parent_path().parent_path() / "share";
  std::set<std::string> libraries;
  if (const fs::path folder = share / "hypersynth/viewer"; fs::exists(folder)) {
    for (const auto& entry : fs::directory_iterator(folder))
      libraries.insert(entry.path().filename().string());
  }
  for (const auto& source : sources()) {
    const auto record = read_json(source.stem + "_desc-hypersynth_iqms.json");
    const auto& files = record.at("provenance").at("files");
    std::string script;
    for (const auto& [path, file] : files.items()) {
      if (path.ends_with(".js")) script = path;
    }
    EXPECT_THAT(script, ContainsRegex("^sub-0[12]/figures/sub-0[12].*_desc-viewer_T[12]w.js$"));
    EXPECT_THAT(read_text(output(script)), StartsWith("document.currentScript.volumes = {"));
    const std::string page = read_text(output(script.substr(0, script.find('/')) + ".html"));
    EXPECT_LT(page.size(), 1500000U);
    EXPECT_EQ(page.find(script) != std::string::npos, !libraries.empty());
  }
  for (const auto& name : libraries)
    EXPECT_EQ(read_text(output("assets/" + name)), read_text(share / "hypersynth/viewer" / name));
}

TEST_F(ParticipantRunTest, SegmentationMaskAndPosteriorsLieOnTheSourceGrid) {
  for (const auto& source : sources()) {
    SCOPED_TRACE(source.path);
    const auto image = read_source(source);
    expect_same_geometry(read_output(source.stem + "_desc-hypersynth_dseg.nii.gz"), image);
    expect_same_geometry(read_output(source.stem + "_desc-brain_mask.nii.gz"), image);
    expect_same_geometry(read_output(source.stem + "_desc-hypersynth_probseg.nii.gz"), image);
  }
}

TEST_F(ParticipantRunTest, ContradictionsOfAHeaderAreToldInTheLogTheRecordAndTheReport) {
  const std::string word = "mirror images of each other";
  for (std::size_t n = 0; n < 2; ++n) {  // the second image's forms contradict each other
    const auto record = read_json(sources()[n].stem + "_desc-hypersynth_iqms.json");
    EXPECT_EQ(record.at("warnings").size(), n);
    EXPECT_EQ(record.at("warnings").dump().find(word) != std::string::npos, n == 1);
    const auto page = read_text(output(n == 0 ? "sub-01.html" : "sub-02.html"));
    EXPECT_EQ(page.find(word) != std::string::npos, n == 1);
  }
  EXPECT_THAT(shared->participant.err, HasSubstr(word));
  EXPECT_THAT(shared->participant.err, HasSubstr(sources()[1].path));
}

TEST_F(ParticipantRunTest, LabelsAreThoseOfTheLookupTableAndCoverTheHead) {
  std::set<float> known;
  for (const auto& row : read_tsv(output("desc-hypersynth_dseg.tsv")))
    known.insert(std::stof(row.at("index")));
  EXPECT_GE(known.size(), 33u);
  for (const auto& source : sources()) {
    const auto labels = read_output(source.stem + "_desc-hypersynth_dseg.nii.gz");
    const auto mask = read_output(source.stem + "_desc-brain_mask.nii.gz");
    const std::set<float> found(labels.voxels.begin(), labels.voxels.end());
    EXPECT_THAT(known, IsSupersetOf(found));
    EXPECT_GE(found.size(), 3u) << "background, cortex and white matter at least";
    const std::set<float> mask_values(mask.voxels.begin(), mask.voxels.end());
    EXPECT_EQ(mask_values, (std::set<float>{0, 1}));
  }
}

TEST_F(ParticipantRunTest, TheFlippedObliqueImageIsSegmentedLikeTheUprightOne) {
  // The two phantoms are one head: the label counts agree, and left stays left.
  std::map<float, double> counts[2];
  for (std::size_t n = 0; n < 2; ++n) {
    const auto labels = read_output(sources()[n].stem + "_desc-hypersynth_dseg.nii.gz");
    for (const float label : labels.voxels) counts[n][label] += 1;
  }
  const float left_cortex = 3;
  EXPECT_GT(counts[0][left_cortex], 0);
  EXPECT_NEAR(counts[1][left_cortex] / counts[0][left_cortex], 1, 0.3);
}

TEST_F(ParticipantRunTest, PosteriorsSumToOneAndTheirMaximumIsTheSegmentation) {
  const auto& source = sources()[0];
  const auto posteriors = read_output(source.stem + "_desc-hypersynth_probseg.nii.gz");
  const auto labels = read_output(source.stem + "_desc-hypersynth_dseg.nii.gz");
  const auto sidecar = read_json(source.stem + "_desc-hypersynth_probseg.json");
  const auto table = read_tsv(output("desc-hypersynth_dseg.tsv"));
  std::map<std::string, float> index_of;
  for (const auto& row : table) {
    index_of[row.at("name")] = std::stof(row.at("index"));
    index_of[row.at("abbreviation")] = std::stof(row.at("index"));
  }
  const std::vector<std::string> names = sidecar.at("LabelMap");
  ASSERT_EQ(names.size(), static_cast<std::size_t>(posteriors.frames));
  const std::size_t count = labels.voxels.size();
  std::size_t agreeing = 0;
  double worst_sum = 1;
  for (std::size_t voxel = 0; voxel < count; ++voxel) {
    double sum = 0;
    std::size_t best = 0;
    for (std::size_t frame = 0; frame < names.size(); ++frame) {
      const float value = posteriors.voxels[frame * count + voxel];
      sum += value;
      if (value > posteriors.voxels[best * count + voxel]) best = frame;
    }
    if (std::abs(sum - 1) > std::abs(worst_sum - 1)) worst_sum = sum;
    agreeing += index_of.at(names[best]) == labels.voxels[voxel] ? 1 : 0;
  }
  EXPECT_NEAR(worst_sum, 1, 0.02);
  EXPECT_GT(static_cast<double>(agreeing), 0.999 * static_cast<double>(count));
}

TEST_F(ParticipantRunTest, SidecarsNameTheSourceAndItsSpace) {
  for (const auto& source : sources()) {
    for (const char* ending :
         {"_desc-hypersynth_dseg.json", "_desc-brain_mask.json", "_desc-hypersynth_probseg.json"}) {
      const auto sidecar = read_json(source.stem + ending);
      EXPECT_EQ(sidecar.at("SpatialReference"), "bids:raw:" + source.path) << ending;
      EXPECT_FALSE(sidecar.at("Description").get<std::string>().empty()) << ending;
      EXPECT_THAT(sidecar.at("Sources").get<std::vector<std::string>>(),
                  Contains("bids:raw:" + source.path));
      EXPECT_NE(sidecar.at("Description"), "");
    }
  }
}

TEST_F(ParticipantRunTest, TheDescriptionSaysWhatMadeItFromWhat) {
  const auto description = read_json("dataset_description.json");
  EXPECT_EQ(description.at("DatasetType"), "derivative");
  EXPECT_EQ(description.at("GeneratedBy")[0].at("Name"), "hypersynth");
  EXPECT_EQ(description.at("GeneratedBy")[0].at("Version"), HYPERSYNTH_VERSION);
  // No address is made up: there is one where the build was given one.
  const std::string code_url = HYPERSYNTH_CODE_URL;
  EXPECT_EQ(description.at("GeneratedBy")[0].value("CodeURL", ""), code_url);
  EXPECT_EQ(description.at("GeneratedBy")[0].contains("CodeURL"), !code_url.empty());
  EXPECT_TRUE(description.at("DatasetLinks").contains("raw"));
}

TEST_F(ParticipantRunTest, VolumesAreThoseOfTheSegmentation) {
  const auto& source = sources()[0];
  const auto labels = read_output(source.stem + "_desc-hypersynth_dseg.nii.gz");
  const double voxel_mm3 = voxel_volume_mm3(labels.grid);
  std::size_t checked = 0;
  for (const auto& row : read_tsv(output(source.stem + "_desc-hypersynth_morph.tsv"))) {
    if (row.count("index") == 0 || row.at("index") == "n/a") continue;
    const auto count =
        std::count(labels.voxels.begin(), labels.voxels.end(), std::stof(row.at("index")));
    EXPECT_NEAR(std::stod(row.at("volume_hard_mm3")), static_cast<double>(count) * voxel_mm3,
                0.51 * voxel_mm3)
        << row.at("name");
    EXPECT_THAT(std::stod(row.at("volume_soft_mm3")), Ge(0));
    ++checked;
  }
  EXPECT_GE(checked, 31u);
}

TEST_F(ParticipantRunTest, TheSumsOfVolumesAreThoseOfTheirStructures) {
  std::map<std::string, double> soft;
  for (const auto& row : read_tsv(output(sources()[0].stem + "_desc-hypersynth_morph.tsv")))
    soft[row.at("name")] = std::stod(row.at("volume_soft_mm3"));
  EXPECT_NEAR(soft.at("white matter"),
              soft.at("left cerebral white matter") + soft.at("right cerebral white matter"), 0.01);
  EXPECT_NEAR(soft.at("left cerebellum"),
              soft.at("left cerebellum white matter") + soft.at("left cerebellum cortex"), 0.01);
  EXPECT_NEAR(soft.at("left cerebral hemisphere"),
              soft.at("left cerebral white matter") + soft.at("left cerebral cortex") +
                  soft.at("left subcortical grey matter"),
              0.01);
  EXPECT_NEAR(soft.at("brain parenchyma") + soft.at("cerebrospinal fluid"),
              soft.at("intracranial volume"), 0.05);
  const auto record = read_json(sources()[0].stem + "_desc-hypersynth_iqms.json");
  EXPECT_NEAR(record.at("brain_parenchymal_fraction").get<double>(),
              soft.at("brain parenchyma") / soft.at("intracranial volume"), 1e-6);
}

TEST_F(ParticipantRunTest, TheBrainImageHasTheVoxelsOfTheSourceInTheMaskAndZerosOutside) {
  for (const auto& source : sources()) {
    const auto image = read_source(source);
    const auto mask = read_output(source.stem + "_desc-brain_mask.nii.gz");
    const auto brain = read_output(source.stem + "_desc-brain_" + source.suffix + ".nii.gz");
    EXPECT_EQ(brain.forms, image.forms);
    std::size_t wrong = 0;
    for (std::size_t v = 0; v < image.voxels.size(); ++v)
      wrong += brain.voxels[v] != (mask.voxels[v] != 0 ? image.voxels[v] : 0) ? 1 : 0;
    EXPECT_EQ(wrong, 0U);
    EXPECT_EQ(read_json(source.stem + "_desc-brain_" + source.suffix + ".json").at("SkullStripped"),
              true);
  }
}

TEST_F(ParticipantRunTest, TheStandardLabelsAreTheMappingOfTheLookupTable) {
  std::map<float, float> mapping;
  for (const auto& row : read_tsv(output("desc-hypersynth_dseg.tsv")))
    mapping[std::stof(row.at("index"))] = std::stof(row.at("mapping"));
  std::set<std::string> named;
  for (const auto& row : read_tsv(output("desc-standard_dseg.tsv"))) named.insert(row.at("index"));
  EXPECT_EQ(named, (std::set<std::string>{"0", "2", "3", "8", "9", "10", "11"}));
  for (const auto& source : sources()) {
    const auto labels = read_output(source.stem + "_desc-hypersynth_dseg.nii.gz");
    const auto standard = read_output(source.stem + "_desc-standard_dseg.nii.gz");
    expect_same_geometry(standard, read_source(source));
    std::size_t wrong = 0;
    for (std::size_t v = 0; v < labels.voxels.size(); ++v)
      wrong += standard.voxels[v] != mapping.at(labels.voxels[v]) ? 1 : 0;
    EXPECT_EQ(wrong, 0U);
  }
}

TEST_F(ParticipantRunTest, TheVolumesCsvHasTheLayoutOfSynthSeg) {
  const auto lines = split(read_text(output("group_volumes.csv")), '\n');
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_THAT(lines[0], StartsWith("subject,total intracranial,left cerebral white matter,"
                                   "left cerebral cortex,left lateral ventricle,"));
  const auto names = split(lines[0], ',');
  const auto cells = split(lines[1], ',');
  ASSERT_EQ(cells.size(), names.size());
  EXPECT_EQ(cells[0], "sub-01_T1w");
  EXPECT_THAT(lines[2], StartsWith("sub-02_ses-a_acq-x_run-1_echo-2_chunk-3_T2w,"));
  std::map<std::string, double> soft;
  for (const auto& row : read_tsv(output(sources()[0].stem + "_desc-hypersynth_morph.tsv")))
    soft[row.at("name")] = std::stod(row.at("volume_soft_mm3"));
  EXPECT_NEAR(std::stod(cells[1]), soft.at("intracranial volume"), 1e-3);
  for (std::size_t n = 2; n < names.size(); ++n)
    EXPECT_NEAR(std::stod(cells[n]), soft.at(names[n]), 1e-3) << names[n];
}

TEST_F(ParticipantRunTest, TheReportShowsPicturesThatExistAndAsksForNothingFromTheNetwork) {
  for (const char* name : {"sub-01.html", "sub-02.html", "group_T1w.html", "group_T2w.html"}) {
    SCOPED_TRACE(name);
    const auto html = read_text(output(name));
    ASSERT_NE(html, "");
    static const std::regex kReference(R"re((?:src|data|xlink:href)="([^"]*)")re");
    for (std::sregex_iterator match(html.begin(), html.end(), kReference), end; match != end;
         ++match) {
      const std::string target = (*match)[1];
      EXPECT_THAT(target, Not(HasSubstr("//")));
      if (target.rfind("data:", 0) == 0 || target.rfind("#", 0) == 0) continue;
      EXPECT_TRUE(fs::exists(output(target))) << target;
    }
    EXPECT_THAT(html, Not(HasSubstr("<b>scans</b>"))) << "a path is not escaped";
  }
}

TEST_F(ParticipantRunTest, TheGroupTablesHaveARowForEachImage) {
  EXPECT_EQ(read_tsv(output("group_T1w.tsv")).size(), 1u);
  EXPECT_EQ(read_tsv(output("group_T2w.tsv")).size(), 1u);
}

TEST_F(ParticipantRunTest, NothingTemporaryOrEmptyIsLeftBehind) {
  EXPECT_THAT(temporary_files(shared->out), IsEmpty());
  for (const auto& entry : fs::recursive_directory_iterator(shared->out)) {
    if (entry.is_regular_file()) {
      EXPECT_GT(fs::file_size(entry.path()), 0u) << entry.path();
    }
  }
}

}  // namespace
}  // namespace hypersynth
