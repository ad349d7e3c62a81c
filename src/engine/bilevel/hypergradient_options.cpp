#include "engine/bilevel/hypergradient_options.h"

#include "options/option.h"

namespace hypersynth {

std::vector<std::string> HypergradientOptions::contradictions() const {
  std::vector<std::string> violations;
  if (neumann_terms < 1) violations.emplace_back("neumann_terms must be at least 1");
  if (!(neumann_eta > 0)) violations.emplace_back("neumann_eta must be positive");
  return violations;
}

void describe(HypergradientOptions& options, OptionList& list) {
  list.add("--hypergradient", options.mode, "how the real loss is differentiated").in_checkpoint();
  list.add("--difference-norm", options.difference_norm,
           "central-difference: length of the finite step in the weights")
      .range(Range::positive());
  list.add("--outer-decay", options.outer_decay,
           "the real gradient is averaged over steps with weights decay^age; 0: this step's alone")
      .range(Range::below(0, 1))
      .in_checkpoint();
}

}  // namespace hypersynth
