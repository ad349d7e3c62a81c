#include "quality/label_components.h"

#include <algorithm>
#include <numeric>

namespace hypersynth {
namespace {

/// Disjoint sets; the root of a set is its smallest member.
class DisjointSets {
 public:
  explicit DisjointSets(std::size_t size) : parent_(size) {
    std::iota(parent_.begin(), parent_.end(), 0U);
  }

  std::uint32_t root(std::uint32_t member) {
    while (parent_[member] != member) {
      parent_[member] = parent_[parent_[member]];
      member = parent_[member];
    }
    return member;
  }

  void unite(std::uint32_t a, std::uint32_t b) {
    a = root(a);
    b = root(b);
    if (a != b) parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<std::uint32_t> parent_;
};

/// Runs of all rows and where each row's begin.
struct RunTable {
  std::vector<ComponentRun> runs;
  std::vector<std::size_t> row_begin;  ///< rows + 1 positions in `runs`
};

RunTable find_runs(const std::vector<std::uint16_t>& values, const Shape& shape) {
  RunTable table;
  const auto row_size = static_cast<std::size_t>(shape[0]);
  for (std::size_t row = 0; row < values.size(); row += row_size) {
    table.row_begin.push_back(table.runs.size());
    const std::size_t row_end = row + row_size;
    for (std::size_t i = row; i < row_end;) {
      const std::uint16_t value = values[i];
      const std::size_t begin = i;
      while (i < row_end && values[i] == value) ++i;
      if (value != 0) table.runs.push_back({begin, i - begin, value, 0});
    }
  }
  table.row_begin.push_back(table.runs.size());
  return table;
}

/// Unites the runs of two rows that touch, also at a corner, and have one value.
void unite_rows(const RunTable& table, std::size_t row, std::size_t other, std::size_t row_size,
                DisjointSets& sets) {
  const std::size_t a_shift = row * row_size;
  const std::size_t b_shift = other * row_size;
  std::size_t first = table.row_begin[other];
  const std::size_t last = table.row_begin[other + 1];
  for (std::size_t i = table.row_begin[row]; i < table.row_begin[row + 1]; ++i) {
    const ComponentRun& a = table.runs[i];
    const std::size_t begin = a.begin - a_shift;
    const std::size_t end = begin + a.length;
    const auto ends_before = [&](const ComponentRun& b) {
      return b.begin - b_shift + b.length < begin;
    };
    while (first < last && ends_before(table.runs[first])) ++first;
    for (std::size_t k = first; k < last && table.runs[k].begin - b_shift <= end; ++k) {
      if (table.runs[k].value == a.value)
        sets.unite(static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(k));
    }
  }
}

DisjointSets unite_all(const RunTable& table, const Shape& shape) {
  DisjointSets sets(table.runs.size());
  const std::int64_t nj = shape[1];
  for (std::int64_t k = 0; k < shape[2]; ++k) {
    for (std::int64_t j = 0; j < nj; ++j) {
      const auto with = [&](std::int64_t other_j, std::int64_t other_k) {
        if (other_j < 0 || other_j >= nj || other_k < 0) return;
        unite_rows(table, static_cast<std::size_t>(j + nj * k),
                   static_cast<std::size_t>(other_j + nj * other_k),
                   static_cast<std::size_t>(shape[0]), sets);
      };
      with(j - 1, k);
      with(j - 1, k - 1);
      with(j, k - 1);
      with(j + 1, k - 1);
    }
  }
  return sets;
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

Components find_components(const std::vector<std::uint16_t>& values, const Shape& shape) {
  RunTable table = find_runs(values, shape);
  DisjointSets sets = unite_all(table, shape);
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

}  // namespace hypersynth
