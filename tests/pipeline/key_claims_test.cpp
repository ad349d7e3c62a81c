// Each result is made once: nodes with equal keys, and drivers that share a work folder, wait.

#include "pipeline/run/key_claims.h"

#include <gtest/gtest.h>

#include "pipeline/sample_nodes.h"

namespace hypersynth::pipeline {
namespace {

class KeyClaimsTest : public ::testing::Test {
 protected:
  const TemporaryFolder folder_;
  const WorkFolder work_folder_{folder_, real_file_system()};
  EventLoop loop_;
  std::vector<NodeId> again_;
  KeyClaims claims_{work_folder_, loop_, [this](NodeId id) { again_.push_back(id); }};
  const Digest key_ = digest_of("key");
};

TEST_F(KeyClaimsTest, ASecondNodeOfTheSameKeyWaitsForTheFirst) {
  EXPECT_TRUE(claims_.take(1, key_));
  EXPECT_FALSE(claims_.take(2, key_));
  EXPECT_TRUE(claims_.take(3, digest_of("another key")));
  EXPECT_EQ(again_, std::vector<NodeId>{});
  claims_.give_back(key_);
  EXPECT_EQ(again_, std::vector<NodeId>{2});
  EXPECT_TRUE(claims_.take(2, key_));
  EXPECT_FALSE(claims_.waits_for_others());
}

TEST_F(KeyClaimsTest, AKeyThatAnotherDriverIsAtIsTriedAgainAfterAWhile) {
  const WorkFolder other(folder_, real_file_system());
  ASSERT_TRUE(other.try_lock(key_));
  EXPECT_FALSE(claims_.take(1, key_));
  EXPECT_TRUE(claims_.waits_for_others());
  while (again_.empty()) loop_.run_once();
  EXPECT_FALSE(claims_.waits_for_others());
  EXPECT_FALSE(claims_.take(1, key_));
  other.unlock(key_);
  EXPECT_TRUE(claims_.take(1, key_));
}

}  // namespace
}  // namespace hypersynth::pipeline
