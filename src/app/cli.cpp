#include "app/cli.h"

#include <algorithm>
#include <deque>

#include "app/levels.h"
#include "core/joined.h"
#include "options/command_line.h"

namespace hypersynth {

namespace {

/// The command line of all levels, and what it is read into.
class AppCommandLine {
 public:
  AppCommandLine();

  std::variant<LevelRun, CliExit> parse(int argc, const char* const* argv);

 private:
  const Level* level_named(const std::string& name) const;
  std::vector<std::string> level_names() const;
  std::vector<std::string> with_places_first(std::vector<std::string> arguments) const;
  std::vector<std::string> check(const Level& level) const;

  std::vector<Level> levels_ = make_levels();
  CommonOptions common_;
  bool notrack_ = false;
  std::string bids_dir_, output_dir_, level_;
  std::deque<OptionList> lists_;  // the common options, those of each level, what is printed
  CommandLine line_{"hypersynth", "Segments brain MRI of any contrast and resolution: a BIDS App.",
                    RepeatedOption::kRefused};
};

AppCommandLine::AppCommandLine() {
  std::string help;
  for (const auto& level : levels_)
    help += (help.empty() ? "" : "; ") + level.name + ": " + level.help;
  line_.add_positional("bids_dir", bids_dir_, "dataset with the images");
  line_.add_positional("output_dir", output_dir_, "dataset for the results; made where missing");
  line_.add_positional("level", level_, help, level_names());
  line_.positionals_hint(": expected BIDS_DIR OUTPUT_DIR {" + joined(level_names(), ",") +
                         "} beside each other, as in hypersynth BIDS_DIR OUTPUT_DIR participant "
                         "--fast");
  describe_common(common_, lists_.emplace_back());
  for (const auto& level : levels_) {
    auto& list = lists_.emplace_back();
    list.level(level.name);
    level.describe(list);
  }
  auto& printed = lists_.emplace_back();
  printed.heading("Other options");
  printed.add_count("-v", common_.verbosity, "say more; -vv even more");
  printed.add("--notrack", notrack_, "accepted for compatibility; there is no telemetry");
  for (auto& list : lists_) line_.add(list);
  line_.add_configuration_file([](const std::string& path) { require_file(path); });
}

const Level* AppCommandLine::level_named(const std::string& name) const {
  const auto found = std::find_if(levels_.begin(), levels_.end(),
                                  [&](const Level& level) { return level.name == name; });
  return found == levels_.end() ? nullptr : &*found;
}

std::vector<std::string> AppCommandLine::level_names() const {
  std::vector<std::string> names;
  for (const auto& level : levels_) names.push_back(level.name);
  return names;
}

/// `arguments` with BIDS_DIR, OUTPUT_DIR and the level in front, wherever they stand together: an
/// option that takes many values would take them as well.
std::vector<std::string> AppCommandLine::with_places_first(
    std::vector<std::string> arguments) const {
  const auto is_option = [](const std::string& word) { return word.rfind('-', 0) == 0; };
  constexpr std::ptrdiff_t kPlaces = 3;
  const auto first_option = std::find_if(arguments.begin(), arguments.end(), is_option);
  const auto missing = kPlaces - (first_option - arguments.begin());
  if (missing <= 0) return arguments;
  for (auto word = arguments.end(); word != first_option;) {
    --word;
    const bool ends = word + 1 == arguments.end() || is_option(*(word + 1));
    if (level_named(*word) == nullptr || !ends || word + 1 - first_option < missing) continue;
    if (std::none_of(word + 1 - missing, word, is_option))
      std::rotate(first_option, word + 1 - missing, word + 1);
    break;
  }
  return arguments;
}

/// What is wrong with options that could be read, for a run of `level`.
std::vector<std::string> AppCommandLine::check(const Level& level) const {
  std::vector<std::string> problems;
  for (const auto& list : lists_) {
    for (auto& sentence : list.violations(OptionSpelling::kTyped))
      problems.push_back(std::move(sentence));
    std::vector<std::string> foreign;
    for (const auto& option : list.options()) {
      const bool refused = option.is_refused_elsewhere() && list.level() != level.name;
      if (refused && option.times_given() > 0) foreign.push_back(option.name());
      if (level.name == "learn" && option.name() == "--model" && option.times_given() > 0)
        problems.emplace_back("--model: the learn level starts from --initial-model");
    }
    if (foreign.empty()) continue;
    problems.push_back(joined_as_list(foreign, " and ") +
                       (foreign.size() == 1 ? " belongs to the " : " belong to the ") +
                       list.level() + " level");
  }
  for (auto& sentence : level.contradictions(common_)) problems.push_back(std::move(sentence));
  return problems;
}

CliExit usage_error(const std::vector<std::string>& problems) {
  std::string text;
  for (const auto& problem : problems) text += "hypersynth: " + problem + "\n";
  return {ExitCode::kUsage, text + "Run hypersynth --help for the options.\n"};
}

std::variant<LevelRun, CliExit> AppCommandLine::parse(int argc, const char* const* argv) {
  std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  common_.command_line.clear();
  for (const auto& argument : arguments)
    common_.command_line += (common_.command_line.empty() ? "" : " ") + argument;
  auto result = line_.parse(with_places_first(std::move(arguments)));
  if (result.output) return CliExit{ExitCode::kOk, *result.output};
  const Level* level = level_named(level_);
  if (level == nullptr && !result.problems.empty()) return usage_error(result.problems);
  if (level == nullptr) {
    return CliExit{ExitCode::kBadLevel, "hypersynth: expected the level " +
                                            joined_as_list(level_names(), " or ") + ", found " +
                                            printable(level_) + "\n"};
  }
  common_.bids_dir = whole_path(bids_dir_);
  common_.output_dir = whole_path(output_dir_);
  for (auto& problem : check(*level)) result.problems.push_back(std::move(problem));
  if (!result.problems.empty()) return usage_error(result.problems);
  return [run = level->run, common = common_] { return run(common); };
}

}  // namespace

std::variant<LevelRun, CliExit> parse_command_line(int argc, const char* const* argv) {
  return AppCommandLine().parse(argc, argv);
}

}  // namespace hypersynth
