#include "pipeline/run/key_finder.h"

#include <cerrno>
#include <system_error>
#include <vector>

namespace hypersynth::pipeline {
namespace {

/// Reading so much takes less time than handing it to another thread and back.
constexpr std::uint64_t kReadAtOnce_bytes = 256 * 1024;
/// Enough to keep a disk busy.
constexpr std::size_t kReadingThreads = 2;

}  // namespace

KeyFinder::KeyFinder(DigestMemo& memo, const FileSystem& file_system, EventLoop& loop)
    : memo_(memo), file_system_(file_system), loop_(loop), threads_(kReadingThreads) {}

std::optional<Digest> KeyFinder::digest_if_quick(const fs::path& path) {
  const auto found = known_.find(path.native());
  if (found != known_.end()) return found->second;
  if (const auto version = memo_.known(path)) return version->digest;
  const auto identity = file_system_.identify(path);
  if (!identity) throw std::system_error(ENOENT, std::generic_category(), path.string());
  if (!identity->folder && identity->size_bytes <= kReadAtOnce_bytes)
    return memo_.find(path).digest;
  return std::nullopt;
}

std::optional<CacheKey> KeyFinder::find(const std::string& node, const Task& task) {
  bool complete = true;
  CacheKey key = cache_key(node, *task.interface, task.inputs, [&](const fs::path& path) {
    const auto digest = digest_if_quick(path);
    complete = complete && digest;
    return digest.value_or(Digest{});
  });
  return complete ? std::optional(std::move(key)) : std::nullopt;
}

void KeyFinder::read_files(const Task& task, std::function<void(std::optional<Failure>)> then) {
  ++reading_;
  std::vector<fs::path> paths;
  for (std::size_t port = 0; port < task.inputs.size(); ++port) {
    // Of some paths the name alone counts: whole datasets need not be read.
    if (task.interface->inputs()[port].hashed == Hashed::kPath) continue;
    for_each_path(task.inputs[port], [&](const fs::path& path) {
      if (!path.empty() && known_.count(path.native()) == 0) paths.push_back(path);
    });
  }
  threads_.submit([this, paths = std::move(paths), then = std::move(then)] {
    std::unordered_map<std::string, Digest> read;
    std::optional<Failure> problem;
    try {
      for (const auto& path : paths) read[path.native()] = memo_.find(path).digest;
    } catch (const std::exception& error) {
      problem = input_failure(error, kUnreadable);
    }
    loop_.post([this, then, read = std::move(read), problem = std::move(problem)] {
      --reading_;
      for (const auto& [path, digest] : read) known_.insert_or_assign(path, digest);
      then(problem);
    });
  });
}

void KeyFinder::remember(const Result& result) {
  for (const auto& file : result.files)
    known_.insert_or_assign(file.path.native(), file.version.digest);
}

}  // namespace hypersynth::pipeline
