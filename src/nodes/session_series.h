#pragma once

#include <string>
#include <vector>

#include "nodes/results.h"

namespace hypersynth {

/// Images of one person that can be compared over sessions: one image of each of two or more
/// sessions, all of one suffix, with the same entities but for session and run, made with the same
/// model, options and version of the program.
struct SessionSeries {
  std::string name;  ///< "T1w", "acq-fast T1w"; no other series of the person has it
  std::string suffix;
  /// In the order of their times, or of the labels of their sessions where a time is not known.
  std::vector<const ImageResult*> images;
  /// Years since the first image; empty where the time of one is not known.
  std::vector<double> years;
  bool by_age = false;  ///< the years are differences of ages, not of dates
  /// Which images were left out, and what else a reader should know; whole sentences.
  std::vector<std::string> notes;
};

/// The label of the session of an image; empty where it has none.
std::string session_of_image(const ImageResult& result);

/// When the image was acquired: its `acq_time`, else the age in that session ("23.5 years"); empty
/// where its record has neither.
std::string time_of_image(const ImageResult& result);

/// The series of a person's images, in the order of their names. Of several runs in a session the
/// first that did not fail its verdict is taken, else the first; of images made in different ways
/// those are compared that were made as the largest number was, of equal numbers as the last
/// session was. The series point into `finished`.
std::vector<SessionSeries> session_series(const std::vector<ImageResult>& finished);

}  // namespace hypersynth
