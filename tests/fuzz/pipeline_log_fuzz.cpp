// Run logs: whatever stands in them is read, and only lines with their checksum count.

#include "fuzz/fuzz_input.h"
#include "pipeline/cache/record_json.h"
#include "pipeline/cache/run_log.h"

using namespace hypersynth::pipeline;

namespace {

/// A folder with one log.
class OneLog : public FileSystem {
 public:
  explicit OneLog(std::string text) : text_(std::move(text)) {}
  std::vector<std::string> list(const fs::path&) const override { return {"log.jsonl"}; }
  std::optional<std::string> read(const fs::path&) const override { return text_; }

 private:
  std::string text_;
};

History history_of(std::string text) { return RunLog::load("log", "/data/nodes", OneLog(text)); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = hypersynth::fuzz_text(data, size);
  const History plain = history_of(std::string(text));
  HYPERSYNTH_FUZZ_CHECK(plain.damaged_lines <= plain.lines);
  // The same lines with checksums, so that what they say is read as well.
  std::string sealed;
  for (const auto line : hypersynth::fuzz_parts(text)) {
    if (!line.empty() && line.find('\n') == std::string_view::npos)
      sealed += seal(std::string(line)) + '\n';
  }
  const History history = history_of(sealed);
  HYPERSYNTH_FUZZ_CHECK(history.damaged_lines == 0);
  for (const auto& [key, result] : history.results) {
    HYPERSYNTH_FUZZ_CHECK(result->key.digest == key);
    // What was read is written and read again without a change.
    if (result->collected) continue;
    const std::string again = to_json_line(*result, "/data/nodes");
    const auto back = result_from_json_line(again, "/data/nodes");
    HYPERSYNTH_FUZZ_CHECK(back && to_json_line(*back, "/data/nodes") == again);
  }
  return 0;
}
