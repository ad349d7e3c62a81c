#include "options/command_line.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <CLI/CLI.hpp>

#include "core/error.h"
#include "core/joined.h"
#include "core/version.h"

namespace hypersynth {
namespace {

constexpr const char* kOtherOptions = "Other options";

bool is_long_name(const std::string& word) { return word.rfind("--", 0) == 0; }

/// "--foo_bar=x_y" -> "--foo-bar=x_y".
std::string with_dashes(std::string argument) {
  if (!is_long_name(argument)) return argument;
  const auto end = std::min(argument.find('='), argument.size());
  std::replace(argument.begin(), argument.begin() + static_cast<std::ptrdiff_t>(end), '_', '-');
  return argument;
}

void ignore(const std::string& /*word*/) {}

CLI::Option* declare(CLI::App& app, const Option& option) {
  auto* declared = option.takes_a_word() ? app.add_option(joined(option.names(), ","))
                                         : app.add_flag(joined(option.names(), ","));
  declared->description(meaning_of(option))->group(option.heading());
  declared->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  if (!option.takes_a_word()) return declared;
  declared->type_name(option.value_name());
  if (option.kind() != OptionKind::kList) return declared->expected(1);
  return declared->expected(1, CLI::detail::expected_max_vector_size)->allow_extra_args();
}

/// Reads the words of one option.
void take(Option& option, const std::vector<std::string>& words, RepeatedOption repeated) {
  option.set_times_given(static_cast<int>(words.size()));
  if (std::find(words.begin(), words.end(), std::string()) != words.end())
    throw std::invalid_argument("expected a value, found an empty one");
  if (option.kind() == OptionKind::kCount) {
    std::int64_t count = 0;
    for (const auto& word : words) count += CLI::detail::to_flag_value(word);
    return option.read(std::to_string(count));
  }
  if (option.kind() == OptionKind::kFlag)
    return option.read(CLI::detail::to_flag_value(words.back()) > 0 ? "true" : "false");
  if (option.kind() == OptionKind::kValue && words.size() > 1) {
    if (repeated == RepeatedOption::kRefused) {
      throw std::invalid_argument("expected one value, found " + std::to_string(words.size()) +
                                  ": " + words.front() + " and " + words.back());
    }
    return option.read(words.back());
  }
  for (const auto& word : words) option.read(word);
}

std::string unexpected(const std::string& word) {
  if (word.rfind('-', 0) == 0) return "unknown option " + word + " (--help lists them)";
  return "unexpected argument '" + word + "'";
}

CommandLine::Result problem(const std::string& text) { return {std::nullopt, {printable(text)}}; }

}  // namespace

CommandLine::CommandLine(std::string program, std::string purpose, RepeatedOption repeated)
    : program_(std::move(program)), purpose_(std::move(purpose)), repeated_(repeated) {
  own_.heading(kOtherOptions);
  own_.add_parsed("--version", OptionKind::kFlag, "", "print the version and end", ignore);
  own_.add_parsed("-h,--help", OptionKind::kFlag, "", "print the options and end", ignore);
}

void CommandLine::add_positional(std::string name, std::string& value, std::string help,
                                 std::vector<std::string> choices) {
  positionals_.push_back({{std::move(name), std::move(help), std::move(choices)}, &value});
}

void CommandLine::add_configuration_file(std::function<void(const std::string&)> check) {
  check_configuration_ = std::move(check);
  own_.add_parsed("--config-file", OptionKind::kValue, "FILE",
                  "TOML file of options; the command line wins", ignore);
}

const Option* CommandLine::find(const std::string& name) const {
  std::vector<const OptionList*> lists(lists_.begin(), lists_.end());
  lists.push_back(&own_);
  for (const auto* list : lists) {
    for (const auto& option : list->options()) {
      const auto& names = option.names();
      if (std::find(names.begin(), names.end(), name) != names.end()) return &option;
    }
  }
  return nullptr;
}

/// What is wrong with how words stand beside each other, which the library would take for values.
std::vector<std::string> CommandLine::problems_of_words(
    const std::vector<std::string>& arguments) const {
  std::vector<std::string> problems;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto& word = arguments[i];
    if (word == "--") break;
    const auto equals = word.find('=');
    const auto* option = find(word.substr(0, equals));
    if (option == nullptr) continue;
    const bool attached = equals != std::string::npos;
    if (!option->takes_a_word()) {
      // A configuration file gives flags values; there they are taken here too.
      if (attached && !check_configuration_) problems.push_back(option->name() + " takes no value");
    } else if (attached && equals + 1 == word.size()) {
      problems.push_back(option->name() + ": expected a value, found an empty one");
    } else if (!attached && (i + 1 == arguments.size() ||
                             find(arguments[i + 1].substr(0, arguments[i + 1].find('='))))) {
      problems.push_back(option->name() + " needs a value");
    } else if (!attached) {
      ++i;
    }
  }
  return problems;
}

