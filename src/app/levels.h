#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/common_options.h"

namespace hypersynth {

/// A level of the program, the third word of its command line, with the values of its own options.
struct Level {
  std::string name;
  std::string help;  ///< one line
  /// Describes the options that the level has besides the common ones. They live as long as a copy
  /// of this level.
  std::function<void(OptionList&)> describe;
  /// Which options contradict each other, a sentence each.
  std::function<std::vector<std::string>(const CommonOptions&)> contradictions;
  /// Looks where the run would write to, then runs the level; returns the exit code.
  std::function<int(const CommonOptions&)> run;
};

/// All levels, in the order in which --help names them. To add one, see levels.cpp.
std::vector<Level> make_levels();

}  // namespace hypersynth
