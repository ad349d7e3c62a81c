#pragma once

#include <string>
#include <vector>

#include "options/option_table.h"

namespace hypersynth {

/// A word of a command line without a name.
struct PositionalText {
  std::string name;  ///< "bids_dir"
  std::string help;
  std::vector<std::string> choices;  ///< what it may be; empty: anything
};

/// All that there is to tell of a program's command line.
struct ProgramText {
  std::string program;  ///< as typed
  std::string purpose;  ///< a sentence or more
  std::string version;
  std::vector<PositionalText> positionals;
  std::vector<OptionGroup> groups;
};

/// The tables of the documentation.
std::string markdown_page(const ProgramText& text);

/// A manual page (section 1), for `man`.
std::string man_page(const ProgramText& text);

/// A Boutiques descriptor (Glatard et al., GigaScience 2018, doi:10.1093/gigascience/giy016; schema
/// 0.5) as JSON: all options are optional inputs, the positionals are required ones.
std::string boutiques_descriptor(const ProgramText& text);

}  // namespace hypersynth
