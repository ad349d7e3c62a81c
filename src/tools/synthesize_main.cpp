#include <filesystem>
#include <iostream>

#include "core/atomic_file.h"
#include "core/error.h"
#include "engine/data/pack_volumes.h"
#include "engine/synthesis/synthesis.h"
#include "image/nifti.h"
#include "tools/command_line.h"
#include "tools/contact_sheet.h"
#include "tools/synthesis_arguments.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;

constexpr int kMostRows = 16;  // of the contact sheet

std::string numbered(int number) {
  auto text = std::to_string(number);
  return std::string(text.size() < 3 ? 3 - text.size() : 0, '0') + text;
}

int synthesize_program(int argc, const char* const* argv) {
  std::string label_table, label_map, output;
  int count = 4;
  std::uint64_t seed = 1;
  SynthesisOptions options;
  options.patch = {160, 192, 160};
  CommandLine line(
      "hypersynth-synthesize",
      "Makes synthetic images of random contrast, shape and resolution from a label "
      "map:\nimage-NNN.nii.gz, labels-NNN.nii.gz and contact-sheet.png (the first 16).");
  line.add("label-map", label_map, "label map (.nii, .nii.gz)");
  line.add("label-table", label_table,
           "TSV with index, name, contralateral, intensity_class, segmentation_index");
  line.add("output", output, "folder to write to");
  line.add("count", count, "images to make");
  line.add("spacing-mm", options.spacing_mm, "voxel size of the label map");
  line.add("random-seed", seed, "seed of everything random");
  add_synthesis_arguments(line, options);
  if (const auto code = line.parse(argc, argv, std::cout)) return *code;
  if (label_map.empty() || label_table.empty() || output.empty() || count < 1)
    throw Error(ExitCode::kUsage,
                "give --label-map, --label-table, --output and a --count of at least 1");
  std::string violations;
  for (const auto& violation : options.check())
    violations += (violations.empty() ? "" : "\n") + violation;
  if (!violations.empty()) throw Error(ExitCode::kUsage, violations);
  const auto table = read_label_table(label_table);
  const auto packed = pack_label_map(read_labels(label_map), table, options.spacing_mm, label_map);
  std::error_code error;
  fs::create_directories(output, error);
  if (error || !fs::is_directory(output))
    throw Error(ExitCode::kCannotCreateOutput, output + ": cannot be created");
  std::vector<SyntheticPair> pairs;
  for (int number = 1; number <= count; ++number) {
    auto pair = synthesise(packed.view(), table, options, seed, number);
    write_image((fs::path(output) / ("image-" + numbered(number) + ".nii.gz")).string(),
                pair.image);
    write_labels((fs::path(output) / ("labels-" + numbered(number) + ".nii.gz")).string(),
                 pair.reference);
    if (number <= kMostRows) pairs.push_back(std::move(pair));
  }
  write_atomically(fs::path(output) / "contact-sheet.png", contact_sheet(pairs));
  return 0;
}

}  // namespace
}  // namespace hypersynth

int main(int argc, char** argv) {
  return hypersynth::run_program("hypersynth-synthesize",
                                 [&] { return hypersynth::synthesize_program(argc, argv); });
}
