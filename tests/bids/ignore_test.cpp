#include "bids/ignore.h"

#include <gtest/gtest.h>

namespace hypersynth::bids {
namespace {

struct Case {
  const char* pattern;
  const char* path;
  bool is_directory;
  bool ignored;
};

TEST(IgnoreRulesTest, PatternsMeanWhatTheyMeanInGitignore) {
  const Case cases[] = {
      {"*.html", "sub-01.html", false, true},
      {"*.html", "a/b/c.html", false, true},
      {"*.html", "a/b/c.htm", false, false},
      {"/x.txt", "x.txt", false, true},
      {"/x.txt", "a/x.txt", false, false},
      {"a/x.txt", "a/x.txt", false, true},
      {"a/x.txt", "b/a/x.txt", false, false},
      {"logs/", "logs", true, true},
      {"logs/", "a/logs", true, true},
      {"logs/", "logs", false, false},
      {"**/sub-*_bold.nii.gz", "sub-1_bold.nii.gz", false, true},
      {"**/sub-*_bold.nii.gz", "a/b/sub-1_bold.nii.gz", false, true},
      {"a/**/b", "a/b", false, true},
      {"a/**/b", "a/x/y/b", false, true},
      {"a/**/b", "x/a/b", false, false},
      {"a/**", "a/x/y", false, true},
      {"a/**", "a", true, false},
      {"a/*", "a/x/y", false, false},
      {"file?.txt", "file1.txt", false, true},
      {"file?.txt", "file.txt", false, false},
      {"[a-c]x", "bx", false, true},
      {"[!a-c]x", "bx", false, false},
      {"[]]x", "]x", false, true},
      {"[x", "[x", false, true},
      {"\\#x", "#x", false, true},
      {"\\*x", "*x", false, true},
      {"\\*x", "ax", false, false},
      {"x\\ ", "x ", false, true},
      {"x ", "x", false, true},
      {"*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false, false},
  };
  for (const auto& test : cases) {
    Issues issues;
    const auto rules = IgnoreRules::parse(test.pattern, issues);
    EXPECT_EQ(rules.ignores(test.path, test.is_directory), test.ignored)
        << test.pattern << " on " << test.path;
    EXPECT_TRUE(issues.empty());
  }
}

TEST(IgnoreRulesTest, TheLastPatternThatMatchesDecides) {
  Issues issues;
  const auto rules = IgnoreRules::parse("*.txt\r\n!keep.txt\r\n\r\n# note\r\n", issues);
  EXPECT_TRUE(rules.ignores("a.txt", false));
  EXPECT_FALSE(rules.ignores("keep.txt", false));
}

TEST(IgnoreRulesTest, ALineThatIsNoPatternIsReported) {
  Issues issues;
  const auto rules = IgnoreRules::parse("\xEF\xBB\xBF*.txt\n/\n!\n", issues);
  EXPECT_TRUE(rules.ignores("a.txt", false));
  ASSERT_EQ(issues.size(), 2u);
  EXPECT_EQ(issues[0].code, IssueCode::kIgnorePatternInvalid);
  EXPECT_NE(issues[0].message.find("line 2"), std::string::npos);
}

TEST(IgnoreRulesTest, ManyStarsTakeNoExponentialTime) {
  std::string pattern;
  std::string path;
  for (int part = 0; part < 60; ++part) {
    pattern += "**/a*a*/";
    path += "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaab/";
  }
  Issues issues;
  EXPECT_FALSE(IgnoreRules::parse(pattern + "x", issues).ignores(path + "y", false));
}

}  // namespace
}  // namespace hypersynth::bids
