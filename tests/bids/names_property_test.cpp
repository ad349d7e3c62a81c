// Invariants of names for generated input: parse and format are inverse to each other.

#include <algorithm>
#include <rapidcheck.h>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "bids/derivative.h"
#include "bids/entities.h"
#include "bids/ignore.h"
#include "bids/inheritance.h"
#include "bids/table.h"

namespace hypersynth::bids {
namespace {

rc::Gen<std::string> some_word(const std::string& extra = "") {
  return rc::gen::nonEmpty(
      rc::gen::container<std::string>(rc::gen::elementOf("abcXYZ0129" + extra)));
}

/// A name with any entities of the standard, one key outside it at times.
Name some_name() {
  Name name;
  for (const auto& kind : entity_kinds()) {
    if (*rc::gen::inRange(0, 6) == 0) name.entities.set(kind.entity, *some_word("+"));
  }
  if (*rc::gen::arbitrary<bool>()) name.entities.add_other("q" + *some_word(), *some_word("+"));
  name.suffix = *some_word();
  name.extension = *rc::gen::element<std::string>("", ".nii.gz", ".json", ".", ".a b\n");
  return name;
}

RC_GTEST_PROP(NamesProperty, ParsingAFormattedNameGivesTheNameBack, ()) {
  const Name name = some_name();
  RC_ASSERT(parse_name(format_name(name)) == std::optional(name));
}

RC_GTEST_PROP(NamesProperty, FormattingAParsedNameGivesTheTextBackWhereItIsInOrder, ()) {
  const auto text =
      *rc::gen::container<std::string>(rc::gen::elementOf(std::string("sub-01_run-T1w.nii+_-.")));
  const auto view = parse_name_view(text);
  if (!view) return;
  const std::string formatted = format_name(to_name(*view));
  RC_ASSERT(parse_name(formatted) == std::optional(to_name(*view)));
  const bool standard = to_name(*view).entities.other().empty();
  if (standard && view->in_order()) RC_ASSERT(formatted == text);
}

RC_GTEST_PROP(NamesProperty, NamesAreWrittenInTheOrderOfTheStandard, ()) {
  std::vector<std::size_t> picked;
  for (const std::size_t kind : *rc::gen::container<std::vector<std::size_t>>(
           rc::gen::inRange<std::size_t>(0, entity_kinds().size()))) {
    if (std::find(picked.begin(), picked.end(), kind) == picked.end()) picked.push_back(kind);
  }
  if (*rc::gen::arbitrary<bool>()) std::sort(picked.begin(), picked.end());
  std::string text;
  for (const std::size_t kind : picked)
    text.append(entity_kinds()[kind].key).append("-").append(*some_word("+")).append("_");
  text += "T1w.nii.gz";
  const auto view = parse_name_view(text);
  RC_ASSERT(view.has_value());
  const bool in_order = std::is_sorted(picked.begin(), picked.end());
  RC_ASSERT(view->in_order() == in_order);
  RC_ASSERT((format_name(to_name(*view)) == text) == in_order);
}

RC_GTEST_PROP(NamesProperty, OutputNamesKeepEveryEntityOfTheirSource, ()) {
  const Name name = some_name();
  DataFile source;
  source.entities = name.entities;
  source.suffix = name.suffix;
  const Name output = output_name(source, {"dseg", ".nii.gz", "x", ""});
  for (const auto& [entity, value] : name.entities.known()) {
    if (entity == Entity::kSpace || entity == Entity::kDescription) continue;
    RC_ASSERT(output.entities.get(entity) == std::optional<std::string_view>(value));
  }
  RC_ASSERT(output.entities.other() == name.entities.other());
  RC_ASSERT(parse_name(format_name(output)) == std::optional(output));
}

RC_GTEST_PROP(IgnoreProperty, APathIsIgnoredByItselfAsPattern, ()) {
  const auto parts = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(some_word()));
  std::string path;
  for (const auto& part : parts) path += "/" + part;
  Issues issues;
  RC_ASSERT(IgnoreRules::parse(path, issues).ignores(path.substr(1), false));
  RC_ASSERT(IgnoreRules::parse("**", issues).ignores(path.substr(1), false));
  // Without a slash a pattern is for the last part, in any folder; a star may stand for nothing.
  for (const std::string& pattern : {parts.back(), parts.back() + "*", "*" + parts.back()})
    RC_ASSERT(IgnoreRules::parse(pattern, issues).ignores(path.substr(1), false));
}

RC_GTEST_PROP(TableProperty, ReadingAWrittenTableAndWritingItAgainChangesNothing, ()) {
  const auto columns = *rc::gen::inRange<std::size_t>(2, 5);
  const auto cells =
      rc::gen::container<std::vector<std::string>>(columns, rc::gen::arbitrary<std::string>());
  Table table(*cells);
  for (int row = *rc::gen::inRange(0, 5); row > 0; --row) table.add_row(*cells);
  const std::string text = table.format();
  Issues issues;
  const Table read = Table::parse(text, "x.tsv", issues);
  RC_ASSERT(read.format() == text);
  RC_ASSERT(read.row_count() == table.row_count());
}

}  // namespace
}  // namespace hypersynth::bids
