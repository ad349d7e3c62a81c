// One description of an option: its check, its record in a checkpoint, its row in the manual.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "options/option.h"
#include "options/option_table.h"

namespace hypersynth {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Oven {
  double heat_deg = 180;
  std::optional<int> shelves;
  std::vector<std::string> dishes;
  bool fan = false;
  std::int64_t minutes = 30;

  void describe(OptionList& list) {
    list.heading("Baking");
    list.add("-t,--heat-deg,--temperature", heat_deg, "heat; see --fan")
        .unit("degrees")
        .range(Range::positive())
        .in_checkpoint();
    list.add("--shelves", shelves, "shelves in use").range(Range::whole(1, 4));
    list.heading("Food");
    list.add("--dishes", dishes, "what is baked").value_name("DISH");
    list.add("--fan", fan, "moves the air").in_checkpoint("air.fan");
    list.add("--minutes", minutes, "how long").in_checkpoint("air.minutes");
  }
};

TEST(OptionListTest, EveryViolationIsToldWithTheValueFound) {
  Oven oven;
  oven.heat_deg = -5;
  oven.shelves = 9;
  OptionList list;
  oven.describe(list);
  EXPECT_THAT(list.violations(OptionSpelling::kTyped),
              ElementsAre("--heat-deg must be positive, found -5",
                          "--shelves must lie in 1 to 4, found 9"));
  EXPECT_THAT(
      list.violations(OptionSpelling::kField),
      ElementsAre("heat_deg must be positive, found -5", "shelves must lie in 1 to 4, found 9"));
}

TEST(OptionListTest, AnOptionalNumberThatIsNotGivenIsInEveryRange) {
  Oven oven;
  OptionList list;
  oven.describe(list);
  EXPECT_THAT(list.violations(OptionSpelling::kTyped), IsEmpty());
}

TEST(OptionListTest, ACheckpointHasTheMarkedOptionsInTheirOrder) {
  Oven oven;
  OptionList list;
  oven.describe(list);
  EXPECT_EQ(list.checkpoint_json(), R"({"heat_deg":180,"air":{"fan":false,"minutes":30}})");
}

TEST(OptionListTest, ObjectsOfACheckpointStandBesideEachOther) {
  int a = 1, b = 2, c = 3;
  OptionList list;
  list.add("--a", a, "").in_checkpoint("x.a");
  list.add("--b", b, "").in_checkpoint("y.b");
  list.add("--c", c, "").in_checkpoint();
  EXPECT_EQ(list.checkpoint_json(), R"({"x":{"a":1},"y":{"b":2},"c":3})");
}

TEST(OptionListTest, TheManualHasATableForEachHeading) {
  Oven oven;
  OptionList list;
  oven.describe(list);
  const auto groups = groups_of({&list});
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].heading, "Baking");
  EXPECT_EQ(markdown_table(groups[0]),
            "| option | default | meaning |\n|---|---|---|\n"
            "| `-t`, `--heat-deg NUMBER`, `--temperature` | 180 | heat; see `--fan` (degrees, "
            "positive) |\n"
            "| `--shelves N` |  | shelves in use (1 to 4) |\n");
  EXPECT_EQ(markdown_table(groups[1]),
            "| option | default | meaning |\n|---|---|---|\n"
            "| `--dishes DISH...` |  | what is baked |\n"
            "| `--fan` |  | moves the air |\n"
            "| `--minutes N` | 30 | how long |\n");
}

TEST(OptionListTest, AnOptionOfOneLevelSaysSoWhereOthersRefuseIt) {
  bool clean = false;
  OptionList list;
  list.level("kitchen");
  auto& option = list.add("--clean", clean, "wipes the tables");
  EXPECT_EQ(meaning_of(option), "wipes the tables");
  EXPECT_EQ(meaning_of(option.refused_elsewhere()), "wipes the tables (kitchen level only)");
}

}  // namespace
}  // namespace hypersynth
