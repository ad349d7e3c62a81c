#include "options/option_table.h"

#include <algorithm>
#include <regex>

#include "core/joined.h"

namespace hypersynth {
namespace {

std::string code(const std::string& text) { return "`" + text + "`"; }

/// "`-d`, `--derivatives NAME=PATH...`": short names, the name with its word, other names.
std::string names_cell(const Option& option) {
  std::string word = option.value_name();
  if (!word.empty()) word = " " + word;
  if (option.kind() == OptionKind::kList) word += "...";
  const auto is_short = [](const std::string& name) { return name.rfind("--", 0) != 0; };
  std::vector<std::string> cells;
  for (const auto& name : option.names())
    if (is_short(name) && name != option.name()) cells.push_back(code(name));
  cells.push_back(code(option.name() + word));
  for (const auto& name : option.names())
    if (!is_short(name) && name != option.name()) cells.push_back(code(name));
  return joined(cells, ", ");
}

std::string with_limits(const Option& option) {
  const auto limits = option.limits();
  return option.help() + (limits.empty() ? "" : " (" + limits + ")");
}

/// `text` for a cell: names of options as code, no bar that would end the cell.
std::string cell(const std::string& text) {
  static const std::regex kOption("(--[a-z][a-z-]*[a-z])");
  return std::regex_replace(std::regex_replace(text, kOption, "`$1`"), std::regex("\\|"), "\\|");
}

}  // namespace

std::vector<OptionGroup> groups_of(const std::vector<const OptionList*>& lists) {
  std::vector<OptionGroup> groups;
  for (const auto* list : lists) {
    for (const auto& option : list->options()) {
      auto group = std::find_if(groups.begin(), groups.end(), [&](const OptionGroup& known) {
        return known.heading == option.heading();
      });
      if (group == groups.end()) group = groups.insert(groups.end(), {option.heading(), {}});
      group->options.push_back(&option);
    }
  }
  return groups;
}

std::string meaning_of(const Option& option) {
  const auto& start = option.default_text();
  return with_limits(option) + (start.empty() ? "" : " [" + start + "]");
}

std::string markdown_table(const OptionGroup& group) {
  std::string text = "| option | default | meaning |\n|---|---|---|\n";
  for (const auto* option : group.options) {
    text += "| " + names_cell(*option) + " | " + cell(option->default_text()) + " | " +
            cell(with_limits(*option)) + " |\n";
  }
  return text;
}

}  // namespace hypersynth
