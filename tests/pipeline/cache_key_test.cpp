// What makes a result stale, and what does not.

#include "pipeline/cache/cache_key.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <map>
#include <rapidcheck.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

// Needs rapidcheck.h first.
#include <rapidcheck/gtest.h>

#include "pipeline/graph/value_json.h"
#include "pipeline/sample_nodes.h"

namespace hypersynth::pipeline {
namespace {

/// One port of every kind.
struct Kinds {
  struct Inputs {
    bool flag = false;
    int integer = 0;
    double real = 0;
    std::string text;
    fs::path file;
    fs::path place;
    std::vector<std::string> texts;
    std::optional<int> maybe;
    std::pair<int, std::string> pair;
    std::vector<fs::path> files;
  };
  struct Outputs {
    int value = 0;
  };
  static constexpr std::tuple inputs{
      Port{"flag", &Inputs::flag},   Port{"integer", &Inputs::integer},
      Port{"real", &Inputs::real},   Port{"text", &Inputs::text},
      Port{"file", &Inputs::file},   Port{"place", &Inputs::place, "", Hashed::kPath},
      Port{"texts", &Inputs::texts}, Port{"maybe", &Inputs::maybe},
      Port{"pair", &Inputs::pair},   Port{"files", &Inputs::files}};
  static constexpr std::tuple outputs{Port{"value", &Outputs::value}};
  static constexpr std::string_view version = "1";
  Outputs run(const Inputs&, NodeContext&) const { return {}; }
};

/// The content of every file is its path, but for its folder.
Digest content(const fs::path& path) { return digest_of("content of " + path.filename().string()); }

CacheKey key_of(const Values& inputs, const PathDigest& digest = content) {
  return cache_key("node", *erase<Kinds>(), inputs, digest);
}

std::string short_text() {
  return *rc::gen::container<std::string>(rc::gen::element('a', 'b', '/', '\0', '\xff'));
}

fs::path short_path() { return "/data/" + *rc::gen::element<std::string>("x", "y", "xy"); }

Kinds::Inputs arbitrary_inputs() {
  Kinds::Inputs in;
  in.flag = *rc::gen::arbitrary<bool>();
  in.integer = *rc::gen::inRange(-2, 3);
  in.real = *rc::gen::element(0.0, -0.0, 1.0, 0.1, 0.1 + 1e-17, 0.30000000000000004, 0.3);
  in.text = short_text();
  in.file = short_path();
  in.place = short_path();
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i) in.texts.push_back(short_text());
  if (*rc::gen::arbitrary<bool>()) in.maybe = *rc::gen::inRange(0, 2);
  in.pair = {*rc::gen::inRange(0, 2), short_text()};
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i) in.files.push_back(short_path());
  return in;
}

/// Bytes, so that 0 and -0 differ.
bool same(const Value& a, const Value& b) {
  return to_json(a).dump() == to_json(b).dump() && a.data().index() == b.data().index();
}

RC_GTEST_PROP(CacheKeyProperty, KeysAreEqualExactlyWhenAllPortsAre, ()) {
  const Values first = to_values(arbitrary_inputs(), Kinds::inputs);
  Values second = to_values(arbitrary_inputs(), Kinds::inputs);
  for (std::size_t port = 0; port < first.size(); ++port) {
    if (*rc::gen::inRange(0, 4) > 0) second[port] = first[port];
  }
  std::vector<std::string> changed;
  for (std::size_t port = 0; port < first.size(); ++port) {
    if (!same(first[port], second[port]))
      changed.push_back("input '" + erase<Kinds>()->inputs()[port].name + "'");
  }
  const CacheKey before = key_of(first);
  const CacheKey after = key_of(second);
  RC_ASSERT((before.digest == after.digest) == changed.empty());
  const auto reasons = explain(before.fields, after.fields);
  RC_ASSERT(reasons.size() == changed.size());
  for (std::size_t i = 0; i < changed.size(); ++i)
    RC_ASSERT(reasons[i].compare(0, changed[i].size(), changed[i]) == 0);
}

