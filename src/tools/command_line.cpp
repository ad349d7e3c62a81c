#include "tools/command_line.h"

#include <algorithm>
#include <iostream>
#include <new>
#include <sstream>
#include <utility>

#include "core/error.h"
#include "core/version.h"

namespace hypersynth {
namespace {

[[noreturn]] void usage(const std::string& message) { throw Error(ExitCode::kUsage, message); }

/// The whole of `text` as a value of type T.
template <typename T>
T parsed(const std::string& name, const std::string& text, const char* kind) {
  std::istringstream stream(text);
  T value{};
  const bool negative = std::is_unsigned_v<T> && text.find('-') != std::string::npos;
  if (negative || !(stream >> value) || stream.peek() != std::istringstream::traits_type::eof())
    usage("--" + name + ": expected " + kind + ", found '" + text + "'");
  return value;
}

bool is_option(const std::string& argument) { return argument.rfind("--", 0) == 0; }

template <typename T>
std::string shown(const T& value) {
  std::ostringstream stream;
  stream << value;
  return stream.str();
}

std::string joined(const std::vector<std::int64_t>& sides) {
  std::string text;
  for (const auto side : sides) text += (text.empty() ? "" : "x") + std::to_string(side);
  return text;
}

}  // namespace

CommandLine::CommandLine(std::string program, std::string purpose)
    : program_(std::move(program)), purpose_(std::move(purpose)) {}

void CommandLine::heading(const std::string& text) { heading_ = text; }

void CommandLine::add_option(Option option) {
  option.heading = std::exchange(heading_, {});
  options_.push_back(std::move(option));
}

void CommandLine::add(const std::string& name, std::string& value, const std::string& meaning) {
  add_option({name, meaning, value, false, false, [&value](const auto& text) { value = text; }});
}

void CommandLine::add(const std::string& name, double& value, const std::string& meaning) {
  add_option({name, meaning, shown(value), false, false, [&value, name](const auto& text) {
                value = parsed<double>(name, text, "a number");
              }});
}

void CommandLine::add(const std::string& name, int& value, const std::string& meaning) {
  add_option({name, meaning, shown(value), false, false, [&value, name](const auto& text) {
                value = parsed<int>(name, text, "a whole number");
              }});
}

void CommandLine::add(const std::string& name, std::int64_t& value, const std::string& meaning) {
  add_option({name, meaning, shown(value), false, false, [&value, name](const auto& text) {
                value = parsed<std::int64_t>(name, text, "a whole number");
              }});
}

void CommandLine::add(const std::string& name, std::uint64_t& value, const std::string& meaning) {
  add_option({name, meaning, shown(value), false, false, [&value, name](const auto& text) {
                value = parsed<std::uint64_t>(name, text, "a whole number, not negative");
              }});
}

void CommandLine::add(const std::string& name, bool& value, const std::string& meaning) {
  add_option({name, meaning, "", true, false, [&value](const auto&) { value = true; }});
}

void CommandLine::add(const std::string& name, std::vector<std::string>& values,
                      const std::string& meaning) {
  add_option(
      {name, meaning, "", false, true, [&values](const auto& text) { values.push_back(text); }});
}

void CommandLine::add(const std::string& name, std::map<std::string, double>& values,
                      const std::string& meaning) {
  add_option({name, meaning, "", false, true, [&values, name](const auto& text) {
                const auto equals = text.find('=');
                if (equals == std::string::npos || equals == 0)
                  usage("--" + name + ": expected NAME=NUMBER, found '" + text + "'");
                values[text.substr(0, equals)] =
                    parsed<double>(name, text.substr(equals + 1), "NAME=NUMBER");
              }});
}

void CommandLine::add_sides(const std::string& name, std::vector<std::int64_t>& sides,
                            const std::string& meaning) {
  add_option({name, meaning, joined(sides), false, false, [&sides, name](const auto& text) {
                std::vector<std::int64_t> found;
                std::istringstream stream(text);
                for (std::string side; std::getline(stream, side, 'x');)
                  found.push_back(parsed<std::int64_t>(name, side, "sides such as 128x128x128"));
                sides = found;
              }});
}

std::optional<int> CommandLine::parse(int argc, const char* const* argv, std::ostream& out) const {
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    if (!is_option(argument)) usage("unexpected argument '" + printable(argument) + "'");
    std::optional<std::string> attached;
    if (const auto equals = argument.find('='); equals != std::string::npos) {
      attached = argument.substr(equals + 1);
      argument.resize(equals);
    }
    auto name = argument.substr(2);
    std::replace(name.begin(), name.end(), '_', '-');
    if (name == "help") {
      print_help(out);
      return 0;
    }
    if (name == "version") {
      out << program_ << ' ' << version() << '\n';
      return 0;
    }
    const auto option = std::find_if(options_.begin(), options_.end(),
                                     [&](const Option& known) { return known.name == name; });
    if (option == options_.end())
      usage("unknown option --" + printable(name) + " (--help lists them)");
    if (option->flag) {
      if (attached) usage("--" + name + " takes no value");
      option->set("");
      continue;
    }
    if (!attached && (i + 1 >= argc || is_option(argv[i + 1])))
      usage("--" + name + " needs a value");
    option->set(attached ? *attached : argv[++i]);
    while (option->many && i + 1 < argc && !is_option(argv[i + 1])) option->set(argv[++i]);
  }
  return std::nullopt;
}

void CommandLine::print_help(std::ostream& out) const {
  out << "usage: " << program_ << " [options]\n\n" << purpose_ << "\n\n";
  for (const auto& option : options_) {
    if (!option.heading.empty()) out << option.heading << ":\n";
    out << "  --" << option.name;
    if (!option.flag) out << (option.many ? " VALUE..." : " VALUE");
    out << "\n      " << option.meaning;
    if (!option.start.empty()) out << " [" << option.start << "]";
    out << '\n';
  }
}

int run_program(const std::string& program, const std::function<int()>& body) {
  try {
    return body();
  } catch (const Error& error) {
    std::cerr << program << ": " << error.what() << '\n';
    return static_cast<int>(error.code());
  } catch (const std::bad_alloc&) {
    std::cerr << program << ": out of memory\n";
  } catch (const std::exception& error) {
    std::cerr << program << ": " << error.what() << '\n';
  }
  return static_cast<int>(ExitCode::kInternal);
}

}  // namespace hypersynth
