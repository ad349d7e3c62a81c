#include "pipeline/node_context.h"

#include <boost/filesystem/operations.hpp>

namespace hypersynth::pipeline {

NodeContext::NodeContext(std::string node_name, fs::path work_dir, Slots slots, std::uint64_t seed,
                         std::stop_token stop)
    : node_name_(std::move(node_name)),
      work_dir_(std::move(work_dir)),
      slots_(std::move(slots)),
      seed_(seed),
      stop_(std::move(stop)) {}

const fs::path& NodeContext::work_dir() {
  if (!made_) {
    fs::create_directories(work_dir_);
    made_ = true;
  }
  return work_dir_;
}

}  // namespace hypersynth::pipeline
