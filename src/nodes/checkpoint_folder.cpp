#include "nodes/checkpoint_folder.h"

#include <fstream>
#include <stdexcept>

#include <boost/filesystem/operations.hpp>
#include <boost/interprocess/exceptions.hpp>

#include "core/atomic_file.h"
#include "core/error.h"
#include "options/option_value.h"

namespace hypersynth {
namespace {

constexpr const char* kLock = "lock";

boost::interprocess::file_lock lock_in(const fs::path& folder) {
  const fs::path file = folder / kLock;
  std::ofstream(file.string(), std::ios::app);  // a lock needs a file
  return boost::interprocess::file_lock(file.c_str());
}

}  // namespace

CheckpointFolder::CheckpointFolder(fs::path folder) : folder_(std::move(folder)) {
  boost::system::error_code error;
  fs::create_directories(folder_, error);
  bool is_free = false;
  try {
    lock_ = lock_in(folder_);
    is_free = lock_.try_lock();
  } catch (const boost::interprocess::interprocess_exception& problem) {
    throw Error(ExitCode::kCannotCreateOutput, folder_.string() + ": cannot be written to: " +
                                                   (error ? error.message() : problem.what()));
  }
  if (!is_free)
    throw Error(ExitCode::kCannotCreateOutput,
                folder_.string() +
                    ": another run trains in this folder; choose another --model-name, or run "
                    "again when that one has ended");
}

std::optional<std::vector<std::int64_t>> CheckpointFolder::patch_of(const std::string& key) const {
  std::ifstream stream((folder_ / "inputs").string());
  std::string found, patch;
  if (!std::getline(stream, found) || found != key || !std::getline(stream, patch))
    return std::nullopt;
  try {
    std::vector<std::int64_t> sides;
    OptionValue<std::vector<std::int64_t>>::read(patch, sides);
    return sides;
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

void CheckpointFolder::begin(const std::string& key, const std::vector<std::int64_t>& patch) const {
  for (const char* name : {"inputs", "checkpoint.safetensors", "model.safetensors"})
    fs::remove(folder_ / name);
  write_atomically((folder_ / "inputs").string(),
                   key + "\n" + OptionValue<std::vector<std::int64_t>>::text(patch) + "\n");
}

void CheckpointFolder::remove_unused(const fs::path& folder) {
  boost::system::error_code ignored;
  if (!fs::exists(folder, ignored)) return;
  try {
    const CheckpointFolder held(folder);
    fs::remove_all(folder, ignored);
  } catch (const Error&) {
    // Another run works in it.
  }
}

}  // namespace hypersynth
