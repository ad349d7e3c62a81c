#include "engine/training/theta_progress.h"

#include <ATen/ops/full.h>
#include <gtest/gtest.h>

#include "engine/synthetic_fixture.h"

namespace hypersynth {
namespace {

/// A window of hypergradients with one loss; the parameter rises from `first` by 1 with each.
void add_window(ThetaProgress& progress, double loss, double first) {
  for (std::int64_t draw = 0; draw < ThetaProgress::kWindow; ++draw) {
    // One batch says little: half of them are 1 above, half 1 below.
    progress.add(at::full({}, loss + (draw % 2 == 0 ? 1 : -1)),
                 at::full({1}, first + static_cast<double>(draw)));
  }
}

TEST(ThetaProgressTest, TheBestIsTheMeanOfTheWindowWithTheLowestLoss) {
  ThetaProgress progress;
  add_window(progress, 3, 0);
  EXPECT_NEAR(progress.best_loss, 3, 1e-5);
  add_window(progress, 2, 100);
  EXPECT_EQ(progress.windows_above, 0);
  add_window(progress, 2.5, 200);
  add_window(progress, 2.4, 300);
  EXPECT_EQ(progress.windows_above, 2);
  EXPECT_NEAR(progress.best_loss, 2, 1e-5);
  EXPECT_NEAR(value(progress.best_theta.sum()), 149.5, 1e-3);
  add_window(progress, 1.9, 400);
  EXPECT_EQ(progress.windows_above, 0);
  EXPECT_NEAR(value(progress.best_theta.sum()), 449.5, 1e-3);
}

TEST(ThetaProgressTest, ALossThatIsAboveTheBestByItsNoiseAloneDoesNotCount) {
  // The standard error of a window's mean is 0.1, that of a difference 0.14.
  ThetaProgress progress;
  add_window(progress, 2, 0);
  add_window(progress, 2.27, 100);
  EXPECT_EQ(progress.windows_above, 0);
  add_window(progress, 2.3, 200);
  EXPECT_EQ(progress.windows_above, 1);
  add_window(progress, 2.27, 300);
  EXPECT_EQ(progress.windows_above, 0) << "not in a row";
  EXPECT_NEAR(progress.best_loss, 2, 1e-5);
}

TEST(ThetaProgressTest, AWindowThatIsNotFullSaysNothing) {
  ThetaProgress progress;
  for (std::int64_t draw = 1; draw < ThetaProgress::kWindow; ++draw)
    progress.add(at::full({}, 1.0), at::full({1}, 1.0));
  EXPECT_FALSE(progress.best_theta.defined());
  progress.add(at::full({}, 1.0), at::full({1}, 1.0));
  EXPECT_TRUE(progress.best_theta.defined());
}

}  // namespace
}  // namespace hypersynth
