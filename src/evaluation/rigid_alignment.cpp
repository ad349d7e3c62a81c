#include "evaluation/rigid_alignment.h"

#include "core/own_library.h"

namespace hypersynth {
namespace {

using AlignRigidly = void (*)(const LabelledScan*, const LabelledScan*,
                              const std::map<std::int32_t, std::int32_t>*, RigidAlignment*);

}  // namespace

RigidAlignment align_rigidly(const LabelledScan& first, const LabelledScan& later,
                             const std::map<std::int32_t, std::int32_t>& partners) {
  static const auto kAlignRigidly = reinterpret_cast<AlignRigidly>(symbol_of(
      {"libhypersynth_alignment.so", "the alignment of sessions"}, "hypersynth_align_rigidly"));
  RigidAlignment alignment;
  kAlignRigidly(&first, &later, &partners, &alignment);
  return alignment;
}

}  // namespace hypersynth
