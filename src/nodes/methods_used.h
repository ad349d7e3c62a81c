#pragma once

#include <array>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "nodes/image_record.h"
#include "report/methods.h"

namespace hypersynth {

/// Collects from the records of images how these were made, for the methods text and the provenance
/// of a page. The run that writes the page may have another program version, model and device.
class MethodsUsed {
 public:
  /// Adds one image.
  void add(const ImageRecord& record);

  /// What was done to the images that were added.
  MethodFacts facts() const;

  /// `page` with the models and devices of the images, each once, separated by commas.
  Provenance with_models(Provenance page) const;

  /// What a methods text names: the program versions, models and devices of the images. If no image
  /// was added, the version is that of this program.
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
  int ct_ = 0;
  std::vector<ModelTraining> trainings_;  ///< in the order in which they were found
};

}  // namespace hypersynth
