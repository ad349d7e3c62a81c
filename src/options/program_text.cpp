#include "options/program_text.h"

#include <algorithm>
#include <cctype>

#include <nlohmann/json.hpp>

#include "core/joined.h"

namespace hypersynth {
namespace {

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

/// For troff, which takes a backslash, a minus sign and a point at the start of a line for its own.
std::string troff(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '\\') {
      result += "\\e";
    } else if (c == '-') {
      result += "\\-";
    } else {
      result += c;
    }
  }
  if (!result.empty() && (result[0] == '.' || result[0] == '\'')) result.insert(0, "\\&");
  return result;
}

std::string bold(const std::string& text) { return "\\fB" + troff(text) + "\\fR"; }
std::string italic(const std::string& text) { return "\\fI" + troff(text) + "\\fR"; }

/// The words of "{auto,cpu,cuda}"; empty where it is no choice.
std::vector<std::string> choices_of(const Option& option) {
  const std::string& name = option.value_name();
  std::vector<std::string> choices;
  if (name.size() < 2 || name.front() != '{' || name.back() != '}') return choices;
  std::string word;
  for (const char c : name.substr(1)) {
    if (c != ',' && c != '}') {
      word += c;
    } else {
      choices.push_back(std::move(word));
      word.clear();
    }
  }
  return choices;
}

/// "work_dir": letters, digits and underscores alone.
std::string identifier(std::string name) {
  name.erase(0, name.find_first_not_of('-'));
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

/// Boutiques' name of the type of a word that --help calls `value_name`.
std::string boutiques_type(const std::string& value_name) {
  if (value_name == "N" || value_name == "NUMBER") return "Number";
  if (value_name == "FILE" || value_name == "DIR") return "File";
  return "String";
}

nlohmann::ordered_json boutiques_input(const Option& option) {
  const std::string id = identifier(option.name());
  nlohmann::ordered_json input{{"id", id},
                               {"name", option.name()},
                               {"description", meaning_of(option)},
                               {"type", "Flag"},
                               {"optional", true},
                               {"command-line-flag", option.name()},
                               {"value-key", "[" + upper(id) + "]"}};
  if (!option.takes_a_word()) return input;
  input["type"] = boutiques_type(option.value_name());
  if (option.value_name() == "N") input["integer"] = true;
  if (option.kind() == OptionKind::kList) input["list"] = true;
  if (const auto choices = choices_of(option); !choices.empty()) input["value-choices"] = choices;
  return input;
}

}  // namespace

std::string markdown_page(const ProgramText& text) {
  std::string page;
  for (const auto& group : text.groups)
    page += (page.empty() ? "### " : "\n### ") + group.heading + "\n\n" + markdown_table(group);
  return page;
}

std::string man_page(const ProgramText& text) {
  std::string page = ".TH " + upper(text.program) + " 1 \"\" \"" + text.program + " " +
                     text.version + "\" \"User Commands\"\n.SH NAME\n" + troff(text.program) +
                     " \\- " + troff(text.purpose) + "\n.SH SYNOPSIS\n" + bold(text.program);
  for (const auto& positional : text.positionals) page += " " + italic(upper(positional.name));
  page += " [" + italic("OPTION") + " ...]\n";
  if (!text.positionals.empty()) page += ".SH ARGUMENTS\n";
  for (const auto& positional : text.positionals)
    page += ".TP\n" + italic(upper(positional.name)) + "\n" + troff(positional.help) + "\n";
  for (const auto& group : text.groups) {
    page += ".SH \"" + troff(upper(group.heading)) + "\"\n";
    for (const auto* option : group.options) {
      page += ".TP\n" + joined(option->names(), ", ", bold);
      if (option->takes_a_word()) page += " " + italic(option->value_name());
      if (option->kind() == OptionKind::kList) page += " ...";
      page += "\n" + troff(meaning_of(*option)) + "\n";
    }
  }
  return page;
}

std::string boutiques_descriptor(const ProgramText& text) {
  nlohmann::ordered_json inputs = nlohmann::json::array();
  std::string command = text.program;
  nlohmann::ordered_json outputs = nlohmann::json::array();
  for (const auto& positional : text.positionals) {
    const std::string& id = positional.name;
    const std::string key = "[" + upper(id) + "]";
    const bool is_output = id.rfind("output", 0) == 0;
    const bool is_place = positional.choices.empty() && !is_output;
    nlohmann::ordered_json input{{"id", id},
                                 {"name", positional.name},
                                 {"description", positional.help},
                                 {"type", is_place ? "File" : "String"},
                                 {"optional", false},
                                 {"value-key", key}};
    if (!positional.choices.empty()) input["value-choices"] = positional.choices;
    inputs.push_back(std::move(input));
    command += " " + key;
    if (is_output)
      outputs.push_back({{"id", id + "_results"},
                         {"name", "Results"},
                         {"path-template", key},
                         {"optional", false}});
  }
  for (const auto& group : text.groups) {
    for (const auto* option : group.options) {
      inputs.push_back(boutiques_input(*option));
      command += " " + inputs.back()["value-key"].get<std::string>();
    }
  }
  nlohmann::ordered_json descriptor{{"name", text.program},         {"description", text.purpose},
                                    {"tool-version", text.version}, {"schema-version", "0.5"},
                                    {"command-line", command},      {"inputs", std::move(inputs)}};
  if (!outputs.empty()) descriptor["output-files"] = std::move(outputs);
  return descriptor.dump(2) + "\n";
}

}  // namespace hypersynth
