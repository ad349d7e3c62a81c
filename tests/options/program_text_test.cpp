// What is made of the descriptions of options besides --help and the tables.

#include "options/program_text.h"

#include <regex>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "options/command_line.h"

namespace hypersynth {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

enum class Shade { kPale, kDark };

}  // namespace

template <>
struct Choices<Shade> {
  static constexpr Choice<Shade> kAll[] = {{Shade::kPale, "pale"}, {Shade::kDark, "dark"}};
};

namespace {

class ProgramTextTest : public testing::Test {
 protected:
  ProgramTextTest() {
    list.heading("Things");
    list.add("-s,--step-mm", step_mm, "a step").unit("mm");
    list.add("--slices", slices, "how many");
    list.add("--files", files, "some files").value_name("FILE");
    list.add("--shade", shade, ".5 or \\n, at will");
    list.add("--fast", fast, "go fast");
  }

  std::string page(const std::string& option) {
    CommandLine line("toaster", "Toasts bread.", RepeatedOption::kRefused);
    line.add_positional("bread", bread, "what to toast");
    line.add_positional("output_dir", out, "where to");
    line.add_positional("level", level, "how", {"light", "well done"});
    line.add(list);
    return line.parse({option}).output.value_or("");
  }

  double step_mm = 2.5;
  int slices = 1;
  bool fast = false;
  Shade shade = Shade::kPale;
  std::vector<std::string> files;
  std::string bread, out, level;
  OptionList list;
};

TEST_F(ProgramTextTest, TheManualPageHasTheArgumentsAndAllOptions) {
  const auto man = page("--help-man");
  EXPECT_THAT(man, testing::StartsWith(".TH TOASTER 1 \"\" \"toaster "));
  for (const char* part :
       {".SH NAME\ntoaster \\- Toasts bread.\n",
        ".SH SYNOPSIS\n\\fBtoaster\\fR \\fIBREAD\\fR \\fIOUTPUT_DIR\\fR \\fILEVEL\\fR "
        "[\\fIOPTION\\fR ...]\n",
        ".TP\n\\fIBREAD\\fR\nwhat to toast\n", ".SH \"THINGS\"\n",
        ".TP\n\\fB\\-s\\fR, \\fB\\-\\-step\\-mm\\fR \\fINUMBER\\fR\na step (mm) [2.5]\n",
        ".TP\n\\fB\\-\\-files\\fR \\fIFILE\\fR ...\n", "\\fB\\-h\\fR, \\fB\\-\\-help\\fR"})
    EXPECT_THAT(man, HasSubstr(part));
}

TEST_F(ProgramTextTest, NoTextIsTakenForACommandOfTroff) {
  EXPECT_THAT(page("--help-man"), HasSubstr("\n\\&.5 or \\en, at will"));
}

TEST_F(ProgramTextTest, TheBoutiquesDescriptorFollowsItsSchema) {
  const auto descriptor = json::parse(page("--help-boutiques"));
  for (const char* key : {"name", "description", "tool-version", "schema-version", "command-line"})
    EXPECT_TRUE(descriptor.at(key).is_string()) << key;
  EXPECT_EQ(descriptor.at("schema-version"), "0.5");
  const std::string command = descriptor.at("command-line");
  EXPECT_THAT(command, testing::StartsWith("toaster [BREAD] [OUTPUT_DIR] [LEVEL] [STEP_MM]"));
  std::set<std::string> ids;
  for (const auto& input : descriptor.at("inputs")) {
    const std::string id = input.at("id");
    EXPECT_TRUE(ids.insert(id).second) << id;
    EXPECT_TRUE(std::regex_match(id, std::regex("[0-9_a-zA-Z]+"))) << id;
    EXPECT_THAT((std::set<std::string>{"String", "File", "Flag", "Number"}),
                testing::Contains(input.at("type")));
    EXPECT_THAT(command, HasSubstr(input.at("value-key").get<std::string>()));
    for (const auto& [key, value] : input.items())
      EXPECT_THAT(
          (std::set<std::string>{"id", "name", "description", "type", "optional", "list", "integer",
                                 "command-line-flag", "value-choices", "value-key"}),
          testing::Contains(key));
    EXPECT_TRUE(!input.contains("integer") || input.at("type") == "Number") << id;
    EXPECT_TRUE(!input.contains("value-choices") || input.at("type") == "String") << id;
    // A flag is always optional, and has a word that switches it on.
    if (input.at("type") == "Flag") {
      EXPECT_EQ(input.at("optional"), true);
      EXPECT_TRUE(input.contains("command-line-flag"));
      EXPECT_FALSE(input.contains("list"));
    }
  }
  for (const auto& output : descriptor.at("output-files"))
    EXPECT_EQ(output.at("path-template"), "[OUTPUT_DIR]");
}

TEST_F(ProgramTextTest, InputsHaveTheTypesOfTheirOptions) {
  const auto descriptor = json::parse(page("--help-boutiques"));
  const auto input = [&](const std::string& id) {
    for (const auto& each : descriptor.at("inputs"))
      if (each.at("id") == id) return each;
    return json();
  };
  EXPECT_EQ(input("bread").at("type"), "File");
  EXPECT_EQ(input("bread").at("optional"), false);
  EXPECT_EQ(input("output_dir").at("type"), "String");
  EXPECT_THAT(input("level").at("value-choices"), ElementsAre("light", "well done"));
  EXPECT_EQ(input("step_mm").at("type"), "Number");
  EXPECT_FALSE(input("step_mm").contains("integer"));
  EXPECT_EQ(input("slices").at("integer"), true);
  EXPECT_EQ(input("files").at("type"), "File");
  EXPECT_EQ(input("files").at("list"), true);
  EXPECT_THAT(input("shade").at("value-choices"), ElementsAre("pale", "dark"));
  EXPECT_EQ(input("fast").at("type"), "Flag");
  EXPECT_EQ(input("fast").at("command-line-flag"), "--fast");
}

}  // namespace
}  // namespace hypersynth
