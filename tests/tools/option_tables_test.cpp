// What all training tools take for a command line, and the manual's tables of their options.

#include <gtest/gtest.h>

#include "tools/tool_run.h"

namespace hypersynth {
namespace {

const std::vector<std::string>& programs() {
  static const std::vector<std::string> kPrograms{HYPERSYNTH_PACK, HYPERSYNTH_TRAIN,
#ifdef HYPERSYNTH_SYNTHESIZE
                                                  HYPERSYNTH_SYNTHESIZE
#endif
  };
  return kPrograms;
}

std::string name_of(const std::string& program) { return program.substr(program.rfind('/') + 1); }

TEST(OptionTablesTest, TheManualHasThoseOfThePrograms) {
  const auto manual = read_text(HYPERSYNTH_SOURCE_DIR "/docs/training-options.md");
  for (const auto& program : programs()) {
    const auto tables = run_tool(program, {"--help-markdown"});
    EXPECT_EQ(tables.exit_code, 0);
    EXPECT_GT(tables.out.size(), 500u);
    EXPECT_NE(manual.find("## " + name_of(program) + "\n\n" + tables.out), std::string::npos)
        << "docs/training-options.md: expected below '## " << name_of(program) << "'\n\n"
        << tables.out;
  }
}

TEST(ToolCommandLineTest, HelpAndVersionGoToStandardOutput) {
  for (const auto& program : programs()) {
    for (const char* option : {"--help", "-h", "--version"}) {
      const auto result = run_tool(program, {option});
      EXPECT_EQ(result.exit_code, 0);
      EXPECT_EQ(result.err, "");
      EXPECT_NE(result.out.find(name_of(program)), std::string::npos) << result.out;
    }
  }
}

TEST(ToolCommandLineTest, AMistakeIsOneMessageThatNamesTheArgument) {
  for (const auto& program : programs()) {
    SCOPED_TRACE(program);
    expect_failure(run_tool(program, {"--colour", "red"}), 64, {"--colour"});
    expect_failure(run_tool(program, {"red"}), 64, {"'red'"});
    expect_failure(run_tool(program, {"--output"}), 64, {"--output needs a value"});
    expect_failure(run_tool(program, {"--output", "--help"}), 64, {"--output needs a value"});
    expect_failure(run_tool(program, {"--output", ""}), 64, {"--output", "empty"});
    expect_failure(run_tool(program, {"--output="}), 64, {"--output", "empty"});
  }
}

TEST(ToolCommandLineTest, OptionsAreTakenWithUnderscoresAndTheLastOneCounts) {
  const ToolFolder folder;
  auto arguments = folder.pack_arguments();
  arguments.insert(arguments.end(), {"--spacing_mm", "-1", "--spacing-mm=1", "--label_table",
                                     folder / "labels.tsv"});
  const auto result = run_tool(HYPERSYNTH_PACK, arguments);
  EXPECT_EQ(result.exit_code, 0) << result.err;
}

TEST(ToolCommandLineTest, EveryValueThatCannotBeReadIsNamed) {
  expect_failure(
      run_tool(HYPERSYNTH_TRAIN, {"--levels", "two", "--norm", "none!", "--device", "tpu"}), 64,
      {"--levels: expected a whole number, found 'two'", "none, instance, batch", "found 'none!'",
       "found tpu"});
}

}  // namespace
}  // namespace hypersynth
