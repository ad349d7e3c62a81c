#include "image/connected_components.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <numeric>
#include <vector>

namespace hypersynth {

namespace {

/// Disjoint sets; the root of a set is its smallest member (Tarjan 1975, path halving).
class DisjointSets {
 public:
  explicit DisjointSets(std::size_t size) : parents_(size) {
    std::iota(parents_.begin(), parents_.end(), 0U);
  }
  std::uint32_t root(std::uint32_t member) {
    while (parents_[member] != member) member = parents_[member] = parents_[parents_[member]];
    return member;
  }
  void join(std::uint32_t a, std::uint32_t b) {
    a = root(a);
    b = root(b);
    parents_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<std::uint32_t> parents_;
};

/// Runs of all rows: those of row r are first_run[r] .. first_run[r + 1] - 1.
struct RunTable {
  std::vector<ComponentRun> runs;
  std::vector<std::size_t> first_run;
};

/// The next voxel of the row that isn't 0. Most are: eight bytes at a time.
template <class T>
const T* skip_zeros(const T* voxel, const T* end) {
  constexpr std::ptrdiff_t kStep = 8 / sizeof(T);
  for (std::uint64_t bits = 0; end - voxel >= kStep; voxel += kStep) {
    std::memcpy(&bits, voxel, 8);
    if (bits != 0) break;
  }
  while (voxel != end && *voxel == 0) ++voxel;
  return voxel;
}

/// The voxels of a mask (8 bits) count as one value.
std::uint16_t value_of(std::uint8_t voxel) { return voxel != 0; }
std::uint16_t value_of(std::uint16_t voxel) { return voxel; }

template <class T>
RunTable find_runs(const std::vector<T>& voxels, std::size_t row_size) {
  RunTable table;
  table.first_run.reserve(voxels.size() / std::max<std::size_t>(1, row_size) + 1);
  for (const T* row = voxels.data(); row != voxels.data() + voxels.size(); row += row_size) {
    table.first_run.push_back(table.runs.size());
    const T* const end = row + row_size;
    for (const T* voxel = skip_zeros(row, end); voxel != end; voxel = skip_zeros(voxel, end)) {
      const T* const begin = voxel;
      const std::uint16_t value = value_of(*begin);
      while (voxel != end && value_of(*voxel) == value) ++voxel;
      table.runs.push_back({static_cast<std::size_t>(begin - voxels.data()),
                            static_cast<std::size_t>(voxel - begin), value, 0});
    }
  }
  table.first_run.push_back(table.runs.size());
  return table;
}

/// Joins the runs of two rows that have one value and overlap when widened by `reach` voxels.
void join_rows(const RunTable& table, std::size_t row, std::size_t other, std::size_t row_size,
               std::size_t reach, DisjointSets& sets) {
  const std::size_t shift = row * row_size;
  const std::size_t other_shift = other * row_size;
  const std::size_t end = table.first_run[other + 1];
  std::size_t first = table.first_run[other];
  for (std::size_t i = table.first_run[row]; i < table.first_run[row + 1]; ++i) {
    const ComponentRun& run = table.runs[i];
    const std::size_t run_begin = run.begin - shift;
    const std::size_t run_end = run_begin + run.length;
    const auto ends_before = [&](const ComponentRun& near) {
      return near.begin - other_shift + near.length + reach <= run_begin;
    };
    while (first < end && ends_before(table.runs[first])) ++first;
    for (std::size_t k = first; k < end && table.runs[k].begin - other_shift < run_end + reach;
         ++k) {
      if (table.runs[k].value == run.value)
        sets.join(static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(k));
    }
  }
}

DisjointSets join_neighbours(const RunTable& table, const std::array<std::int64_t, 3>& shape,
                             Connectivity connectivity) {
  DisjointSets sets(table.runs.size());
  const bool corners = connectivity == Connectivity::kCorners26;
  const std::int64_t nj = shape[1];
  for (std::int64_t k = 0; k < shape[2]; ++k) {
    for (std::int64_t j = 0; j < nj; ++j) {
      const auto with = [&](std::int64_t other_j, std::int64_t other_k) {
        if (other_j < 0 || other_j >= nj || other_k < 0) return;
        join_rows(table, static_cast<std::size_t>(j + nj * k),
                  static_cast<std::size_t>(other_j + nj * other_k),
                  static_cast<std::size_t>(shape[0]), corners ? 1 : 0, sets);
      };
      with(j - 1, k);
      with(j, k - 1);
      if (!corners) continue;
      with(j - 1, k - 1);
      with(j + 1, k - 1);
    }
  }
  return sets;
}

template <class T>
Components components_of(const std::vector<T>& voxels, const std::array<std::int64_t, 3>& shape,
                         Connectivity connectivity) {
  RunTable table = find_runs(voxels, static_cast<std::size_t>(shape[0]));
  DisjointSets sets = join_neighbours(table, shape, connectivity);
  Components result;
  // Roots come before their members, so a root's number is known when a member needs it.
  for (std::size_t i = 0; i < table.runs.size(); ++i) {
    const std::uint32_t root = sets.root(static_cast<std::uint32_t>(i));
    ComponentRun& run = table.runs[i];
    if (root == i) {
      run.component = static_cast<std::uint32_t>(result.sizes.size());
      result.sizes.push_back(0);
    } else {
      run.component = table.runs[root].component;
    }
    result.sizes[run.component] += static_cast<std::int64_t>(run.length);
  }
  result.runs = std::move(table.runs);
  return result;
}

}  // namespace

std::vector<std::int64_t> Components::largest(std::uint16_t max_value) const {
  std::vector<std::int64_t> result(std::size_t{max_value} + 1, -1);
  for (const auto& run : runs) {
    if (run.value > max_value) continue;
    std::int64_t& best = result[run.value];
    if (best < 0 || sizes[run.component] > sizes[static_cast<std::size_t>(best)])
      best = run.component;
  }
  return result;
}

Components find_components(const std::vector<std::uint16_t>& values,
                           const std::array<std::int64_t, 3>& shape, Connectivity connectivity) {
  return components_of(values, shape, connectivity);
}

void keep_largest_component(Mask& mask, Connectivity connectivity) {
  const Components components = components_of(mask.voxels, mask.grid.shape, connectivity);
  const std::int64_t largest = components.largest(1)[1];
  for (const auto& run : components.runs) {
    if (run.component == largest) continue;
    std::fill_n(mask.voxels.begin() + static_cast<std::ptrdiff_t>(run.begin), run.length,
                std::uint8_t{0});
  }
}

}  // namespace hypersynth
