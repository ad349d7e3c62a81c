#include <algorithm>
#include <map>
#include <memory>
#include <sstream>

#include "core/utf8.h"
#include "pipeline/export/graph_layout.h"
#include "pipeline/export/graph_style.h"
#include "pipeline/export/text_escape.h"

namespace hypersynth::pipeline {
namespace {

constexpr double kCharacterWidth = 7.4;  // of 12 px DejaVu Sans, the widest of the fonts asked for
constexpr double kLineHeight = 16;
constexpr double kPadding = 10;
constexpr double kIconWidth = 16;
constexpr double kHeader = 22;
constexpr double kMargin = 20;
constexpr double kTitleHeight = 52;
constexpr std::size_t kMostCharacters = 36;

/// A level of the drawing: nodes and groups of its own.
struct Group {
  std::string name;
  std::map<std::string, std::unique_ptr<Group>> groups;
  std::vector<std::size_t> nodes;
  std::vector<std::size_t> edges;  ///< between two items of this level
  std::vector<LayoutBox> boxes;    ///< of the nodes, then of the groups
  std::vector<LayoutLink> links;
  Point size;
  Point corner;
};

/// The lines of text in a node's box.
struct NodeText {
  std::string label;
  std::string interface;
  std::string state;

  explicit NodeText(const GraphView::Node& node)
      : label(elided(node.label, kMostCharacters)),
        interface(elided(node.interface, kMostCharacters)),
        state(elided(node.note.empty() ? to_string(node.state) : node.note, kMostCharacters)) {}

  LayoutBox box() const {
    const auto width = [](const std::string& text) {
      return static_cast<double>(character_count(text)) * kCharacterWidth;
    };
    const double widest =
        std::max({width(label) * 1.08, width(interface), width(state) + kIconWidth});
    const double lines = state.empty() ? 2 : 3;
    return {widest + 2 * kPadding, lines * kLineHeight + kPadding, {}};
  }
};

std::string number(double value) {
  std::ostringstream text;
  text.precision(1);
  text << std::fixed << value;
  return text.str();
}

/// Sorts the nodes into groups and places everything.
class Drawing {
 public:
  explicit Drawing(const GraphView& view) : view_(view), homes_(view.nodes.size()) {
    for (std::size_t i = 0; i < view.nodes.size(); ++i) add_node(i);
    for (std::size_t i = 0; i < view.edges.size(); ++i) level_of(view.edges[i]).edges.push_back(i);
    link_of_.resize(view.edges.size());
    place(root_);
    root_.corner = {kMargin, kTitleHeight};
    node_boxes_.resize(view.nodes.size());
    move(root_);
  }

  const Group& root() const { return root_; }
  const LayoutBox& box(std::size_t node) const { return node_boxes_[node]; }

  /// From the lower edge of a node through the layers to the upper edge of another.
  std::vector<Point> route(std::size_t index) const {
    const auto& edge = view_.edges[index];
    const LayoutBox& from = node_boxes_[edge.from];
    const LayoutBox& to = node_boxes_[edge.to];
    std::vector<Point> points = {{from.corner.x + from.width / 2, from.corner.y + from.height}};
    const auto& bends = link_of_[index].first->links[link_of_[index].second].bends;
    points.insert(points.end(), bends.begin(), bends.end());
    points.push_back({to.corner.x + to.width / 2, to.corner.y});
    return points;
  }

 private:
  void add_node(std::size_t index) {
    Group* group = &root_;
    homes_[index].push_back(group);
    for (const auto& name : view_.nodes[index].groups) {
      auto& inner = group->groups[name];
      if (!inner) inner = std::make_unique<Group>();
      inner->name = name;
      group = inner.get();
      homes_[index].push_back(group);
    }
    group->nodes.push_back(index);
  }

  std::size_t common_depth(const GraphView::Edge& edge) const {
    const auto& from = homes_[edge.from];
    const auto& to = homes_[edge.to];
    std::size_t depth = 0;
    while (depth + 1 < from.size() && depth + 1 < to.size() && from[depth + 1] == to[depth + 1])
      ++depth;
    return depth;
  }

  Group& level_of(const GraphView::Edge& edge) { return *homes_[edge.from][common_depth(edge)]; }