ProgramText CommandLine::text() const {
  std::vector<const OptionList*> lists(lists_.begin(), lists_.end());
  lists.push_back(&own_);
  ProgramText text{program_, purpose_, std::string(version()), {}, groups_of(lists)};
  for (const auto& positional : positionals_) text.positionals.push_back(positional.text);
  return text;
}

CommandLine::Result CommandLine::parse(std::vector<std::string> arguments) {
  for (auto& argument : arguments) argument = with_dashes(argument);
  constexpr std::pair<const char*, std::string (*)(const ProgramText&)> kPages[] = {
      {"--help-markdown", markdown_page},
      {"--help-man", man_page},
      {"--help-boutiques", boutiques_descriptor}};
  for (const auto& [name, page] : kPages) {
    if (std::find(arguments.begin(), arguments.end(), name) != arguments.end())
      return {page(text()), {}};
  }
  CLI::App app(purpose_, program_);
  app.set_help_flag();  // declared last, so that its heading comes last
  for (const auto& positional : positionals_)
    app.add_option(positional.text.name, *positional.value, positional.text.help)->required();
  std::vector<std::pair<Option*, const CLI::Option*>> declared;
  for (auto* list : lists_)
    for (auto& option : list->options()) declared.emplace_back(&option, declare(app, option));
  const std::string version_line = program_ + " " + std::string(version());
  for (const auto& option : own_.options()) {
    const auto& name = option.name();
    auto* known = name == "--version" ? app.set_version_flag(name, version_line)
                  : name == "--help"  ? app.set_help_flag(joined(option.names(), ","))
                                      : app.set_config(name);
    known->description(option.help())->group(option.heading());
    if (name == "--config-file") known->type_name(option.value_name());
  }
  app.allow_config_extras(false);
  if (check_configuration_) {
    app.get_config_ptr()->check(CLI::Validator(
        [this](const std::string& path) {
          try {
            check_configuration_(path);
            return std::string();
          } catch (const std::invalid_argument& error) {
            return std::string(error.what());
          }
        },
        ""));
  }

  const auto misplaced = problems_of_words(arguments);
  std::reverse(arguments.begin(), arguments.end());  // the order that CLI11 takes
  try {
    app.parse(arguments);
  } catch (const CLI::CallForHelp&) {
    return {app.help(), {}};
  } catch (const CLI::CallForVersion&) {
    return {version_line + "\n", {}};
  } catch (const CLI::ParseError& error) {
    if (!misplaced.empty()) return {std::nullopt, misplaced};
    if (!app.remaining().empty()) return problem(unexpected(app.remaining().front()));
    const bool missing = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
    return problem(error.what() + (missing ? positionals_hint_ : ""));
  }
  Result result{std::nullopt, misplaced};
  if (!misplaced.empty()) return result;
  for (const auto& positional : positionals_) {
    if (positional.value->empty())
      result.problems.push_back(positional.text.name + ": expected a value, found an empty one");
  }
  for (const auto& [option, known] : declared) {
    if (known->count() == 0) continue;
    try {
      take(*option, known->results(), repeated_);
    } catch (const std::logic_error& error) {  // std::invalid_argument, std::out_of_range
      result.problems.push_back(printable(option->name() + ": " + error.what()));
    }
  }
  return result;
}

}  // namespace hypersynth
