#pragma once

#include <atomic>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/filesystem.hpp>

#include "pipeline/run/run.h"

namespace hypersynth::pipeline {

/// Counts executions in this process.
inline std::atomic<int>& executions() {
  static std::atomic<int> count{0};
  return count;
}

inline std::string read_text(const fs::path& file) {
  std::ifstream stream(file.string(), std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

inline void write_text(const fs::path& file, const std::string& text) {
  std::ofstream(file.string(), std::ios::binary) << text;
}

/// A folder of this test that is gone when it ends.
class TemporaryFolder {
 public:
  TemporaryFolder() : path_(fs::temp_directory_path() / fs::unique_path("hypersynth-%%%%%%%%")) {
    fs::create_directories(path_);
  }
  ~TemporaryFolder() {
    boost::system::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  operator const fs::path&() const { return path_; }
  fs::path operator/(const fs::path& name) const { return path_ / name; }

 private:
  fs::path path_;
};

/// sum = a + b, without files.
struct Add {
  struct Inputs {
    int a = 0;
    int b = 0;
  };
  struct Outputs {
    int sum = 0;
  };
  static constexpr std::tuple inputs{Port{"a", &Inputs::a}, Port{"b", &Inputs::b}};
  static constexpr std::tuple outputs{Port{"sum", &Outputs::sum}};
  static constexpr std::string_view version = "1";
  Outputs run(const Inputs& in, NodeContext&) const {
    ++executions();
    return {in.a + in.b};
  }
};

struct Total {
  struct Inputs {
    std::vector<int> terms;
  };
  struct Outputs {
    int sum = 0;
  };
  static constexpr std::tuple inputs{Port{"terms", &Inputs::terms}};
  static constexpr std::tuple outputs{Port{"sum", &Outputs::sum}};
  static constexpr std::string_view version = "1";
  Outputs run(const Inputs& in, NodeContext&) const {
    ++executions();
    Outputs out;
    for (const int term : in.terms) out.sum += term;
    return out;
  }
};

/// 0, 1, ... count - 1.
struct Count {
  struct Inputs {
    int count = 0;
  };
  struct Outputs {
    std::vector<int> numbers;
  };
  static constexpr std::tuple inputs{Port{"count", &Inputs::count}};
  static constexpr std::tuple outputs{Port{"numbers", &Outputs::numbers}};
  static constexpr std::string_view version = "1";
  Outputs run(const Inputs& in, NodeContext&) const {
    ++executions();
    Outputs out;
    for (int i = 0; i < in.count; ++i) out.numbers.push_back(i);
    return out;
  }
};

/// The file with `suffix` appended.
struct Append {
  struct Inputs {
    fs::path file;
    std::string suffix;
  };
  struct Outputs {
    fs::path file;
  };
  static constexpr std::tuple inputs{Port{"file", &Inputs::file}, Port{"suffix", &Inputs::suffix}};
  static constexpr std::tuple outputs{Port{"file", &Outputs::file}};
  static constexpr std::string_view version = "1";
  Outputs run(const Inputs& in, NodeContext& context) const {
    ++executions();
    const fs::path out = context.work_dir() / "appended.txt";
    write_text(out, read_text(in.file) + in.suffix);
    return {out};
  }
};

/// Fails when told to.
struct MayFail {
  struct Inputs {
    int value = 0;
    bool fails = false;
  };
  struct Outputs {
    int value = 0;
  };
  static constexpr std::tuple inputs{Port{"value", &Inputs::value}, Port{"fails", &Inputs::fails}};
  static constexpr std::tuple outputs{Port{"value", &Outputs::value}};
  static constexpr std::string_view version = "1";
  Outputs run(const Inputs& in, NodeContext&) const {
    ++executions();
    if (in.fails) throw std::runtime_error("told to fail");
    return {in.value};
  }
};

inline RunOptions options_for(const fs::path& work_dir) {
  RunOptions options;
  options.work_dir = work_dir;
  options.limits.cpus = 2;
  return options;
}

}  // namespace hypersynth::pipeline
