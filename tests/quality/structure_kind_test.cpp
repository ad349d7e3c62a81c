#include "quality/structure_kind.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace hypersynth {
namespace {

TEST(StructureKindTest, PlainWordsAndFreeSurferNamesMeanTheSame) {
  const std::vector<std::pair<std::string, std::string>> names{
      {"left cerebral white matter", "Left-Cerebral-White-Matter"},
      {"right cerebellum cortex", "Right-Cerebellum-Cortex"},
      {"left lateral ventricle", "Left-Lateral-Ventricle"},
      {"left ventral DC", "Left-VentralDC"},
      {"brain-stem", "Brain-Stem"},
      {"3rd ventricle", "3rd-Ventricle"}};
  for (const auto& [plain, freesurfer] : names) {
    const StructureKind a = kind_of_structure(plain);
    const StructureKind b = kind_of_structure(freesurfer);
    EXPECT_EQ(a.stem, b.stem);
    EXPECT_EQ(a.tissue, b.tissue) << plain;
    EXPECT_EQ(a.side, b.side) << plain;
    EXPECT_NE(a.tissue, Tissue::kNone) << plain;
  }
}

struct Expected {
  const char* name;
  Tissue tissue;
  bool pure;
  Side side;
};

TEST(StructureKindTest, NamesSayTissueAndSide) {
  const std::vector<Expected> table{
      {"left cerebral white matter", Tissue::kWhiteMatter, true, Side::kLeft},
      {"Right-Cerebellum-White-Matter", Tissue::kWhiteMatter, true, Side::kRight},
      {"wm-lh-insula", Tissue::kNone, false, Side::kLeft},
      {"ctx-rh-insula", Tissue::kGreyMatter, true, Side::kRight},
      {"left hippocampus", Tissue::kGreyMatter, true, Side::kLeft},
      {"left accumbens area", Tissue::kGreyMatter, true, Side::kLeft},
      {"right thalamus", Tissue::kGreyMatter, false, Side::kRight},
      {"right pallidum", Tissue::kGreyMatter, false, Side::kRight},
      {"brain-stem", Tissue::kWhiteMatter, false, Side::kNone},
      {"left ventral DC", Tissue::kWhiteMatter, false, Side::kLeft},
      {"Left-Inf-Lat-Vent", Tissue::kCsf, true, Side::kLeft},
      {"right inferior lateral ventricle", Tissue::kCsf, true, Side::kRight},
      {"4th ventricle", Tissue::kCsf, true, Side::kNone},
      {"CSF", Tissue::kCsf, true, Side::kNone},
      {"Left-choroid-plexus", Tissue::kCsf, false, Side::kLeft},
      {"background", Tissue::kNone, false, Side::kNone},
      {"Left-vessel", Tissue::kNone, false, Side::kLeft},
      {"Unassigned", Tissue::kNone, false, Side::kNone},
      {"", Tissue::kNone, false, Side::kNone},
  };
  for (const auto& expected : table) {
    const StructureKind kind = kind_of_structure(expected.name);
    EXPECT_EQ(kind.tissue, expected.tissue) << expected.name;
    EXPECT_EQ(kind.pure, expected.pure) << expected.name;
    EXPECT_EQ(kind.side, expected.side) << expected.name;
  }
}

}  // namespace
}  // namespace hypersynth
