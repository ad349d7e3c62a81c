#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bids/layout.h"
#include "bids/table.h"

namespace hypersynth::bids {

/// A row of participants.tsv (a participant) or of a sessions table (one of a participant's
/// sessions).
struct Person {
  std::string label;                          ///< without the prefix `sub-` or `ses-`
  std::map<std::string, std::string> values;  ///< column -> cell, without the cells that are n/a
};

/// The rows of participants.tsv in their order, each participant once; empty if the dataset has no
/// such file. Rows and columns that do not fit become issues.
std::vector<Person> read_participants(const Layout& layout, Issues& issues);

/// The sessions table of a subject, relative to the dataset, whether or not it exists.
std::string sessions_table_of(const std::string& subject);

/// The rows of a subject's sessions table in their order; the label is that of the session.
std::vector<Person> read_sessions(const Layout& layout, const std::string& subject, Issues& issues);

/// Adds issues for subjects that participants.tsv does not list, and for listed ones without a
/// folder.
void check_participants(const Layout& layout, Issues& issues);

}  // namespace hypersynth::bids
