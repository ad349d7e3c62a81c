#include "app/levels.h"

#include <memory>

#include "app/evaluate.h"
#include "app/group.h"
#include "app/learn.h"
#include "app/participant.h"
#include "app/places.h"

namespace hypersynth {

namespace {

/// A level whose options are an `O`: a struct that derives from CommonOptions and has
/// `describe_own(OptionList&)` and `contradictions()`.
template <class O>
Level level(const char* name, const char* help, int (*run)(const O&)) {
  const auto options = std::make_shared<O>();
  const auto with = [options](const CommonOptions& common) -> const O& {
    static_cast<CommonOptions&>(*options) = common;
    options->default_work = O::kDefaultWork;
    return *options;
  };
  return {name, help, [options](OptionList& list) { options->describe_own(list); },
          [with](const CommonOptions& common) { return with(common).contradictions(); },
          [with, run](const CommonOptions& common) {
            const O& complete = with(common);
            check_places(complete);
            return run(complete);
          }};
}

}  // namespace

std::vector<Level> make_levels() {
  return {
      level("participant", "segment images, one report per participant", run_participant_level),
      level("group", "tables and report", run_group_level),
      level("evaluate", "score segmentations against reference labels or over two sessions",
            run_evaluate_level),
      level("learn", "tune a model to a scanner with a few labelled scans of it", run_learn_level),
  };
}

}  // namespace hypersynth
