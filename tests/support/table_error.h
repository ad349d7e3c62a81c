#pragma once

#include <functional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"

namespace hypersynth {

/// Expects that `read`, which reads a table called t.tsv, refuses it with these words.
inline void expect_table_error(const std::function<void()>& read, const std::string& expected,
                               const std::string& found) {
  try {
    read();
    ADD_FAILURE() << "was read; expected an error about " << expected;
  } catch (const InputError& error) {
    EXPECT_EQ(error.path(), "t.tsv");
    EXPECT_THAT(error.expected(), testing::HasSubstr(expected));
    EXPECT_THAT(error.found(), testing::HasSubstr(found));
  }
}

}  // namespace hypersynth
