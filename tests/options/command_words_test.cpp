// What a command line takes and refuses.

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "options/command_line.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Words = std::vector<std::string>;

class CommandWordsTest : public testing::Test {
 protected:
  CommandWordsTest() {
    list.heading("Things");
    list.add("--name,--title", name, "a name");
    list.add("-s,--step-mm", step_mm, "a step").unit("mm");
    list.add("--files", files, "some files").value_name("FILE");
    list.add("--fast", fast, "go fast");
    list.add_count("-v", loud, "say more");
  }

  CommandLine::Result parse(const Words& words,
                            RepeatedOption repeated = RepeatedOption::kLastWins) {
    CommandLine line("toaster", "Toasts.", repeated);
    line.add(list);
    return line.parse(words);
  }

  Words problems(const Words& words, RepeatedOption repeated = RepeatedOption::kLastWins) {
    return parse(words, repeated).problems;
  }

  std::string name;
  double step_mm = 2.5;
  Words files;
  bool fast = false;
  int loud = 0;
  OptionList list;
};

TEST_F(CommandWordsTest, OptionsAreTakenInEverySpelling) {
  EXPECT_THAT(problems({"--title=toast", "--step_mm", "-1e-3", "--files", "a", "b", "--fast",
                        "--files=c_d", "-vv", "-v"}),
              IsEmpty());
  EXPECT_EQ(name, "toast");
  EXPECT_EQ(step_mm, -1e-3);
  EXPECT_THAT(files, ElementsAre("a", "b", "c_d"));
  EXPECT_TRUE(fast);
  EXPECT_EQ(loud, 3);
}

TEST_F(CommandWordsTest, WhatIsGivenTwiceIsRefusedOrTheLastOne) {
  EXPECT_THAT(problems({"--name", "a", "--name", "b"}), IsEmpty());
  EXPECT_EQ(name, "b");
  EXPECT_THAT(problems({"--name", "a", "--title", "b"}, RepeatedOption::kRefused),
              ElementsAre("--name: expected one value, found 2: a and b"));
}

TEST_F(CommandWordsTest, EveryProblemOfTheValuesIsToldAtOnce) {
  EXPECT_THAT(problems({"--step-mm", "far", "--name", ""}),
              ElementsAre("--name: expected a value, found an empty one",
                          "--step-mm: expected a number, found 'far'"));
}

TEST_F(CommandWordsTest, AValueThatIsMissingIsNotTakenFromTheNextOption) {
  EXPECT_THAT(problems({"--name", "--fast"}), ElementsAre("--name needs a value"));
  EXPECT_THAT(problems({"--files", "--step-mm=1"}), ElementsAre("--files needs a value"));
  EXPECT_THAT(problems({"--name", "--help"}), ElementsAre("--name needs a value"));
  EXPECT_THAT(problems({"--step-mm"}), ElementsAre("--step-mm needs a value"));
  EXPECT_THAT(problems({"--name=", "x"}),
              ElementsAre("--name: expected a value, found an empty one"));
}

TEST_F(CommandWordsTest, AFlagTakesNoValue) {
  EXPECT_THAT(problems({"--fast=no"}), ElementsAre("--fast takes no value"));
}

TEST_F(CommandWordsTest, UnknownWordsAreNamed) {
  EXPECT_THAT(problems({"--colour", "red"}),
              ElementsAre("unknown option --colour (--help lists them)"));
  EXPECT_THAT(problems({"--fast", "toast\x1b"}), ElementsAre("unexpected argument 'toast\\x1b'"));
}

TEST_F(CommandWordsTest, HelpNamesOptionsUnitsAndDefaults) {
  const auto help = parse({"--fast", "-h"}).output.value_or("");
  for (const char* text : {"Toasts.", "Things", "--step-mm NUMBER", "a step (mm) [2.5]",
                           "--files FILE ...", "Other options", "--version"})
    EXPECT_THAT(help, HasSubstr(text));
  EXPECT_THAT(help, testing::Not(HasSubstr("--help-m")));
  EXPECT_THAT(parse({"--version"}).output.value_or(""), testing::StartsWith("toaster "));
}

TEST_F(CommandWordsTest, TheTablesHaveEveryOption) {
  const auto tables = parse({"--help-markdown"}).output.value_or("");
  for (const char* text :
       {"Things\n\n| option |", "| `-s`, `--step-mm NUMBER` | 2.5 | a step (mm) |",
        "| `-h`, `--help` |"})
    EXPECT_THAT(tables, HasSubstr(text));
}

TEST_F(CommandWordsTest, AConfigurationFileGivesWhatTheCommandLineDoesNot) {
  const TemporaryDir folder;
  const std::string file = folder / "options.toml";
  std::ofstream(file) << "name = \"file\"\nstep-mm = 4\nfast = true\nfiles = [\"a\", \"b\"]\n";
  std::string place;
  CommandLine line("toaster", "Toasts.", RepeatedOption::kRefused);
  line.add(list);
  line.add_positional("place", place, "where");
  line.add_configuration_file([](const std::string&) {});
  EXPECT_THAT(line.parse({"here", "--config-file", file, "--name", "word"}).problems, IsEmpty());
  EXPECT_EQ(place, "here");
  EXPECT_EQ(name, "word");
  EXPECT_EQ(step_mm, 4);
  EXPECT_TRUE(fast);
  EXPECT_THAT(files, ElementsAre("a", "b"));
  EXPECT_THAT(line.parse({"--config-file", file}).problems,
              ElementsAre(HasSubstr("place is required")));
}

}  // namespace
}  // namespace hypersynth
