#include <map>
#include <sstream>

#include "pipeline/export/graph_style.h"
#include "pipeline/export/text_escape.h"

namespace hypersynth::pipeline {
namespace {

std::string with_line(std::string text, const std::string& line) {
  return line.empty() ? text : text + '\n' + line;
}

class DotWriter {
 public:
  explicit DotWriter(const GraphView& view) : view_(view) {}

  std::string run() {
    text_ << "digraph " << dot_quoted(view_.name) << " {\n"
          << "  graph [label=" << dot_quoted(with_line(view_.name, summary(view_)))
          << ", labelloc=t, fontname=\"sans-serif\"]\n"
          << "  node [shape=box, style=\"filled,rounded\", fontname=\"sans-serif\", fontsize=11]\n"
          << "  edge [color=\"#5a6470\"]\n";
    std::vector<std::size_t> all(view_.nodes.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    write_level(all, 0);
    for (const auto& edge : view_.edges) {
      text_ << "  n" << edge.from << " -> n" << edge.to << " [tooltip=" << dot_quoted(edge.ports)
            << "]\n";
    }
    text_ << "}\n";
    return text_.str();
  }

 private:
  void write_level(const std::vector<std::size_t>& nodes, std::size_t depth) {
    std::map<std::string, std::vector<std::size_t>> groups;
    for (const std::size_t index : nodes) {
      const auto& node = view_.nodes[index];
      if (node.groups.size() > depth) {
        groups[node.groups[depth]].push_back(index);
      } else {
        write_node(index);
      }
    }
    for (const auto& [name, members] : groups) {
      text_ << "  subgraph cluster" << clusters_++ << " {\n  label=" << dot_quoted(name)
            << "; color=\"#9aa4b0\"; fontsize=12\n";
      write_level(members, depth + 1);
      text_ << "  }\n";
    }
  }

  void write_node(std::size_t index) {
    const auto& node = view_.nodes[index];
    const StateStyle style = style_of(node.state);
    const std::string state = node.note.empty() ? to_string(node.state) : node.note;
    const std::string label = with_line(with_line(node.label, node.interface), state);
    const std::string tooltip = with_line(node.name, node.detail);
    text_ << "  n" << index << " [label=" << dot_quoted(label)
          << ", tooltip=" << dot_quoted(tooltip) << ", fillcolor=\"" << style.fill << "\", color=\""
          << style.line << '"';
    if (node.mapped) text_ << ", peripheries=2";
    if (style.dashed) text_ << ", style=\"filled,rounded,dashed\"";
    text_ << "]\n";
  }

  const GraphView& view_;
  std::ostringstream text_;
  std::size_t clusters_ = 0;
};

}  // namespace

std::string to_dot(const GraphView& view) { return DotWriter(view).run(); }

}  // namespace hypersynth::pipeline
