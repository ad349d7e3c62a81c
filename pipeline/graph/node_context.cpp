#include "pipeline/graph/node_context.h"

#include <boost/filesystem/operations.hpp>

namespace hypersynth::pipeline {

NodeContext::NodeContext(std::string node_name, fs::path work_dir, Slots slots, std::uint64_t seed,
                         std::stop_token stop, std::vector<InputDigest> input_digests)
    : node_name_(std::move(node_name)),
      work_dir_(std::move(work_dir)),
      slots_(std::move(slots)),
      seed_(seed),
      stop_(std::move(stop)),
      input_digests_(std::move(input_digests)) {}

const fs::path& NodeContext::work_dir() {
  if (!made_) {
    fs::create_directories(work_dir_);
    made_ = true;
  }
  return work_dir_;
}

std::optional<Digest> NodeContext::input_digest(const fs::path& path) const {
  for (const auto& [file, digest] : input_digests_) {
    if (file == path) return digest;
  }
  return std::nullopt;
}

}  // namespace hypersynth::pipeline
