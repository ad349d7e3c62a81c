#include "pipeline/export/graph_layout.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace hypersynth::pipeline {
namespace {

constexpr double kGap = 24;
constexpr double kLayerGap = 44;
constexpr double kBendWidth = 10;
constexpr double kAspect = 1.6;
constexpr double kNarrowest = 900;
constexpr int kSweeps = 6;

double width_limit(const std::vector<LayoutBox>& boxes) {
  double area = 0;
  for (const auto& box : boxes) area += (box.width + kGap) * (box.height + kLayerGap);
  return std::max(kNarrowest, std::sqrt(area * kAspect));
}

/// A box, or the place where a link passes a layer.
struct Cell {
  double width = 0;
  double height = 0;
  std::size_t layer = 0;
  double center = 0;
  double top = 0;
  std::vector<std::size_t> above;
  std::vector<std::size_t> below;
};

double mean_center(const std::vector<Cell>& cells, const std::vector<std::size_t>& of,
                   double otherwise) {
  if (of.empty()) return otherwise;
  double sum = 0;
  for (const std::size_t cell : of) sum += cells[cell].center;
  return sum / static_cast<double>(of.size());
}

/// Values as near to `wanted` as they can be without decreasing (pool adjacent violators).
std::vector<double> isotonic(const std::vector<double>& wanted) {
  std::vector<std::pair<double, std::size_t>> pools;  // sum, count
  const auto mean = [](const auto& pool) { return pool.first / static_cast<double>(pool.second); };
  for (const double value : wanted) {
    pools.emplace_back(value, 1);
    while (pools.size() > 1 && mean(pools[pools.size() - 2]) > mean(pools.back())) {
      const auto last = pools.back();
      pools.pop_back();
      pools.back().first += last.first;
      pools.back().second += last.second;
    }
  }
  std::vector<double> values;
  for (const auto& pool : pools) values.insert(values.end(), pool.second, mean(pool));
  return values;
}

/// Lays out boxes that are all linked to each other somehow.
class LayeredLayout {
 public:
  LayeredLayout(std::vector<LayoutBox>& boxes, std::vector<LayoutLink>& links,
                const std::vector<std::size_t>& own_boxes,
                const std::vector<std::size_t>& own_links)
      : boxes_(boxes), links_(links), own_boxes_(own_boxes), own_links_(own_links) {}

  Point run() {
    cell_of_.assign(boxes_.size(), 0);
    for (const std::size_t box : own_boxes_) {
      cell_of_[box] = cells_.size();
      Cell cell;
      cell.width = boxes_[box].width;
      cell.height = boxes_[box].height;
      cells_.push_back(cell);
    }
    find_layers();
    make_rows();
    for (const auto& row : rows_) number(row);
    for (int sweep = 0; sweep < kSweeps; ++sweep) order_rows(sweep % 2 == 0);
    for (int sweep = 0; sweep < kSweeps; ++sweep) place_rows(sweep % 2 == 0);
    return finish();
  }

 private:
  std::size_t from(std::size_t link) const { return cell_of_[links_[link].from]; }
  std::size_t to(std::size_t link) const { return cell_of_[links_[link].to]; }

  /// Longest path from a source; sources move down to what needs them.
  void find_layers() {
    std::vector<std::size_t> pending(cells_.size(), 0);
    std::vector<std::vector<std::size_t>> next(cells_.size());
    for (const std::size_t link : own_links_) {
      ++pending[to(link)];
      next[from(link)].push_back(to(link));
    }
    const auto sources = pending;
    std::vector<bool> placed(cells_.size(), false);
    std::vector<std::size_t> ready;
    for (std::size_t cell = 0; cell < cells_.size(); ++cell) {
      if (pending[cell] == 0) ready.push_back(cell);
    }
    for (std::size_t done = 0; done < cells_.size(); ++done) {
      if (ready.empty()) {  // a cycle
        ready.push_back(static_cast<std::size_t>(std::find(placed.begin(), placed.end(), false) -
                                                 placed.begin()));
      }
      const std::size_t cell = ready.back();
      ready.pop_back();
      placed[cell] = true;
      for (const std::size_t target : next[cell]) {
        if (placed[target]) continue;
        cells_[target].layer = std::max(cells_[target].layer, cells_[cell].layer + 1);
        if (--pending[target] == 0) ready.push_back(target);
      }
    }
    for (std::size_t cell = 0; cell < cells_.size(); ++cell) {
      if (sources[cell] > 0 || next[cell].empty()) continue;
      std::size_t first = std::numeric_limits<std::size_t>::max();
      for (const std::size_t target : next[cell]) first = std::min(first, cells_[target].layer);
      cells_[cell].layer = first - 1;
    }
  }

