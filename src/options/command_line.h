#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "options/option.h"
#include "options/program_text.h"

namespace hypersynth {

/// What becomes of an option that takes one word and is given several times.
enum class RepeatedOption {
  kRefused,   ///< two words for one thing are a mistake
  kLastWins,  ///< a script can add options to a command that has some
};

/// The command line of a program, made from the descriptions of its options. An option may be spelt
/// with - or _. --help and --version are always there. --help does not name three that print what
/// options/program_text.h makes of the descriptions: --help-markdown, --help-man, --help-boutiques.
class CommandLine {
 public:
  CommandLine(std::string program, std::string purpose, RepeatedOption repeated);

  /// A word without a name, in the order in which they are typed. All must be given. `choices` tell
  /// what it may be, for the documentation alone.
  void add_positional(std::string name, std::string& value, std::string help,
                      std::vector<std::string> choices = {});
  /// What a message about a missing positional goes on with.
  void positionals_hint(std::string text) { positionals_hint_ = std::move(text); }
  /// Options stand below the headings of their lists; lists may share headings.
  void add(OptionList& options) { lists_.push_back(&options); }
  /// An option `--config-file FILE`: a TOML file of options by their long names. The command line
  /// wins. `check` throws std::invalid_argument where the file cannot be read.
  void add_configuration_file(std::function<void(const std::string&)> check);

  struct Result {
    /// What to print on standard output and end with success: help, version, tables.
    std::optional<std::string> output;
    /// Everything that is wrong, one message each that names the argument.
    std::vector<std::string> problems;
  };
  /// Reads the arguments (without the program's name) into what the descriptions refer to.
  Result parse(std::vector<std::string> arguments);

 private:
  struct Positional {
    PositionalText text;
    std::string* value;
  };

  const Option* find(const std::string& name) const;
  std::vector<std::string> problems_of_words(const std::vector<std::string>& arguments) const;
  ProgramText text() const;

  std::string program_, purpose_, positionals_hint_;
  RepeatedOption repeated_;
  std::vector<Positional> positionals_;
  OptionList own_;  // of every program; the library behind this class acts on them
  std::vector<OptionList*> lists_;
  std::function<void(const std::string&)> check_configuration_;
};

}  // namespace hypersynth
