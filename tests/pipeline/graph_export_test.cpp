#include "pipeline/export/graph_export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/export/graph_layout.h"
#include "pipeline/sample_nodes.h"

namespace hypersynth::pipeline {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// Two nested chains whose ends a third node joins.
Workflow nested_workflow() {
  Workflow inner("inner");
  const auto first = inner.add<Add>("first", {1, 2});
  const auto last = inner.add<Add>("last");
  inner.connect(first, &Add::Outputs::sum, last, &Add::Inputs::a);
  Workflow outer("outer");
  const auto total = outer.add<Total>("total");
  for (const char* name : {"left", "right"}) {
    const auto nested = outer.nest(name, inner);
    outer.gather(nested(last), &Add::Outputs::sum, total, &Total::Inputs::terms);
  }
  return outer;
}

const GraphView::Node& find(const GraphView& view, const std::string& name) {
  for (const auto& node : view.nodes) {
    if (node.name == name) return node;
  }
  throw std::out_of_range(name);
}

/// Whether every element that is opened is closed, in the right order.
bool is_well_formed(const std::string& xml) {
  std::vector<std::string> open;
  for (std::size_t at = xml.find('<'); at != std::string::npos; at = xml.find('<', at + 1)) {
    const std::size_t end = xml.find('>', at);
    if (end == std::string::npos) return false;
    const std::string tag = xml.substr(at + 1, end - at - 1);
    if (tag.back() == '/') continue;
    if (tag.front() != '/') {
      open.push_back(tag.substr(0, tag.find_first_of(" \n")));
    } else if (open.empty() || open.back() != tag.substr(1)) {
      return false;
    } else {
      open.pop_back();
    }
  }
  return open.empty();
}

TEST(GraphViewTest, NestedWorkflowsAreGroupsAndEdgesNameTheirPorts) {
  const GraphView view = view_of(nested_workflow());
  EXPECT_EQ(view.nodes.size(), 5u);
  EXPECT_EQ(find(view, "left.first").groups, std::vector<std::string>{"left"});
  EXPECT_EQ(find(view, "left.first").label, "first");
  EXPECT_EQ(find(view, "left.first").interface, "Add");
  ASSERT_EQ(view.edges.size(), 4u);
  EXPECT_EQ(view.edges.back().ports, "sum to terms");
  EXPECT_TRUE(view.counts().empty());
  for (const auto& edge : view.edges) EXPECT_LT(edge.from, edge.to);
}

TEST(GraphViewTest, DotsInTheValuesOfAnAxisMakeNoGroup) {
  Workflow workflow("axis");
  const auto node = workflow.add<Append>("smooth", {"in.nii.gz", ""});
  workflow.iterate(node, each(&Append::Inputs::suffix, {"1.5"}));
  const GraphView view = view_of(workflow);
  EXPECT_EQ(view.nodes.at(0).label, "smooth[suffix=1.5]");
  EXPECT_TRUE(view.nodes.at(0).groups.empty());
}

TEST(GraphViewTest, PlansAndReportsGiveTheStates) {
  const TemporaryFolder folder;
  Workflow workflow("states");
  const auto good = workflow.add<MayFail>("good", {1, false});
  const auto bad = workflow.add<MayFail>("bad", {1, true});
  const auto after = workflow.add<Add>("after");
  workflow.connect(good, &MayFail::Outputs::value, after, &Add::Inputs::b);
  workflow.connect(bad, &MayFail::Outputs::value, after, &Add::Inputs::a);
  const GraphView before = view_of(workflow, plan(workflow, options_for(folder)));
  EXPECT_EQ(find(before, "good").state, DrawnState::kWillRun);
  EXPECT_EQ(find(before, "good").detail, "it has not run before");
  EXPECT_EQ(find(before, "after").state, DrawnState::kMayRun);
  const GraphView ran = view_of(workflow, run(workflow, options_for(folder)));
  EXPECT_EQ(find(ran, "good").state, DrawnState::kDone);
  EXPECT_EQ(find(ran, "bad").state, DrawnState::kFailed);
  EXPECT_EQ(find(ran, "bad").detail, "told to fail");
  EXPECT_EQ(find(ran, "after").state, DrawnState::kSkipped);
  const GraphView again = view_of(workflow, run(workflow, options_for(folder)));
  EXPECT_EQ(find(again, "good").state, DrawnState::kCached);
}

TEST(GraphViewTest, MappedNodeShowsTheWorstOfItsElementsAndCountsThem) {
  const TemporaryFolder folder;
  Workflow workflow("mapped");
  const auto mapped = workflow.map<MayFail>("each");
  workflow.set_each(mapped, &MayFail::Inputs::value, {1, 2, 3});
  workflow.set_each(mapped, &MayFail::Inputs::fails, {false, true, false});
  const auto none = workflow.map<Add>("none");
  workflow.set_each(none, &Add::Inputs::a, {});
  const GraphView view = view_of(workflow, run(workflow, options_for(folder)));
  ASSERT_EQ(view.nodes.size(), 2u);
  EXPECT_EQ(view.nodes[0].state, DrawnState::kFailed);
  EXPECT_EQ(view.nodes[0].note, "3 elements: 2 done, 1 failed");
  EXPECT_EQ(view.nodes[0].detail, "told to fail");
  EXPECT_EQ(view.nodes[1].note, "no elements");
}

TEST(GraphExportTest, DotHasAClusterPerGroupAndAWordPerState) {
  const TemporaryFolder folder;
  const Workflow workflow = nested_workflow();
  const std::string dot = to_dot(view_of(workflow, run(workflow, options_for(folder))));
  EXPECT_THAT(dot, HasSubstr("subgraph cluster0 {\n  label=\"left\""));
  EXPECT_THAT(dot, HasSubstr("label=\"first\\nAdd\\ndone\""));
  EXPECT_THAT(dot, HasSubstr("outer\\n5 done"));
}

TEST(GraphExportTest, SvgIsWellFormedAndSelfContained) {
  const TemporaryFolder folder;
  const Workflow workflow = nested_workflow();
  const std::string svg = to_svg(view_of(workflow, run(workflow, options_for(folder))));
  EXPECT_TRUE(is_well_formed(svg));
  EXPECT_THAT(svg, HasSubstr("5 nodes: 5 done"));
  EXPECT_THAT(svg, HasSubstr(">left</text>"));
  EXPECT_THAT(svg, Not(HasSubstr("href")));
  EXPECT_THAT(svg, Not(HasSubstr("<script")));
}

TEST(GraphExportTest, NamesAreEscaped) {
  Workflow workflow("a <b> & \"c\" \\ \x01\xff");
  workflow.add<Add>("<script>\"&\\\n", {1, 2});
  const GraphView view = view_of(workflow);
  const std::string svg = to_svg(view);
  EXPECT_TRUE(is_well_formed(svg));
  EXPECT_THAT(svg, HasSubstr("a &lt;b&gt; &amp; &quot;c&quot; \\ \xef\xbf\xbd\xef\xbf\xbd"));
  EXPECT_THAT(svg, Not(HasSubstr("<script>")));
  const std::string dot = to_dot(view);
  EXPECT_THAT(dot, HasSubstr("digraph \"a <b> & \\\"c\\\" \\\\ "));
  EXPECT_THAT(dot, HasSubstr("label=\"<script>\\\"&\\\\\\n\\nAdd\""));
}

TEST(GraphExportTest, LongNamesAreCutInTheMiddleAndWholeInTheTooltip) {
  Workflow workflow("long");
  const std::string name = "sub-01_ses-baseline_acq-highres_run-01_T1w" + std::string(40, 'x');
  workflow.add<Add>(name, {1, 2});
  const std::string svg = to_svg(view_of(workflow));
  EXPECT_THAT(svg, HasSubstr("<title>" + name + "&#10;"));
  EXPECT_THAT(svg, HasSubstr(">sub-01_ses-baselin\xe2\x80\xa6xxxxx"));
}

void expect_no_overlap(const std::vector<LayoutBox>& boxes, const Point& size) {
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const LayoutBox& a = boxes[i];
    EXPECT_GE(a.corner.x, -1e-6);
    EXPECT_LE(a.corner.x + a.width, size.x + 1e-6);
    EXPECT_LE(a.corner.y + a.height, size.y + 1e-6);
    for (std::size_t j = 0; j < i; ++j) {
      const LayoutBox& b = boxes[j];
      const bool apart =
          a.corner.x + a.width <= b.corner.x + 1e-6 || b.corner.x + b.width <= a.corner.x + 1e-6 ||
          a.corner.y + a.height <= b.corner.y + 1e-6 || b.corner.y + b.height <= a.corner.y + 1e-6;
      ASSERT_TRUE(apart) << i << " and " << j;
    }
  }
}

TEST(GraphLayoutTest, FiveHundredBoxesDoNotOverlapAndStayInAReadableShape) {
  std::vector<LayoutBox> boxes(500, {120, 50, {}});
  std::vector<LayoutLink> links;
  for (std::size_t i = 0; i < 499; ++i) links.push_back({i, i % 5 == 4 ? 499 : i + 1, {}});
  const Point size = lay_out(boxes, links);
  expect_no_overlap(boxes, size);
  EXPECT_LT(size.x, 6000);
  EXPECT_LT(size.y, 6000);
}

TEST(GraphLayoutTest, BoxesAreBelowThoseThatLinkToThemAndACycleIsBroken) {
  std::vector<LayoutBox> boxes(4, {100, 40, {}});
  std::vector<LayoutLink> links = {{0, 1, {}}, {1, 2, {}}, {0, 2, {}}, {2, 3, {}}, {3, 2, {}}};
  expect_no_overlap(boxes, lay_out(boxes, links));
  EXPECT_LT(boxes[0].corner.y, boxes[1].corner.y);
  EXPECT_LT(boxes[1].corner.y, boxes[2].corner.y);
  EXPECT_EQ(links[2].bends.size(), 1u);
}

}  // namespace
}  // namespace hypersynth::pipeline
