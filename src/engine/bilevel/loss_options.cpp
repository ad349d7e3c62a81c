#include "engine/bilevel/loss_options.h"

#include <sstream>
#include <stdexcept>

namespace hypersynth {
namespace {

LossKind loss_named(const std::string& name) {
  for (const auto& [kind, word] : Choices<LossKind>::kAll) {
    if (name == word) return kind;
  }
  throw std::invalid_argument("unknown loss '" + name + "': choose from " +
                              words_of<LossKind>(", ") + " and their sums");
}

}  // namespace

std::vector<std::string> LossOptions::check() const {
  std::vector<std::string> violations;
  if (terms.empty()) violations.emplace_back("a loss needs at least one term");
  for (const auto& term : terms) {
    if (!(term.weight > 0)) violations.emplace_back("the weight of a loss term must be positive");
  }
  if (!(logit_target > 0)) violations.emplace_back("logit_target must be positive");
  if (dice_smoothing && !(*dice_smoothing > 0))
    violations.emplace_back("dice_smoothing must be positive");
  return violations;
}

std::vector<LossOptions::Term> parse_loss(const std::string& text) {
  std::vector<LossOptions::Term> terms;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, '+');) {
    const auto star = part.find('*');
    LossOptions::Term term;
    if (star != std::string::npos) {
      std::size_t end = 0;
      try {
        term.weight = std::stod(part.substr(0, star), &end);
      } catch (const std::logic_error&) {
        end = 0;
      }
      if (end != star) throw std::invalid_argument("'" + part + "' is not WEIGHT*LOSS");
    }
    term.kind = loss_named(star == std::string::npos ? part : part.substr(star + 1));
    terms.push_back(term);
  }
  return terms;
}

}  // namespace hypersynth