  /// One row per layer; a layer too wide is wrapped into several, and no link bends there.
  void make_rows() {
    std::size_t layers = 0;
    for (const auto& cell : cells_) layers = std::max(layers, cell.layer + 1);
    std::vector<std::vector<std::size_t>> in_layer(layers);
    std::vector<double> widths(layers, 0);
    for (std::size_t cell = 0; cell < cells_.size(); ++cell) {
      in_layer[cells_[cell].layer].push_back(cell);
      widths[cells_[cell].layer] += cells_[cell].width + kGap;
    }
    const double limit = width_limit(boxes_);
    bends_of_.resize(own_links_.size());
    for (std::size_t i = 0; i < own_links_.size(); ++i) add_bends(i, in_layer, widths, limit);
    for (std::size_t layer = 0; layer < layers; ++layer) {
      double width = 0;
      rows_.emplace_back();
      for (const std::size_t cell : in_layer[layer]) {
        if (widths[layer] > limit && width > 0 && width + cells_[cell].width > limit) {
          rows_.emplace_back();
          width = 0;
        }
        rows_.back().push_back(cell);
        width += cells_[cell].width + kGap;
      }
    }
  }

  void add_bends(std::size_t index, std::vector<std::vector<std::size_t>>& in_layer,
                 const std::vector<double>& widths, double limit) {
    const std::size_t source = from(own_links_[index]);
    const std::size_t target = to(own_links_[index]);
    if (cells_[source].layer >= cells_[target].layer) return;
    std::size_t last = source;
    for (std::size_t layer = cells_[source].layer + 1; layer < cells_[target].layer; ++layer) {
      if (widths[layer] > limit) continue;
      Cell bend;
      bend.width = kBendWidth;
      bend.layer = layer;
      cells_.push_back(std::move(bend));
      const std::size_t cell = cells_.size() - 1;
      in_layer[layer].push_back(cell);
      bends_of_[index].push_back(cell);
      connect(last, cell);
      last = cell;
    }
    connect(last, target);
  }

  void connect(std::size_t upper, std::size_t lower) {
    cells_[upper].below.push_back(lower);
    cells_[lower].above.push_back(upper);
  }

  void order_rows(bool downwards) {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      auto& row = rows_[downwards ? i : rows_.size() - 1 - i];
      std::vector<std::pair<double, std::size_t>> keyed;
      for (const std::size_t cell : row) {
        const auto& neighbours = downwards ? cells_[cell].above : cells_[cell].below;
        keyed.emplace_back(mean_center(cells_, neighbours, cells_[cell].center), cell);
      }
      std::stable_sort(keyed.begin(), keyed.end(),
                       [](const auto& a, const auto& b) { return a.first < b.first; });
      for (std::size_t at = 0; at < row.size(); ++at) row[at] = keyed[at].second;
      number(row);
    }
  }

  /// Stands for the position while only the order is sought: places side by side, centred on 0.
  void number(const std::vector<std::size_t>& row) {
    double width = -kGap;
    for (const std::size_t cell : row) width += cells_[cell].width + kGap;
    double left = -width / 2;
    for (const std::size_t cell : row) {
      cells_[cell].center = left + cells_[cell].width / 2;
      left += cells_[cell].width + kGap;
    }
  }

