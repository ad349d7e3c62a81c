#pragma once

#include <string>
#include <vector>

#include "bids/layout.h"

namespace hypersynth::bids {

/// The entities that a derivative has from the image that it was made of: all but those that BIDS
/// gives to derivatives (space, res, den, label, desc, atlas, seg, scale). Two derivatives of one
/// image agree in them, whichever programs made them.
Entities source_entities(const Entities& entities);

/// A text that is the same for all derivatives of one image, "sub-01_ses-2_run-1". Numbers are
/// without leading zeros; entities outside the standard count as those of the image. `without`: an
/// entity that is left out.
std::string source_key(const Entities& entities);
std::string source_key(const Entities& entities, Entity without);

/// Two files that belong together.
struct FilePair {
  DataFile first;
  DataFile second;
};

/// A file for which not exactly one other file is meant.
struct AmbiguousFile {
  DataFile file;
  std::vector<DataFile> candidates;
};

/// What belongs together in two lists of files.
struct Pairing {
  std::vector<FilePair> pairs;
  std::vector<AmbiguousFile> ambiguous;  ///< files of the first list
  std::vector<DataFile> unpaired_first;
  std::vector<DataFile> unpaired_second;  ///< files that belong to none of the first list
};

/// Pairs each file of `first` with the file of `second` that was made of the same image (the same
/// source_key()) and lies in the same `space`; a file without `space` also fits one whose space is
/// an anatomical suffix ("T1w"): both lie on an image of the person. If there are several, those
/// that name the same space count. A file for which that leaves not exactly one is ambiguous, and
/// so are files of `first` that only differ in entities of derivatives other than `space`. Files of
/// `first` in different spaces, such as those of a T1w and a T2w image, may have the same partner.
Pairing pair_by_source(const std::vector<DataFile>& first, const std::vector<DataFile>& second);

/// Pairs files of one person in two sessions: all entities of the image but the session agree, and
/// the space. Files of more than two sessions, and two files of one session, are ambiguous; files
/// of one session alone are in `unpaired_first`. The sessions are in the order of their labels.
Pairing pair_sessions(const std::vector<DataFile>& files);

}  // namespace hypersynth::bids
