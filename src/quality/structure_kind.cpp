#include "quality/structure_kind.h"

#include <array>
#include <cctype>
#include <vector>

namespace hypersynth {
namespace {

struct Rule {
  std::string_view part;  ///< of the stem
  Tissue tissue;
  bool pure;
  bool variable = false;
};

/// The first rule whose part occurs in the stem decides.
constexpr std::array kRules{
    Rule{"background", Tissue::kNone, false},
    Rule{"vessel", Tissue::kNone, false},
    Rule{"exterior", Tissue::kNone, false},
    Rule{"ventraldc", Tissue::kWhiteMatter, false},
    Rule{"diencephalon", Tissue::kWhiteMatter, false},
    Rule{"hypointens", Tissue::kWhiteMatter, false, true},
    Rule{"lesion", Tissue::kWhiteMatter, false, true},
    Rule{"choroid", Tissue::kCsf, false},
    Rule{"csf", Tissue::kCsf, true},
    Rule{"cerebrospinal", Tissue::kCsf, true},
    Rule{"5thventricle", Tissue::kCsf, true, true},
    Rule{"fifthventricle", Tissue::kCsf, true, true},
    Rule{"ventricle", Tissue::kCsf, true},
    Rule{"latvent", Tissue::kCsf, true},
    Rule{"whitematter", Tissue::kWhiteMatter, true},
    Rule{"corpuscallosum", Tissue::kWhiteMatter, true},
    Rule{"brainstem", Tissue::kWhiteMatter, false},
    Rule{"chiasm", Tissue::kWhiteMatter, false},
    Rule{"thalamus", Tissue::kGreyMatter, false},
    Rule{"pallidum", Tissue::kGreyMatter, false},
    Rule{"basalforebrain", Tissue::kGreyMatter, false},
    Rule{"cortex", Tissue::kGreyMatter, true},
    Rule{"ctx", Tissue::kGreyMatter, true},
    Rule{"greymatter", Tissue::kGreyMatter, true},
    Rule{"graymatter", Tissue::kGreyMatter, true},
    Rule{"verm", Tissue::kGreyMatter, true},
    Rule{"caudate", Tissue::kGreyMatter, true},
    Rule{"putamen", Tissue::kGreyMatter, true},
    Rule{"accumbens", Tissue::kGreyMatter, true},
    Rule{"hippocampus", Tissue::kGreyMatter, true},
    Rule{"amygdala", Tissue::kGreyMatter, true},
};

std::vector<std::string> lower_case_words(std::string_view name) {
  std::vector<std::string> words(1);
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0) {
      words.back() += static_cast<char>(std::tolower(byte));
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  return words;
}

Side side_of(std::string_view word) {
  if (word == "left" || word == "lh") return Side::kLeft;
  if (word == "right" || word == "rh") return Side::kRight;
  return Side::kNone;
}

}  // namespace

StructureKind kind_of_structure(std::string_view name) {
  StructureKind kind;
  for (const auto& word : lower_case_words(name)) {
    const Side side = side_of(word);
    if (side == Side::kNone) {
      kind.stem += word;
    } else {
      kind.side = side;
    }
  }
  for (const auto& rule : kRules) {
    if (kind.stem.find(rule.part) == std::string::npos) continue;
    kind.tissue = rule.tissue;
    kind.pure = rule.pure;
    kind.variable = rule.variable;
    break;
  }
  return kind;
}

}  // namespace hypersynth
