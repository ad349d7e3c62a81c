#pragma once

#include <map>
#include <string>

#include "report/group_report.h"
#include "report/position_section.h"

namespace hypersynth {

/// Position in the group by the path of the image.
using GroupPositions = std::map<std::string, GroupPosition>;

/// How an image was made, so that only like is compared with like: images of equal text are.
using MadeWith = std::map<std::string, std::string>;

/// Where each image on a group page stands among the people of that page. The group of an image
/// has one image of each person, the first in the order of paths that was made in the same way and
/// did not fail its verdict.
///
/// With 20 people or more, volumes are adjusted for intracranial volume, age and sex (columns age
/// and sex of participants.tsv; each where every person of the group has it and it varies): the
/// position is that of the residual of a robust linear regression (fit_robustly()). Smaller groups
/// are not adjusted, and with less than 5 people there is no position. Quality measures are not
/// adjusted. The z-score is (value - median) / scale of summarise().
///
/// `made_with` has a text for the path of each image.
GroupPositions group_positions(const GroupReport& page, const MadeWith& made_with);

}  // namespace hypersynth
