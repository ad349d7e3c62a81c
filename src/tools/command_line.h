#pragma once

#include <functional>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hypersynth {

/// The options of a small program, declared once for parsing and for --help. It needs nothing but
/// the standard library: the training program also builds where there is only libtorch.
class CommandLine {
 public:
  CommandLine(std::string program, std::string purpose);

  /// The options added from here on belong together in --help.
  void heading(const std::string& text);

  // `name` without dashes; `value` keeps its default where the option is not given.
  void add(const std::string& name, std::string& value, const std::string& meaning);
  void add(const std::string& name, double& value, const std::string& meaning);
  void add(const std::string& name, int& value, const std::string& meaning);
  void add(const std::string& name, std::int64_t& value, const std::string& meaning);
  void add(const std::string& name, std::uint64_t& value, const std::string& meaning);
  /// Given without a value, sets `value` to true.
  void add(const std::string& name, bool& value, const std::string& meaning);
  /// May be given several times or with several values.
  void add(const std::string& name, std::vector<std::string>& values, const std::string& meaning);
  /// NAME=NUMBER, several.
  void add(const std::string& name, std::map<std::string, double>& values,
           const std::string& meaning);
  /// Sides such as 128x128x128.
  void add_sides(const std::string& name, std::vector<std::int64_t>& sides,
                 const std::string& meaning);

  /// Reads argv; `--foo_bar` is `--foo-bar`. Returns an exit code where the program should end at
  /// once (--help, --version); throws Error kUsage that names the argument at fault.
  std::optional<int> parse(int argc, const char* const* argv, std::ostream& out) const;

 private:
  struct Option {
    std::string name, meaning, start;
    bool flag = false;
    bool many = false;
    std::function<void(const std::string&)> set;
    std::string heading{};  // above this option
  };

  void add_option(Option option);
  void print_help(std::ostream& out) const;

  std::string program_, purpose_, heading_;
  std::vector<Option> options_;
};

/// Runs `body` and turns an Error into its message on stderr and its exit code.
int run_program(const std::string& program, const std::function<int()>& body);

}  // namespace hypersynth