  /// The box, at the level of `depth`, that a node is in.
  std::size_t item(const Group& level, std::size_t depth, std::size_t node) const {
    if (homes_[node].size() == depth + 1) {
      return static_cast<std::size_t>(
          std::lower_bound(level.nodes.begin(), level.nodes.end(), node) - level.nodes.begin());
    }
    const auto found = level.groups.find(homes_[node][depth + 1]->name);
    return level.nodes.size() +
           static_cast<std::size_t>(std::distance(level.groups.begin(), found));
  }

  void place(Group& group) {
    for (const std::size_t node : group.nodes)
      group.boxes.push_back(NodeText(view_.nodes[node]).box());
    for (auto& [name, inner] : group.groups) {
      place(*inner);
      const double header = static_cast<double>(character_count(name)) * kCharacterWidth;
      group.boxes.push_back(
          {std::max(inner->size.x, header) + 2 * kPadding, inner->size.y + kHeader + kPadding, {}});
    }
    std::map<std::pair<std::size_t, std::size_t>, std::size_t> known;
    for (const std::size_t index : group.edges) {
      const auto& edge = view_.edges[index];
      const std::size_t depth = common_depth(edge);
      const auto ends = std::make_pair(item(group, depth, edge.from), item(group, depth, edge.to));
      const auto [link, added] = known.try_emplace(ends, group.links.size());
      if (added) group.links.push_back({ends.first, ends.second, {}});
      link_of_[index] = {&group, link->second};
    }
    group.size = lay_out(group.boxes, group.links);
  }

  /// From positions within groups to positions within the picture.
  void move(Group& group) {
    const auto shift = [&](Point& point) {
      point = {point.x + group.corner.x, point.y + group.corner.y};
    };
    for (auto& box : group.boxes) shift(box.corner);
    for (auto& link : group.links) std::for_each(link.bends.begin(), link.bends.end(), shift);
    for (std::size_t i = 0; i < group.nodes.size(); ++i)
      node_boxes_[group.nodes[i]] = group.boxes[i];
    std::size_t index = group.nodes.size();
    for (auto& [name, inner] : group.groups) {
      const LayoutBox& box = group.boxes[index++];
      inner->corner = {box.corner.x + (box.width - inner->size.x) / 2, box.corner.y + kHeader};
      move(*inner);
    }
  }

  const GraphView& view_;
  Group root_;
  std::vector<std::vector<Group*>> homes_;  ///< of every node, the root first
  std::vector<std::pair<const Group*, std::size_t>> link_of_;
  std::vector<LayoutBox> node_boxes_;
};

class SvgWriter {
 public:
  explicit SvgWriter(const GraphView& view) : view_(view), drawing_(view) {}

  std::string run() {
    write_start();
    write_groups(drawing_.root(), 0);
    for (std::size_t i = 0; i < view_.edges.size(); ++i) write_edge(i);
    for (std::size_t i = 0; i < view_.nodes.size(); ++i) write_node(i);
    text_ << "</svg>\n";
    return text_.str();
  }

 private:
  void write_start() {
    const Point size = drawing_.root().size;
    const std::string states = summary(view_);
    const double title_px = static_cast<double>(std::max(
        character_count(view_.name) * 4 / 3, character_count(states) + view_.nodes.size() / 9));
    const double width = std::max(size.x, title_px * kCharacterWidth) + 2 * kMargin;
    const double height = size.y + kTitleHeight + kMargin;
    text_ << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" << number(width) << "\" height=\""
          << number(height) << "\" viewBox=\"0 0 " << number(width) << ' ' << number(height)
          << "\" font-family=\"DejaVu Sans, Verdana, Arial, sans-serif\" font-size=\"12\" "
             "fill=\"#1d2530\">\n"
          << "<title>" << escape_markup(view_.name) << "</title>\n"
          << "<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" "
             "markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">"
             "<path d=\"M0 0 8 4 0 8z\" fill=\"#5a6470\"/></marker></defs>\n"
          << "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
          << "<text x=\"" << kMargin << "\" y=\"24\" font-size=\"16\" font-weight=\"bold\">"
          << escape_markup(view_.name) << "</text>\n"
          << "<text x=\"" << kMargin << "\" y=\"42\">"
          << escape_markup(std::to_string(view_.nodes.size()) + " nodes" +
                           (states.empty() ? "" : ": " + states))
          << "</text>\n";
  }