  void place_rows(bool downwards) {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const auto& row = rows_[downwards ? i : rows_.size() - 1 - i];
      std::vector<double> offsets;
      std::vector<double> wanted;
      double offset = 0;
      for (std::size_t at = 0; at < row.size(); ++at) {
        const Cell& cell = cells_[row[at]];
        if (at > 0) offset += (cells_[row[at - 1]].width + cell.width) / 2 + kGap;
        offsets.push_back(offset);
        const auto& neighbours = downwards ? cell.above : cell.below;
        wanted.push_back(mean_center(cells_, neighbours, cell.center) - offset);
      }
      const auto placed = isotonic(wanted);
      for (std::size_t at = 0; at < row.size(); ++at)
        cells_[row[at]].center = placed[at] + offsets[at];
    }
  }

  Point finish() {
    double y = 0;
    double left = std::numeric_limits<double>::max();
    double right = std::numeric_limits<double>::lowest();
    for (const auto& row : rows_) {
      double height = 0;
      for (const std::size_t cell : row) height = std::max(height, cells_[cell].height);
      for (const std::size_t cell : row) {
        cells_[cell].top = y + (height - cells_[cell].height) / 2;
        left = std::min(left, cells_[cell].center - cells_[cell].width / 2);
        right = std::max(right, cells_[cell].center + cells_[cell].width / 2);
      }
      y += height + kLayerGap;
    }
    for (const std::size_t box : own_boxes_) {
      const Cell& cell = cells_[cell_of_[box]];
      boxes_[box].corner = {cell.center - cell.width / 2 - left, cell.top};
    }
    for (std::size_t i = 0; i < own_links_.size(); ++i) {
      for (const std::size_t bend : bends_of_[i])
        links_[own_links_[i]].bends.push_back({cells_[bend].center - left, cells_[bend].top});
    }
    return {right - left, y - kLayerGap};
  }

  std::vector<LayoutBox>& boxes_;
  std::vector<LayoutLink>& links_;
  const std::vector<std::size_t>& own_boxes_;
  const std::vector<std::size_t>& own_links_;
  std::vector<std::size_t> cell_of_;
  std::vector<Cell> cells_;
  std::vector<std::vector<std::size_t>> bends_of_;
  std::vector<std::vector<std::size_t>> rows_;
};

std::size_t root_of(std::vector<std::size_t>& parents, std::size_t at) {
  while (parents[at] != at) at = parents[at] = parents[parents[at]];
  return at;
}

/// Boxes and links that hang together.
struct Component {
  std::vector<std::size_t> boxes;
  std::vector<std::size_t> links;
  Point size;
};

std::vector<Component> components_of(const std::vector<LayoutBox>& boxes,
                                     const std::vector<LayoutLink>& links) {
  std::vector<std::size_t> parents(boxes.size());
  std::iota(parents.begin(), parents.end(), std::size_t{0});
  for (const auto& link : links) parents[root_of(parents, link.to)] = root_of(parents, link.from);
  std::vector<Component> components;
  std::vector<std::size_t> number(boxes.size(), boxes.size());
  for (std::size_t box = 0; box < boxes.size(); ++box) {
    std::size_t& component = number[root_of(parents, box)];
    if (component == boxes.size()) {
      component = components.size();
      components.emplace_back();
    }
    components[component].boxes.push_back(box);
  }
  for (std::size_t link = 0; link < links.size(); ++link)
    components[number[root_of(parents, links[link].from)]].links.push_back(link);
  return components;
}

}  // namespace

Point lay_out(std::vector<LayoutBox>& boxes, std::vector<LayoutLink>& links) {
  auto components = components_of(boxes, links);
  double widest = width_limit(boxes);
  for (auto& component : components) {
    component.size = LayeredLayout(boxes, links, component.boxes, component.links).run();
    widest = std::max(widest, component.size.x);
  }
  Point at;
  Point whole;
  double shelf = 0;
  for (const auto& component : components) {
    if (at.x > 0 && at.x + component.size.x > widest) {
      at = {0, at.y + shelf + kGap};
      shelf = 0;
    }
    const auto move = [&](Point& point) { point = {point.x + at.x, point.y + at.y}; };
    for (const std::size_t box : component.boxes) move(boxes[box].corner);
    for (const std::size_t link : component.links) {
      for (auto& bend : links[link].bends) move(bend);
    }
    shelf = std::max(shelf, component.size.y);
    at.x += component.size.x + kGap;
    whole = {std::max(whole.x, at.x - kGap), at.y + shelf};
  }
  return whole;
}

}  // namespace hypersynth::pipeline
