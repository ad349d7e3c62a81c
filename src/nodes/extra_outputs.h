#pragma once

#include <string>
#include <vector>

#include "nodes/image_outputs.h"
#include "nodes/image_record.h"
#include "nodes/published_file.h"
#include "nodes/segmentation_facts.h"
#include "pipeline/graph/node_context.h"

namespace hypersynth {

// Files that are made on request from the source image, its label map and its volumes, so that an
// image that was finished without them can have them without being segmented again.

/// What can be asked for, in the words of the options.
namespace extra {
inline constexpr const char* kBrain = "brain";
inline constexpr const char* kAsegStats = "aseg-stats";
inline constexpr const char* kStandardLabels = "standard-dseg";
}  // namespace extra

using Extras = std::vector<std::string>;

/// The file that an extra output writes, besides its sidecar.
const std::string& output_of_extra(const ImageOutputs& outputs, const std::string& name);

/// The extra output that writes the file `path`, or its sidecar; empty if none does.
std::string extra_that_writes(const ImageOutputs& outputs, const std::string& path);

/// Whether the voxels of the source image are needed for one of them.
bool need_source(const Extras& extras);

/// From what the extra outputs of an image are made.
struct ExtraSource {
  fs::path image;  ///< the source; read only if need_source()
  const LabelMap& labels;
  const std::vector<LabelVolume>& volumes;
  const bids::DataFile& source;
  const nlohmann::json& metadata;  ///< its merged sidecars
};

/// Writes the extra outputs with `publisher`, their images first into `own_folder`. Throws
/// InputError if the image is read and is not the one that was segmented, whose digest is `digest`,
/// and Error if a file cannot be written.
void write_extras(const Extras& extras, const ExtraSource& from, const fs::path& own_folder,
                  const std::string& digest, const pipeline::NodeContext& context,
                  Publisher& publisher);

}  // namespace hypersynth