RC_GTEST_PROP(CacheKeyProperty, OneOtherByteInAnyFileChangesTheKeyOfWhatReadsIt, ()) {
  const Kinds::Inputs in = arbitrary_inputs();
  const fs::path edited = short_path();
  const auto edit = [&](const fs::path& path) {
    return path == edited ? digest_of("edited") : content(path);
  };
  const Values values = to_values(in, Kinds::inputs);
  const bool reads =
      in.file == edited || std::find(in.files.begin(), in.files.end(), edited) != in.files.end();
  RC_ASSERT((key_of(values).digest != key_of(values, edit).digest) == reads);
}

RC_GTEST_PROP(ValueProperty, JsonGivesBackEveryValue, ()) {
  for (const Value& value : to_values(arbitrary_inputs(), Kinds::inputs)) {
    const Value back = value_from_json(nlohmann::json::parse(to_json(value).dump()));
    RC_ASSERT(back == value);
    RC_ASSERT(same(back, value));
  }
}

RC_GTEST_PROP(CacheKeyProperty, OrderInWhichNodesAreAddedDoesNotMatter, ()) {
  const int count = *rc::gen::inRange(1, 6);
  std::vector<int> order(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) order[static_cast<std::size_t>(i)] = i;
  const auto build = [&] {
    Workflow workflow("any");
    for (const int i : order) workflow.add<Add>("node" + std::to_string(i), {i, 1});
    return workflow;
  };
  const TemporaryFolder folder;
  RunOptions options = options_for(folder);
  options.sync = false;
  RC_ASSERT(run(build(), options).ok());
  std::reverse(order.begin(), order.end());
  std::rotate(order.begin(), order.begin() + *rc::gen::inRange(0, count), order.end());
  Workflow again = build();
  again.add<Add>("unrelated", {9, 9});
  RC_ASSERT(plan(again, options).count(Action::kCached) == static_cast<std::size_t>(count));
}

/// The same node after its author changed it.
struct NewVersion : Add {
  static constexpr std::string_view id = "hypersynth::pipeline::Add";
  static constexpr std::string_view version = "2";
};
struct OtherName : Add {};

/// A result in a file has one kind of NaN, a division of zeros another.
TEST(CacheKeyTest, NanIsOneValueWhateverItsBits) {
  Kinds::Inputs positive, negative;
  positive.real = std::numeric_limits<double>::quiet_NaN();
  negative.real = -positive.real;
  EXPECT_EQ(key_of(to_values(positive, Kinds::inputs)).digest,
            key_of(to_values(negative, Kinds::inputs)).digest);
}

TEST(CacheKeyTest, InterfaceAndVersionAreIngredients) {
  const TemporaryFolder folder;
  Workflow before("same");
  before.add<Add>("node", {1, 2});
  ASSERT_TRUE(run(before, options_for(folder)).ok());
  Workflow newer("same");
  newer.add<NewVersion>("node", {1, 2});
  EXPECT_EQ(plan(newer, options_for(folder)).find("node")->reasons,
            std::vector<std::string>{"version: 1 -> 2"});
  Workflow other("same");
  other.add<OtherName>("node", {1, 2});
  EXPECT_EQ(plan(other, options_for(folder)).find("node")->reasons.size(), 1u);
  EXPECT_EQ(plan(before, options_for(folder)).find("node")->action, Action::kCached);
}

TEST(CacheKeyTest, OnlyPathPortsThatSaySoAreRead) {
  const TemporaryFolder folder;
  write_text(folder / "file", "a");
  write_text(folder / "place", "a");
  const std::string text = (folder / "file").string();
  Kinds::Inputs in;
  in.text = text;
  in.texts = {text};
  in.place = folder / "place";
  Workflow workflow("kinds");
  in.file = folder / "read";
  write_text(in.file, "a");
  workflow.add<Kinds>("node", in);
  ASSERT_TRUE(run(workflow, options_for(folder / "work")).ok());
  write_text(folder / "file", "b");
  write_text(folder / "place", "b");
  EXPECT_EQ(plan(workflow, options_for(folder / "work")).find("node")->action, Action::kCached);
  write_text(in.file, "b");
  EXPECT_EQ(plan(workflow, options_for(folder / "work")).find("node")->action, Action::kRun);
}

}  // namespace
}  // namespace hypersynth::pipeline
