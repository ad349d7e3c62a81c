// The program of docs/pipeline.md, and that the document quotes it as it is.

#include <cstdlib>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "pipeline/sample_nodes.h"

namespace hypersynth::pipeline {
namespace {

using ::testing::HasSubstr;

const fs::path kRoot = HYPERSYNTH_SOURCE_DIR;

/// `text` without two spaces in front of every line.
std::string without_indentation(const std::string& text) {
  std::string result;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    result += (line.compare(0, 2, "  ") == 0 ? line.substr(2) : line) + '\n';
  return result;
}

/// The parts of the tutorial's program that are quoted.
std::vector<std::string> quoted_parts() {
  std::vector<std::string> parts;
  std::string part;
  bool inside = false;
  std::istringstream lines(read_text(kRoot / "tests/pipeline/tutorial.cpp"));
  for (std::string line; std::getline(lines, line);) {
    if (line.find("// [/") != std::string::npos) {
      parts.push_back(part.compare(0, 2, "  ") == 0 ? without_indentation(part) : part);
      inside = false;
    } else if (line.find("// [") != std::string::npos) {
      part.clear();
      inside = true;
    } else if (inside) {
      part += line + '\n';
    }
  }
  return parts;
}

void write_image(const fs::path& file, std::int16_t voxels, float size_mm) {
  std::string header(352, '\0');
  const std::int16_t dim[8] = {3, voxels, 20, 30, 1, 1, 1, 1};
  const float pixdim[8] = {1, size_mm, 1, 1, 0, 0, 0, 0};
  header.replace(40, sizeof dim, reinterpret_cast<const char*>(dim), sizeof dim);
  header.replace(76, sizeof pixdim, reinterpret_cast<const char*>(pixdim), sizeof pixdim);
  header.replace(344, 3, "n+1");
  write_text(file, header);
}

class TutorialTest : public ::testing::Test {
 protected:
  TutorialTest() {
    fs::create_directories(folder_ / "in");
    write_image(folder_ / "in" / "a.nii", 10, 1.5F);
    write_image(folder_ / "in" / "b.nii", 100, 2.0F);
  }

  int run_program() const {
    const std::string command = std::string(HYPERSYNTH_PIPELINE_TUTORIAL) + " '" +
                                (folder_ / "in").string() + "' '" + (folder_ / "out").string() +
                                "' > '" + (folder_ / "stdout").string() + "' 2> '" +
                                (folder_ / "stderr").string() + "'";
    return WEXITSTATUS(std::system(command.c_str()));
  }
  std::string output() const { return read_text(folder_ / "stdout"); }
  std::string messages() const { return read_text(folder_ / "stderr"); }

  TemporaryFolder folder_;
};

TEST(TutorialTextTest, DocumentQuotesTheProgramAsItIs) {
  const std::string document = read_text(kRoot / "docs/pipeline.md");
  const auto parts = quoted_parts();
  EXPECT_GE(parts.size(), 8u);
  for (const auto& part : parts) EXPECT_THAT(document, HasSubstr("```cpp\n" + part + "```\n"));
}

TEST_F(TutorialTest, ProgramPrintsTheTableAndDoesNothingTwice) {
  ASSERT_EQ(run_program(), 0) << messages();
  EXPECT_EQ(output(), "image\tx_mm\ty_mm\tz_mm\na.nii\t15\t20\t30\nb.nii\t200\t20\t30\n");
  ASSERT_EQ(run_program(), 0);
  EXPECT_THAT(messages(), HasSubstr("3 cached"));
  write_image(folder_ / "in" / "b.nii", 50, 2.0F);
  ASSERT_EQ(run_program(), 0);
  EXPECT_THAT(messages(), HasSubstr("header[1]: run; input 'image': the content of"));
  EXPECT_THAT(output(), HasSubstr("b.nii\t100\t20\t30\n"));
  EXPECT_THAT(read_text(folder_ / "out" / "graph.svg"), HasSubstr("2 elements: 1 cached, 1 done"));
  EXPECT_TRUE(nlohmann::json::accept(read_text(folder_ / "out" / "provenance.json")));
}

TEST_F(TutorialTest, BrokenImageFailsAloneAndTheTableSaysSo) {
  write_text(folder_ / "in" / "b.nii", "<html>not found</html>");
  EXPECT_EQ(run_program(), 65);
  EXPECT_EQ(output(), "image\tx_mm\ty_mm\tz_mm\na.nii\t15\t20\t30\nb.nii\tn/a\tn/a\tn/a\n");
  EXPECT_THAT(messages(), HasSubstr("expected a NIfTI-1 image, found something else"));
}

}  // namespace
}  // namespace hypersynth::pipeline
