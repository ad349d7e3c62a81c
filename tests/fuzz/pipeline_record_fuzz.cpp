// Task and failure files, values: any text is a record or refused.

#include <nlohmann/json.hpp>

#include "fuzz/fuzz_input.h"
#include "pipeline/cache/record_json.h"
#include "pipeline/execution/task_file.h"

using namespace hypersynth::pipeline;

namespace {

void read_task(const std::string& text) {
  try {
    const StoredTask stored = task_from_json_text(text);
    HYPERSYNTH_FUZZ_CHECK(stored.task.placement == Placement::kProcess);
  } catch (const std::runtime_error&) {
  }
}

void read_failure(const std::string& text) {
  const auto failure = failure_from_json_text(text);
  if (!failure) return;
  const auto back = failure_from_json_text(to_json_text(*failure));
  HYPERSYNTH_FUZZ_CHECK(back && back->message == failure->message && back->cause == failure->cause);
}

void read_value(std::string_view text) {
  try {
    const Value value = value_from_json(nlohmann::json::parse(text));
    HYPERSYNTH_FUZZ_CHECK(to_json(value_from_json(to_json(value))) == to_json(value));
    display(value);
  } catch (const ValueError&) {
  } catch (const nlohmann::json::exception&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = hypersynth::fuzz_text(data, size);
  read_task(std::string(text));
  read_failure(std::string(text));
  read_value(text);
  if (text.empty()) return 0;
  const std::string sealed = seal(std::string(text));
  read_task(sealed);
  read_failure(sealed);
  return 0;
}
