#include "options/option.h"

#include <algorithm>
#include <sstream>

namespace hypersynth {
namespace {

std::string field_name(const std::string& option) {
  auto name = option.substr(option.find_first_not_of('-'));
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

}  // namespace

Option::Option(const std::string& names, OptionKind kind, std::string help)
    : help_(std::move(help)), kind_(kind) {
  std::istringstream stream(names);
  for (std::string name; std::getline(stream, name, ',');) names_.push_back(name);
  const auto is_long = [](const std::string& name) { return name.rfind("--", 0) == 0; };
  const auto first = std::find_if(names_.begin(), names_.end(), is_long);
  name_ = first == names_.end() ? names_.front() : *first;
}

Option& Option::value_name(std::string text) {
  value_name_ = std::move(text);
  return *this;
}

Option& Option::unit(std::string text) {
  unit_ = std::move(text);
  return *this;
}

Option& Option::shown_default(std::string text) {
  default_text_ = std::move(text);
  return *this;
}

Option& Option::check(std::function<bool()> holds, std::string sentence) {
  checks_.push_back({std::move(holds), std::move(sentence)});
  return *this;
}

Option& Option::range(const Range& range) {
  range_words_ = range.words();
  return check(
      [range, number = number_] {
        const auto value = number();
        return !value || range.holds(*value);
      },
      range.sentence());
}

Option& Option::after_reading(std::function<void()> action) {
  after_reading_ = std::move(action);
  return *this;
}

Option& Option::in_checkpoint(std::string key) {
  checkpoint_key_ = key.empty() ? field_name(name_) : std::move(key);
  return *this;
}

Option& Option::may_change() {
  can_change_ = true;
  return *this;
}

Option& Option::refused_elsewhere() {
  refused_elsewhere_ = true;
  return *this;
}

std::string Option::limits() const {
  std::string text;
  const std::string level = refused_elsewhere_ ? level_ + " level only" : "";
  for (const auto& part : {unit_, range_words_, level})
    if (!part.empty()) text += (text.empty() ? "" : ", ") + part;
  return text;
}

void Option::read(const std::string& text) {
  read_(text);
  if (after_reading_) after_reading_();
}

std::vector<std::string> Option::violations(const std::string& subject) const {
  std::vector<std::string> violations;
  for (const auto& check : checks_) {
    if (check.holds()) continue;
    const auto value = text_ ? text_() : "";
    violations.push_back(subject + " " + check.sentence +
                         (value.empty() ? "" : ", found " + value));
  }
  return violations;
}

Option& OptionList::append(Option option) {
  option.heading_ = heading_;
  option.level_ = level_;
  options_.push_back(std::move(option));
  return options_.back();
}

Option& OptionList::add_parsed(const std::string& names, OptionKind kind, std::string value_name,
                               std::string help, std::function<void(const std::string&)> read) {
  Option& option = append({names, kind, std::move(help)});
  option.value_name_ = std::move(value_name);
  option.read_ = std::move(read);
  return option;
}

Option& OptionList::add_count(const std::string& names, int& count, std::string help) {
  return add_parsed(names, OptionKind::kCount, "", std::move(help),
                    [&count](const std::string& text) { OptionValue<int>::read(text, count); });
}

std::vector<std::string> OptionList::violations(OptionSpelling spelling) const {
  std::vector<std::string> all;
  for (const auto& option : options_) {
    const bool typed = spelling == OptionSpelling::kTyped;
    for (auto& sentence : option.violations(typed ? option.name() : field_name(option.name())))
      all.push_back(std::move(sentence));
  }
  return all;
}

std::string OptionList::checkpoint_json() const {
  std::string json;
  std::string object;  // whose members are being written; empty: the outermost
  for (const auto& option : options_) {
    const auto& key = option.checkpoint_key();
    if (key.empty()) continue;
    const auto dot = key.find('.');
    const auto owner = dot == std::string::npos ? "" : key.substr(0, dot);
    const bool opens = !owner.empty() && owner != object;
    if (!object.empty() && owner != object) json += '}';
    if (!json.empty()) json += ',';
    if (opens) json += quoted_json(owner) + ":{";
    object = owner;
    json += quoted_json(dot == std::string::npos ? key : key.substr(dot + 1)) + ":" + option.json();
  }
  return "{" + json + (object.empty() ? "}" : "}}");
}

std::string OptionList::other_choices_json() const {
  std::string json;
  for (const auto& option : options_) {
    if (!option.checkpoint_key().empty() || option.can_change()) continue;
    json += (json.empty() ? "" : ",") + quoted_json(option.name()) + ":" + option.json();
  }
  return "{" + json + "}";
}

}  // namespace hypersynth
