#include "nodes/extra_outputs.h"

#include <stdexcept>

#include <boost/filesystem/operations.hpp>

#include "bids/derivative.h"
#include "image/masked_copy.h"
#include "image/nifti.h"
#include "nodes/aseg_stats.h"
#include "nodes/refresh_record.h"
#include "nodes/source_image.h"
#include "nodes/tissue_classes.h"

namespace hypersynth {

namespace {

using nlohmann::json;

class Writer {
 public:
  Writer(const ExtraSource& from, const fs::path& own_folder, const std::string& digest,
         const pipeline::NodeContext& context, Publisher& publisher)
      : from_(from),
        own_folder_(own_folder),
        digest_(digest),
        context_(context),
        publisher_(publisher),
        outputs_(outputs_of(from.source)) {}

  void write(const std::string& name) {
    if (name == extra::kBrain) return brain();
    if (name == extra::kAsegStats) return aseg_stats();
    if (name == extra::kStandardLabels) return standard_labels();
    throw std::invalid_argument(name + ": no such extra output");
  }

 private:
  void require_same(const std::string& digest) const {
    if (digest != digest_)
      throw InputError(from_.image.string(), "the image that was segmented",
                       "that it changed; run again");
  }

  void brain() {
    Mask mask(from_.labels.grid);
    for (std::size_t v = 0; v < mask.voxels.size(); ++v)
      mask.voxels[v] = from_.labels.voxels[v] != 0;
    const PinnedFile file(from_.image);
    require_same(file.identity().digest);
    publish(outputs_.brain_image, [&](const std::string& path) {
      file.read([&](const std::string& opened) {
        write_masked_copy(opened, mask, path);
        return 0;
      });
      require_same(file.identity().digest);
    });
    sidecar(outputs_.brain_image,
            {{"Description",
              "Source image with 0 outside the brain mask; all voxels inside are "
              "those of the source"},
             {"SkullStripped", true}});
  }

  void aseg_stats() {
    SourceIdentity identity;
    const Image image = read_source(from_.image, context_, &identity);
    require_same(identity.digest);
    publisher_.text(outputs_.aseg_stats,
                    format_aseg_stats(image, from_.labels, from_.volumes,
                                      {outputs_.name, from_.source.path, outputs_.labels}));
  }

  void standard_labels() {
    LabelMap labels = from_.labels;
    for (auto& label : labels.voxels) {
      if (label != 0) label = standard_index(label).value_or(0);
    }
    publish(outputs_.standard_labels, [&](const std::string& path) { write_labels(path, labels); });
    sidecar(outputs_.standard_labels,
            {{"Description", "Tissue classes, numbered as the common image-derived labels of BIDS"},
             {"Manual", false}});
  }

  template <class Write>
  void publish(const std::string& output, const Write& write) {
    const fs::path own = own_folder_ / fs::path(output).filename();
    write(own.string());
    publisher_.copy(output, own);
    fs::remove(own);
  }

  void sidecar(const std::string& output, const json& own) {
    json values = bids::spatial_sidecar(from_.source);
    add_entity_metadata(values, from_.source, from_.metadata);
    values.update(own);
    publisher_.text(sidecar_of(output), bids::format_sidecar(values));
  }

  const ExtraSource& from_;
  const fs::path& own_folder_;
  const std::string& digest_;
  const pipeline::NodeContext& context_;
  Publisher& publisher_;
  ImageOutputs outputs_;
};

}  // namespace

const std::string& output_of_extra(const ImageOutputs& outputs, const std::string& name) {
  if (name == extra::kBrain) return outputs.brain_image;
  return name == extra::kAsegStats ? outputs.aseg_stats : outputs.standard_labels;
}

std::string extra_that_writes(const ImageOutputs& outputs, const std::string& path) {
  for (const char* name : {extra::kBrain, extra::kAsegStats, extra::kStandardLabels}) {
    const auto& output = output_of_extra(outputs, name);
    if (path == output || path == sidecar_of(output)) return name;
  }
  return "";
}

bool need_source(const Extras& extras) {
  for (const auto& name : extras) {
    if (name != extra::kStandardLabels) return true;
  }
  return false;
}

void write_extras(const Extras& extras, const ExtraSource& from, const fs::path& own_folder,
                  const std::string& digest, const pipeline::NodeContext& context,
                  Publisher& publisher) {
  Writer writer(from, own_folder, digest, context, publisher);
  for (const auto& name : extras) writer.write(name);
}

}  // namespace hypersynth
