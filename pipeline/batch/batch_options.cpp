#include "pipeline/batch/batch_options.h"

#include <cctype>

namespace hypersynth::pipeline {
namespace {

constexpr const char* kNameCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

}  // namespace

std::vector<std::string> BatchOptions::check() const {
  std::vector<std::string> violations;
  const auto expect = [&](bool holds, const std::string& expected) {
    if (!holds) violations.push_back("expected " + expected);
  };
  expect(time_limit.count() >= 0,
         "a time limit of at least 0 minutes, found " + std::to_string(time_limit.count()));
  expect(poll_interval >= std::chrono::seconds(1),
         "a poll interval of at least 1 s, found " + std::to_string(poll_interval.count()) + " ms");
  const bool has_letter =
      !job_name.empty() && std::isalpha(static_cast<unsigned char>(job_name[0]));
  expect(has_letter && job_name.find_first_not_of(kNameCharacters) == std::string::npos,
         "a job name of a letter, and letters, digits and \"._-\", found \"" + job_name + '"');
  expect(max_array_size >= 1,
         "an array size of at least 1, found " + std::to_string(max_array_size));
  expect(max_jobs >= 0, "at least 0 jobs at a time, found " + std::to_string(max_jobs));
  expect(patience.count() >= 1,
         "a patience of at least 1 minute, found " + std::to_string(patience.count()));
  return violations;
}

}  // namespace hypersynth::pipeline