  void write_groups(const Group& group, int depth) {
    std::size_t index = group.nodes.size();
    for (const auto& [name, inner] : group.groups) {
      const LayoutBox& box = group.boxes[index++];
      write_rectangle(box, 0, depth % 2 == 0 ? "#f3f5f8" : "#e9edf2", "#9aa4b0", false);
      text_ << "<text x=\"" << number(box.corner.x + 8) << "\" y=\"" << number(box.corner.y + 15)
            << "\" fill=\"#3b4652\" font-weight=\"bold\">" << escape_markup(name) << "</text>\n";
      write_groups(*inner, depth + 1);
    }
  }

  void write_rectangle(const LayoutBox& box, double offset, const char* fill, const char* line,
                       bool dashed) {
    text_ << "<rect x=\"" << number(box.corner.x + offset) << "\" y=\""
          << number(box.corner.y - offset) << "\" width=\"" << number(box.width) << "\" height=\""
          << number(box.height) << "\" rx=\"5\" fill=\"" << fill << "\" stroke=\"" << line << '"';
    if (dashed) text_ << " stroke-dasharray=\"5 3\"";
    text_ << "/>\n";
  }

  void write_edge(std::size_t index) {
    const auto points = drawing_.route(index);
    const auto& edge = view_.edges[index];
    text_ << "<path fill=\"none\" stroke=\"#5a6470\" marker-end=\"url(#arrow)\" d=\"M"
          << number(points[0].x) << ' ' << number(points[0].y);
    for (std::size_t i = 1; i < points.size(); ++i) {
      const double middle = (points[i - 1].y + points[i].y) / 2;
      text_ << 'C' << number(points[i - 1].x) << ' ' << number(middle) << ' ' << number(points[i].x)
            << ' ' << number(middle) << ' ' << number(points[i].x) << ' ' << number(points[i].y);
    }
    text_ << "\"><title>"
          << escape_markup(view_.nodes[edge.from].name + " to " + view_.nodes[edge.to].name +
                           ":\n" + edge.ports)
          << "</title></path>\n";
  }

  void write_node(std::size_t index) {
    const auto& node = view_.nodes[index];
    const LayoutBox& box = drawing_.box(index);
    const StateStyle style = style_of(node.state);
    const NodeText lines(node);
    const double center = box.corner.x + box.width / 2;
    std::string tooltip = node.name + "\n" + node.interface + ", version " + node.version;
    if (!node.detail.empty()) tooltip += "\n" + node.detail;
    text_ << "<g><title>" << escape_markup(tooltip) << "</title>\n";
    if (node.mapped) write_rectangle(box, 4, style.fill, style.line, style.dashed);
    write_rectangle(box, 0, style.fill, style.line, style.dashed);
    write_line(center, box.corner.y + 17, lines.label, " font-weight=\"bold\"");
    write_line(center, box.corner.y + 33, lines.interface, " fill=\"#4a5562\"");
    if (!lines.state.empty()) {
      const double half = static_cast<double>(character_count(lines.state)) * 3.3;
      text_ << "<path transform=\"translate(" << number(center - half - 8) << ' '
            << number(box.corner.y + 40) << ")\" d=\"" << style.shape << "\" stroke=\""
            << style.line << "\" stroke-width=\"1.6\" fill=\""
            << (style.filled_shape ? style.line : "none") << "\"/>\n";
      write_line(center + 8, box.corner.y + 49, lines.state,
                 std::string(" fill=\"") + style.line + '"');
    }
    text_ << "</g>\n";
  }

  void write_line(double x, double y, const std::string& line, const std::string& attributes) {
    text_ << "<text x=\"" << number(x) << "\" y=\"" << number(y) << "\" text-anchor=\"middle\""
          << attributes << '>' << escape_markup(line) << "</text>\n";
  }

  const GraphView& view_;
  Drawing drawing_;
  std::ostringstream text_;
};

}  // namespace

std::string to_svg(const GraphView& view) { return SvgWriter(view).run(); }

}  // namespace hypersynth::pipeline
