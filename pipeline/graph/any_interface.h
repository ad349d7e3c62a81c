#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/type_index.hpp>

#include "pipeline/graph/interface.h"

namespace hypersynth::pipeline {

/// A port without its type.
struct PortInfo {
  std::string name;
  std::string help;
  Hashed hashed = Hashed::kContent;
  bool required = false;  ///< a path that may not stay empty

  bool operator==(const PortInfo&) const = default;
};

/// An interface without its types: what the graph, the cache and the executors see.
class AnyInterface {
 public:
  virtual ~AnyInterface() = default;

  virtual const std::string& id() const = 0;
  virtual const std::string& version() const = 0;
  virtual const std::vector<PortInfo>& inputs() const = 0;
  virtual const std::vector<PortInfo>& outputs() const = 0;
  virtual Values default_inputs() const = 0;
  virtual Values run(const Values& inputs, NodeContext& context) const = 0;
};

/// The type's name with its namespaces, or its `id` where it declares one.
template <Interface I>
std::string interface_id() {
  if constexpr (requires { std::string_view(I::id); }) {
    return std::string(std::string_view(I::id));
  } else {
    return boost::typeindex::type_id<I>().pretty_name();
  }
}

/// The erased form of `I`; holds the implementation, which may share a loaded model.
template <Interface I>
class InterfaceOf final : public AnyInterface {
 public:
  explicit InterfaceOf(I implementation)
      : implementation_(std::move(implementation)),
        id_(interface_id<I>()),
        version_(std::string_view(I::version)),
        inputs_(port_infos(I::inputs)),
        outputs_(port_infos(I::outputs)) {}

  const std::string& id() const override { return id_; }
  const std::string& version() const override { return version_; }
  const std::vector<PortInfo>& inputs() const override { return inputs_; }
  const std::vector<PortInfo>& outputs() const override { return outputs_; }
  Values default_inputs() const override { return to_values(typename I::Inputs{}, I::inputs); }
  Values run(const Values& inputs, NodeContext& context) const override {
    return to_values(
        implementation_.run(from_values<typename I::Inputs>(inputs, I::inputs), context),
        I::outputs);
  }

 private:
  template <class Ports>
  static std::vector<PortInfo> port_infos(const Ports& ports) {
    std::vector<PortInfo> infos;
    for_each_port(ports, [&](const auto& port, std::size_t) {
      using T = typename std::remove_cvref_t<decltype(port)>::Type;
      infos.push_back({std::string(port.name), std::string(port.help), port.hashed,
                       std::is_same_v<T, fs::path>});
    });
    return infos;
  }

  I implementation_;
  std::string id_;
  std::string version_;
  std::vector<PortInfo> inputs_;
  std::vector<PortInfo> outputs_;
};

/// One shared erased form for an interface without state.
template <Interface I>
std::shared_ptr<const AnyInterface> erase() {
  static const auto erased = std::make_shared<const InterfaceOf<I>>(I{});
  return erased;
}

template <Interface I>
std::shared_ptr<const AnyInterface> erase(I implementation) {
  return std::make_shared<const InterfaceOf<I>>(std::move(implementation));
}

}  // namespace hypersynth::pipeline
