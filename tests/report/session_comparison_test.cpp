// Two sessions beside each other: their pictures and their part of the page.

#include "report/session_comparison.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "example_report.h"
#include "report/png.h"

namespace hypersynth {
namespace {

using testing::HasSubstr;
using testing::Not;

/// The example head, and the same head 12 mm farther up.
struct TwoScans {
  ExampleHead first = example_head({40, 48, 40}, {4, 4, 4}), later = first;

  TwoScans() {
    const std::size_t slice = 40 * 48, up = 3 * slice;
    for (std::size_t v = first.labels.size(); v-- > 0;) {
      later.labels[v] = v < up ? 0 : first.labels[v - up];
      later.intensities[v] = v < up ? 0 : first.intensities[v - up];
    }
  }
};

TEST(SessionComparisonTest, BothScansHaveTheSameSlices) {
  const TwoScans scans;
  const std::array<VoxelView, 2> views{scans.first.view(), scans.later.view()};
  const auto mosaics = draw_matched_mosaics(views, example_colours());
  ASSERT_EQ(mosaics.size(), 2u);
  for (std::size_t plane = 0; plane < 3; ++plane) {
    EXPECT_EQ(mosaics[0][plane].slices_mm, mosaics[1][plane].slices_mm);
    EXPECT_EQ(to_json(mosaics[0][plane].geometry), to_json(mosaics[1][plane].geometry));
    EXPECT_EQ(mosaics[0][plane].anatomy.height, mosaics[1][plane].anatomy.height);
    EXPECT_NE(mosaics[0][plane].anatomy.pixels, mosaics[1][plane].anatomy.pixels);
  }
  // The region of both: a scan alone has other slices.
  EXPECT_NE(draw_mosaics(views[0], example_colours())[0].slices_mm, mosaics[0][0].slices_mm);
  std::array<VoxelView, 2> other = views;
  other[1].world_from_voxel[0][3] += 1;
  EXPECT_THROW(draw_matched_mosaics(other, example_colours()), std::invalid_argument);
  EXPECT_TRUE(draw_matched_mosaics({}, example_colours()).empty());
}

TEST(SessionComparisonTest, TheReportletsNameThePicturesThatAreDrawn) {
  const TwoScans scans;
  std::map<std::string, std::pair<int, int>> sizes;
  draw_comparison("sub-1_ses-2", "T1w", scans.first.view(), scans.later.view(), example_colours(),
                  [&](const std::string& name, std::string_view png) {
                    sizes["figures/" + name] = png_size(png).value();
                  });
  const auto planes = comparison_planes("figures", "sub-1_ses-2", "T1w", "1", "2");
  ASSERT_EQ(planes.size(), 3u);
  for (const auto& pair : planes) {
    for (const auto& reportlet : pair) {
      ASSERT_TRUE(sizes.contains(reportlet.picture)) << reportlet.picture;
      EXPECT_EQ(sizes.at(reportlet.picture), sizes.at(pair[0].picture));
      EXPECT_EQ(sizes.at(reportlet.overlays.at(0).path), sizes.at(pair[0].picture));
    }
  }
  EXPECT_EQ(sizes.size(), 12u);
}

std::string markup(const SessionComparison& comparison) {
  HtmlWriter html;
  write_comparison(html, comparison, {}, true);
  return std::move(html).finish();
}

TEST(SessionComparisonTest, SaysHowTheScanLiesAndWhetherItIsMirrored) {
  SessionComparison comparison{"1", "2", 3.21, 4.56, 0.9731, false, {}, ""};
  EXPECT_THAT(markup(comparison), HasSubstr("turned by 3.2\xC2\xB0 and moved by 4.6 mm"));
  EXPECT_THAT(markup(comparison), HasSubstr("0.973"));
  EXPECT_THAT(markup(comparison), Not(HasSubstr("mirror image")));
  comparison.mirrored = true;
  EXPECT_THAT(markup(comparison), HasSubstr("far more like the mirror image of ses-2"));
}

TEST(SessionComparisonTest, WhatIsMissingIsSaid) {
  const SessionComparison comparison{"1", "2", 0, 0, 0, false, {}, "Not <drawn> yet."};
  EXPECT_THAT(markup(comparison), HasSubstr("Not &lt;drawn&gt; yet."));
  EXPECT_THAT(markup(comparison), Not(HasSubstr("turned by")));
}

}  // namespace
}  // namespace hypersynth
