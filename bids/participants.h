#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bids/layout.h"
#include "bids/table.h"

namespace hypersynth::bids {

/// One row of participants.tsv or of a sessions table.
struct Person {
  std::string label;                          ///< without `sub-` or `ses-`
  std::map<std::string, std::string> values;  ///< column -> cell; n/a is left out
};

/// The rows of participants.tsv in their order, each participant once; empty where the dataset has
/// none. What does not fit becomes issues.
std::vector<Person> read_participants(const Layout& layout, Issues& issues);

/// The rows of a subject's sessions table in their order; `label` is the session's.
std::vector<Person> read_sessions(const Layout& layout, const std::string& subject, Issues& issues);

/// Findings on participants.tsv against the subjects' folders.
void check_participants(const Layout& layout, Issues& issues);

}  // namespace hypersynth::bids
