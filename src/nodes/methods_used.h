#pragma once

#include <array>
#include <set>
#include <string>
#include <utility>

#include "nodes/image_record.h"
#include "report/methods.h"

namespace hypersynth {

/// Collects from the records of images how they were made, for the methods text and the provenance
/// of a page. The program and the model of the run that writes the page may be others.
class MethodsUsed {
 public:
  void add(const ImageRecord& record);

  /// What was done to the images.
  MethodFacts facts() const;

  /// `page` with the models of the records, each once.
  Provenance with_models(Provenance page) const;

  /// Models and program versions of the records: what a methods text names.
  Provenance provenance() const;

 private:
  std::set<std::string> suffixes_;
  std::set<std::string> versions_;
  std::set<std::pair<std::string, std::string>> models_;  ///< name and digest
  std::set<std::string> devices_;
  std::set<std::size_t> structures_;
  std::set<std::array<double, 3>> preparations_;  ///< voxel side, low and high percentile
  int images_ = 0;
  int averaged_ = 0;
  bool learned_synthesis_ = false;
};

}  // namespace hypersynth
