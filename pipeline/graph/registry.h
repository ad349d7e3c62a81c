#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "pipeline/graph/any_interface.h"

namespace hypersynth::pipeline {

/// The interfaces that a program can run in a process of its own or in a cluster job. Such a
/// process is told the id of the interface only, and looks up here what to run.
class Registry {
 public:
  using Factory = std::function<std::shared_ptr<const AnyInterface>()>;

  template <Interface I>
  Registry& add() {
    factories_[interface_id<I>()] = [] { return erase<I>(); };
    return *this;
  }

  /// For an implementation with state: `make` is called only in the process that runs such a node.
  template <Interface I>
  Registry& add(std::function<I()> make) {
    factories_[interface_id<I>()] = [make = std::move(make)] { return erase<I>(make()); };
    return *this;
  }

  /// Null when there is no such interface.
  std::shared_ptr<const AnyInterface> make(const std::string& id) const {
    const auto found = factories_.find(id);
    return found == factories_.end() ? nullptr : found->second();
  }

 private:
  std::unordered_map<std::string, Factory> factories_;
};

/// The one line that a program's `main` needs so that its nodes can run in processes and jobs:
///
///     if (const auto code = serve_node(argc, argv, registry)) return *code;
///
/// Nothing when the arguments do not start with `--run-node`; else runs that node, commits its
/// result and gives the exit code (0 done, 1 failed). What fails is also said on stderr.
std::optional<int> serve_node(int argc, const char* const* argv, const Registry& registry);

}  // namespace hypersynth::pipeline
