// Stored listings: the input is a whole index, and once more the part after a good checksum.

#include "bids/listing_cache.h"
#include "fuzz/fuzz_input.h"

using namespace hypersynth::bids;

namespace {

void try_index(const std::string& bytes) {
  try {
    const StoredIndex index = parse_index(bytes);
    HYPERSYNTH_FUZZ_CHECK(parse_index(format_index(index)) == index);
  } catch (const DatasetError&) {
  }
}

std::string with_checksum(std::string_view body) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : body) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  char digits[20];
  std::snprintf(digits, sizeof(digits), "%016llx\n", static_cast<unsigned long long>(hash));
  return "hypersynth listing 1\n" + std::string(digits) + std::string(body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = hypersynth::fuzz_text(data, size);
  try_index(std::string(text));
  try_index(with_checksum(text));
  return 0;
}
