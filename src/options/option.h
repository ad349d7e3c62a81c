#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "options/option_value.h"
#include "options/range.h"

namespace hypersynth {

/// One option of a program: its names, where its value is kept, what it means and what it may be.
/// The parser, --help, the check, what a checkpoint records and the documentation all come from
/// this one description.
class Option {
 public:
  /// `names` as typed, with commas between them: "-w,--work-dir". The first long one is the name;
  /// the others say the same.
  Option(const std::string& names, OptionKind kind, std::string help);

  /// What --help calls the word that the option takes, where the type says too little: "FILE".
  Option& value_name(std::string text);
  Option& unit(std::string text);
  /// What --help gives as the default, where the value itself says too little.
  Option& shown_default(std::string text);
  /// A violation unless `holds`; `sentence` goes on from the option's name: "needs two sides".
  Option& check(std::function<bool()> holds, std::string sentence);
  /// Of a number, or of an optional one that is given.
  Option& range(const Range& range);
  /// Called after a word was read. Throws std::invalid_argument where it is no good.
  Option& after_reading(std::function<void()> action);
  /// A run that goes on from a checkpoint must have the same value. `key` is the name there, by
  /// default the option's with underscores; "a.b" is b in an object a.
  Option& in_checkpoint(std::string key = "");
  /// A run that goes on from a checkpoint may have another value.
  Option& may_change();
  /// Of a program with levels: other levels refuse the option. Without this they take it and do
  /// nothing, so that one set of options serves all levels.
  Option& refused_elsewhere();

  /// The name with its dashes: "--work-dir".
  const std::string& name() const { return name_; }
  const std::vector<std::string>& names() const { return names_; }
  OptionKind kind() const { return kind_; }
  bool takes_a_word() const { return kind_ == OptionKind::kValue || kind_ == OptionKind::kList; }
  const std::string& value_name() const { return value_name_; }
  const std::string& heading() const { return heading_; }
  const std::string& help() const { return help_; }
  /// Unit, range and the only level that takes it: "degrees, not negative"; empty where there is
  /// none of these.
  std::string limits() const;
  /// The value at the time of the description, which the struct's initialiser gave it.
  const std::string& default_text() const { return default_text_; }
  bool is_refused_elsewhere() const { return refused_elsewhere_; }
  const std::string& checkpoint_key() const { return checkpoint_key_; }
  bool can_change() const { return can_change_; }

  /// Sets the value; throws std::invalid_argument "expected ..., found ...".
  void read(const std::string& text);
  /// How often the command line or the configuration file gave it.
  int times_given() const { return times_given_; }
  void set_times_given(int times) { times_given_ = times; }

  /// What is wrong with the value, one sentence each that begins with `subject`.
  std::vector<std::string> violations(const std::string& subject) const;
  std::string json() const { return json_(); }

 private:
  friend class OptionList;

  struct Check {
    std::function<bool()> holds;
    std::string sentence;
  };

  std::vector<std::string> names_;
  std::string name_, value_name_, heading_, help_, unit_, range_words_, default_text_;
  std::string checkpoint_key_;
  OptionKind kind_;
  std::string level_;
  bool refused_elsewhere_ = false;
  bool can_change_ = false;
  int times_given_ = 0;
  std::function<void(const std::string&)> read_;
  std::function<void()> after_reading_;
  std::function<std::string()> text_, json_;
  std::function<std::optional<double>()> number_;
  std::vector<Check> checks_;
};

/// How a violation names an option: as typed ("--work-dir") or as the field of a struct
/// ("work_dir").
enum class OptionSpelling { kTyped, kField };

/// The options of a struct, in the order of --help. They refer to the struct, which must live as
/// long and stay where it is.
class OptionList {
 public:
  OptionList() = default;
  OptionList(const OptionList&) = delete;
  OptionList& operator=(const OptionList&) = delete;

  /// The level of the program that the options added from here on belong to; empty: any.
  void level(std::string name) { level_ = std::move(name); }
  const std::string& level() const { return level_; }

  /// The options added from here on stand below this heading.
  void heading(std::string text) { heading_ = std::move(text); }

  /// An option whose value is kept in `value`.
  template <class T>
  Option& add(const std::string& names, T& value, std::string help) {
    Option& option = append({names, OptionValue<T>::kKind, std::move(help)});
    option.value_name_ = OptionValue<T>::value_name();
    option.read_ = [&value](const std::string& text) { OptionValue<T>::read(text, value); };
    option.text_ = [&value] { return OptionValue<T>::text(value); };
    option.json_ = [&value] { return OptionValue<T>::json(value); };
    option.number_ = [&value] { return OptionNumber<T>::of(value); };
    option.default_text_ = option.text_();
    return option;
  }

  /// An option that `read` takes apart: it is given each word and throws std::invalid_argument
  /// "expected ..., found ...".
  Option& add_parsed(const std::string& names, OptionKind kind, std::string value_name,
                     std::string help, std::function<void(const std::string&)> read);

  /// How often the flag is given.
  Option& add_count(const std::string& names, int& count, std::string help);

  /// Everything that is wrong with the values, one sentence each.
  std::vector<std::string> violations(OptionSpelling spelling) const;

  /// The options of a checkpoint and their values as one JSON object, in the order of this list.
  std::string checkpoint_json() const;
  /// The options that are neither in checkpoint_json() nor may change, by name: {"--shearing": 0}.
  std::string other_choices_json() const;

  std::deque<Option>& options() { return options_; }
  const std::deque<Option>& options() const { return options_; }

 private:
  Option& append(Option option);

  std::string heading_, level_;
  std::deque<Option> options_;  // whose elements stay where they are
};

}  // namespace hypersynth
