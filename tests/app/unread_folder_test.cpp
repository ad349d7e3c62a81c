// A folder that can't be read may hold images: a run without them is no success.

#include <gtest/gtest.h>

#include "app/image_selection.h"
#include "bids/memory_dataset.h"

namespace hypersynth {
namespace {

TEST(UnreadFolderTest, CountsWhereItsParticipantWasAskedFor) {
  const auto layout = bids::memory_layout(
      {"sub-01/anat/sub-01_T1w.nii.gz", "sub-02/anat/sub-02_T1w.nii.gz"}, {}, {}, {"sub-01/anat"});
  ParticipantOptions options;
  EXPECT_TRUE(has_unread_folder(layout, options));
  options.participant_label = {"02", "sub-01"};
  EXPECT_TRUE(has_unread_folder(layout, options));
  options.participant_label = {"02"};
  EXPECT_FALSE(has_unread_folder(layout, options));
  options.participant_label = {};
  options.exclude_participant_label = {"01"};
  EXPECT_FALSE(has_unread_folder(layout, options));
}

TEST(UnreadFolderTest, IsNoneWhereAllCouldBeRead) {
  const auto layout = bids::memory_layout({"sub-01/anat/sub-01_T1w.nii.gz"});
  EXPECT_FALSE(has_unread_folder(layout, ParticipantOptions{}));
}

}  // namespace
}  // namespace hypersynth
