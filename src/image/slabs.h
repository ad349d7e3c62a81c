#pragma once

#include <algorithm>
#include <cstdint>
#include <thread>
#include <vector>

namespace hypersynth {

/// Calls work(begin, end) for contiguous parts of the range 0 to `count`, each part in a thread of
/// its own, and returns when all are done. `work` must not throw.
template <typename Work>
void for_each_slab(std::int64_t count, int threads, const Work& work) {
  const std::int64_t parts = std::clamp<std::int64_t>(threads, 1, std::max<std::int64_t>(count, 1));
  const auto begin = [=](std::int64_t part) { return count * part / parts; };
  std::vector<std::thread> others;
  for (std::int64_t part = 1; part < parts; ++part) {
    others.emplace_back([&work, begin, part] { work(begin(part), begin(part + 1)); });
  }
  work(begin(0), begin(1));
  for (auto& thread : others) thread.join();
}

}  // namespace hypersynth
