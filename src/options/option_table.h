#pragma once

#include <string>
#include <vector>

#include "options/option.h"

namespace hypersynth {

/// The options below one heading.
struct OptionGroup {
  std::string heading;
  std::vector<const Option*> options;
};

/// The options of all lists by heading, in the order in which headings and options first appear.
std::vector<OptionGroup> groups_of(const std::vector<const OptionList*>& lists);

/// What --help says of an option: its meaning, then "(unit, range)" and "[default]" where it has
/// them.
std::string meaning_of(const Option& option);

/// A Markdown table of names, defaults and meanings.
std::string markdown_table(const OptionGroup& group);

}  // namespace hypersynth
