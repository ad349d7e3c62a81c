#pragma once

#include <chrono>
#include <fcntl.h>
#include <iostream>
#include <signal.h>
#include <thread>
#include <unistd.h>

#include "core/error.h"
#include "pipeline/graph/registry.h"
#include "pipeline/sample_nodes.h"

namespace hypersynth::pipeline {

/// Appends a line to a file that several processes write.
inline void append_line(const std::string& file, const std::string& line) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
  const std::string text = line + '\n';
  (void)!::write(descriptor, text.data(), text.size());
  ::close(descriptor);
}

/// Appends `text` to the file it is given, and tells `journal` that it ran.
struct Logged {
  struct Inputs {
    std::optional<fs::path> file;
    std::string text;
    std::string journal;
    int sleep_ms = 0;
  };
  struct Outputs {
    fs::path file;
  };
  static constexpr std::tuple inputs{Port{"file", &Inputs::file}, Port{"text", &Inputs::text},
                                     Port{"journal", &Inputs::journal},
                                     Port{"sleep_ms", &Inputs::sleep_ms}};
  static constexpr std::tuple outputs{Port{"file", &Outputs::file}};
  static constexpr std::string_view version = "1";
  Outputs run(const Inputs& in, NodeContext& context) const {
    append_line(in.journal, context.node_name());
    std::this_thread::sleep_for(std::chrono::milliseconds(in.sleep_ms));
    const fs::path out = context.work_dir() / "text.txt";
    write_text(out, (in.file ? read_text(*in.file) : std::string()) + in.text);
    return {out};
  }
};

/// Findings that could not be told from the words around them in a message.
inline InputFindings tricky_findings() {
  return {"/data/a: expected b, found c.nii", "text: expected, found nowhere",
          "x, found y: expected \xFF\n"};
}

/// Does what nodes should not do.
struct Misbehave {
  struct Inputs {
    std::string how;
    int amount = 0;
    std::string journal;
  };
  struct Outputs {
    int value = 0;
  };
  static constexpr std::tuple inputs{Port{"how", &Inputs::how}, Port{"amount", &Inputs::amount},
                                     Port{"journal", &Inputs::journal}};
  static constexpr std::tuple outputs{Port{"value", &Outputs::value}};
  static constexpr std::string_view version = "1";

  Outputs run(const Inputs& in, NodeContext&) const {
    append_line(in.journal, std::to_string(::getpid()));
    if (in.how == "die") ::raise(SIGKILL);
    if (in.how == "abort") ::abort();
    if (in.how == "exit") ::_exit(in.amount);
    if (in.how == "lack" && !fs::exists(in.journal + ".found"))
      throw std::runtime_error("something is missing");
    if (in.how == "refuse") {
      const InputFindings input = tricky_findings();
      throw InputError(input.path, input.expected, input.found);
    }
    if (in.how == "throw")
      throw std::runtime_error("a: expected b, found that it was told to throw");
    if (in.how == "complain") {
      for (int i = 0; i < 1000; ++i) std::cerr << "complaint " << i << '\n';
      throw std::runtime_error("told to complain");
    }
    if (in.how == "allocate") return {allocate(in.amount, 1)};
    if (in.how == "hold") return {allocate(in.amount, 30)};
    if (in.how == "fork") start_child(in.journal);
    if (in.how == "fork" || in.how == "sleep")
      std::this_thread::sleep_for(std::chrono::seconds(in.amount));
    return {in.amount};
  }

 private:
  /// Holds this many megabytes for a while.
  static int allocate(int megabytes, int time_s) {
    std::vector<char> memory(static_cast<std::size_t>(megabytes) * 1000 * 1000, 1);
    std::this_thread::sleep_for(std::chrono::seconds(time_s));
    return memory[memory.size() / 2];
  }

  /// A child that would outlive this process.
  static void start_child(const std::string& journal) {
    if (::fork() != 0) return;
    append_line(journal, std::to_string(::getpid()));
    ::signal(SIGTERM, SIG_IGN);
    while (true) ::pause();
  }
};

inline Registry sample_registry() {
  Registry registry;
  registry.add<Add>().add<Append>().add<Logged>().add<Misbehave>().add<MayFail>();
  return registry;
}

/// `chains` chains of `length` nodes; every node adds its own letter.
inline Workflow chains_workflow(int chains, int length, const std::string& journal, int sleep_ms,
                                Placement placement) {
  Workflow workflow("chains");
  NodeOptions options;
  options.placement = placement;
  for (int chain = 0; chain < chains; ++chain) {
    std::optional<Node<Logged>> last;
    for (int step = 0; step < length; ++step) {
      const std::string name = "chain" + std::to_string(chain) + ".step" + std::to_string(step);
      const auto node = workflow.add<Logged>(
          name, {{}, std::string(1, static_cast<char>('a' + step)), journal, sleep_ms}, options);
      if (last) workflow.connect(*last, &Logged::Outputs::file, node, &Logged::Inputs::file);
      last = node;
    }
  }
  return workflow;
}

}  // namespace hypersynth::pipeline
