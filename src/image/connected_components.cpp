#include "image/connected_components.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <utility>
#include <vector>

namespace hypersynth {

namespace {

/// Voxels begin .. end - 1 of a row of the mask.
struct Run {
  std::int32_t begin;
  std::int32_t end;
};

/// The mask as runs, row after row: those of row r are first_run[r] .. first_run[r + 1] - 1.
struct Runs {
  std::vector<Run> runs;
  std::vector<std::size_t> first_run;
};

/// Index of the next voxel from `i` on that is (or isn't) inside; `count` where there is none.
std::int64_t skip(const std::uint8_t* row, std::int64_t i, std::int64_t count, bool inside) {
  if (!inside) {
    // Most voxels are outside: eight at a time.
    for (std::uint64_t eight = 0; i + 8 <= count; i += 8) {
      std::memcpy(&eight, row + i, 8);
      if (eight != 0) break;
    }
  }
  while (i < count && (row[i] != 0) == inside) ++i;
  return i;
}

Runs runs_of(const Mask& mask) {
  const auto [ni, nj, nk] = mask.grid.shape;
  Runs result;
  result.first_run.reserve(static_cast<std::size_t>(nj * nk + 1));
  const std::uint8_t* row = mask.voxels.data();
  for (std::int64_t r = 0; r < nj * nk; ++r, row += ni) {
    result.first_run.push_back(result.runs.size());
    for (std::int64_t i = skip(row, 0, ni, false); i < ni;) {
      const std::int64_t end = skip(row, i, ni, true);
      result.runs.push_back({static_cast<std::int32_t>(i), static_cast<std::int32_t>(end)});
      i = skip(row, end, ni, false);
    }
  }
  result.first_run.push_back(result.runs.size());
  return result;
}

/// Disjoint sets of runs; the root of a set is its first run (Tarjan 1975, path halving).
class RunSets {
 public:
  explicit RunSets(std::size_t count) : parents_(count) {
    for (std::size_t i = 0; i < count; ++i) parents_[i] = i;
  }
  std::size_t root(std::size_t run) {
    while (parents_[run] != run) run = parents_[run] = parents_[parents_[run]];
    return run;
  }
  void join(std::size_t a, std::size_t b) {
    a = root(a);
    b = root(b);
    parents_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<std::size_t> parents_;
};

/// Joins the runs of two neighbouring rows that overlap when widened by `reach` voxels.
void join_rows(const Runs& all, std::size_t row_a, std::size_t row_b, std::int32_t reach,
               RunSets& sets) {
  std::size_t a = all.first_run[row_a];
  std::size_t b = all.first_run[row_b];
  const std::size_t a_end = all.first_run[row_a + 1];
  const std::size_t b_end = all.first_run[row_b + 1];
  while (a < a_end && b < b_end) {
    const Run& run_a = all.runs[a];
    const Run& run_b = all.runs[b];
    if (run_a.begin < run_b.end + reach && run_b.begin < run_a.end + reach) sets.join(a, b);
    if (run_a.end < run_b.end) {
      ++a;
    } else {
      ++b;
    }
  }
}

void join_neighbours(const Runs& all, const std::array<std::int64_t, 3>& shape,
                     Connectivity connectivity, RunSets& sets) {
  const auto nj = shape[1];
  const auto row = [nj](std::int64_t j, std::int64_t k) {
    return static_cast<std::size_t>(j + nj * k);
  };
  const bool corners = connectivity == Connectivity::kCorners26;
  const std::int32_t reach = corners ? 1 : 0;
  for (std::int64_t k = 0; k < shape[2]; ++k) {
    for (std::int64_t j = 0; j < nj; ++j) {
      if (j > 0) join_rows(all, row(j, k), row(j - 1, k), reach, sets);
      if (k == 0) continue;
      join_rows(all, row(j, k), row(j, k - 1), reach, sets);
      if (corners && j > 0) join_rows(all, row(j, k), row(j - 1, k - 1), reach, sets);
      if (corners && j + 1 < nj) join_rows(all, row(j, k), row(j + 1, k - 1), reach, sets);
    }
  }
}

}  // namespace

void keep_largest_component(Mask& mask, Connectivity connectivity) {
  const Runs all = runs_of(mask);
  RunSets sets(all.runs.size());
  join_neighbours(all, mask.grid.shape, connectivity, sets);
  std::vector<std::int64_t> sizes(all.runs.size());
  for (std::size_t run = 0; run < all.runs.size(); ++run) {
    sizes[sets.root(run)] += all.runs[run].end - all.runs[run].begin;
  }
  const auto largest =
      static_cast<std::size_t>(std::max_element(sizes.begin(), sizes.end()) - sizes.begin());
  std::uint8_t* voxels = mask.voxels.data();
  for (std::size_t row = 0; row + 1 < all.first_run.size(); ++row, voxels += mask.grid.shape[0]) {
    for (std::size_t run = all.first_run[row]; run < all.first_run[row + 1]; ++run) {
      if (sets.root(run) == largest) continue;
      std::fill(voxels + all.runs[run].begin, voxels + all.runs[run].end, std::uint8_t{0});
    }
  }
}

}  // namespace hypersynth
