#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <ATen/record_function.h>

namespace hypersynth {

/// While it lives, notes every tensor operator that runs, in order. One at a time.
class OperatorRecorder {
 public:
  OperatorRecorder() {
    names().clear();
    handle_ = at::addGlobalCallback(
        at::RecordFunctionCallback(&note).scopes({at::RecordScope::FUNCTION}));
  }
  ~OperatorRecorder() { at::removeCallback(handle_); }
  OperatorRecorder(const OperatorRecorder&) = delete;
  OperatorRecorder& operator=(const OperatorRecorder&) = delete;

  /// Adds a mark of the caller's own to the list.
  static void mark(const std::string& name) { names().push_back(name); }

  static const std::vector<std::string>& recorded() { return names(); }

 private:
  static std::vector<std::string>& names() {
    static std::vector<std::string> list;
    return list;
  }
  static std::unique_ptr<at::ObserverContext> note(const at::RecordFunction& function) {
    names().emplace_back(function.name());
    return nullptr;
  }

  at::CallbackHandle handle_;
};

/// Operators that make the host wait for a GPU, since it needs their values or the size of what
/// they give.
inline bool waits_for_device(const std::string& name) {
  static const std::vector<std::string> kWaiting{"aten::_local_scalar_dense",
                                                 "aten::item",
                                                 "aten::is_nonzero",
                                                 "aten::equal",
                                                 "aten::nonzero",
                                                 "aten::nonzero_numpy",
                                                 "aten::argwhere",
                                                 "aten::masked_select",
                                                 "aten::unique_dim",
                                                 "aten::unique_consecutive",
                                                 "aten::_unique",
                                                 "aten::_unique2",
                                                 "aten::bincount",
                                                 "aten::histc",
                                                 "aten::repeat_interleave",
                                                 "aten::allclose"};
  return std::find(kWaiting.begin(), kWaiting.end(), name) != kWaiting.end();
}

}  // namespace hypersynth
