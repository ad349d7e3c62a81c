#include <filesystem>
#include <iostream>

#include "core/atomic_file.h"
#include "core/error.h"
#include "engine/data/pack_volumes.h"
#include "engine/synthesis/synthesis.h"
#include "image/nifti.h"
#include "tools/contact_sheet.h"
#include "tools/run_program.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;

constexpr int kMostRows = 16;  // of the contact sheet

std::string numbered(int number) {
  auto text = std::to_string(number);
  return std::string(text.size() < 3 ? 3 - text.size() : 0, '0') + text;
}

struct SynthesizeOptions {
  std::string label_table, label_map, output;
  int count = 4;
  std::uint64_t seed = 1;
  SynthesisOptions synthesis;

  SynthesizeOptions() { synthesis.patch = {160, 192, 160}; }  // a whole head at 1 mm
};

void describe(SynthesizeOptions& o, OptionList& list) {
  list.heading("What to make");
  list.add("--label-map", o.label_map, "label map (.nii, .nii.gz)").value_name("FILE");
  list.add("--label-table", o.label_table,
           "TSV with index, name, contralateral, intensity_class, segmentation_index")
      .value_name("FILE");
  list.add("--output", o.output, "folder to write to").value_name("DIR");
  list.add("--count", o.count, "images to make").range(Range::at_least(1));
  list.add("--spacing-mm", o.synthesis.spacing_mm, "voxel size; the label map is resampled to it")
      .unit("mm")
      .range(Range::positive());
  list.add("--random-seed", o.seed, "seed of everything random");
  describe(o.synthesis, list);
}

void check(const SynthesizeOptions& options) {
  if (options.label_map.empty() || options.label_table.empty() || options.output.empty() ||
      options.count < 1)
    throw Error(ExitCode::kUsage,
                "give --label-map, --label-table, --output and a --count of at least 1");
  refuse(options.synthesis.check());
}

int synthesize_program(int argc, const char* const* argv) {
  SynthesizeOptions options;
  OptionList list;
  describe(options, list);
  CommandLine line(
      "hypersynth-synthesize",
      "Makes synthetic images of random contrast, shape and resolution from a label "
      "map:\nimage-NNN.nii.gz, labels-NNN.nii.gz and contact-sheet.png (the first 16).",
      RepeatedOption::kLastWins);
  line.add(list);
  if (!read_command_line(line, argc, argv)) return 0;
  check(options);
  const auto table = read_label_table(options.label_table);
  const auto packed = pack_label_map(read_labels(options.label_map), table,
                                     options.synthesis.spacing_mm, options.label_map);
  std::error_code error;
  fs::create_directories(options.output, error);
  if (error || !fs::is_directory(options.output))
    throw Error(ExitCode::kCannotCreateOutput, options.output + ": cannot be created");
  const fs::path output = options.output;
  std::vector<SyntheticPair> pairs;
  for (int number = 1; number <= options.count; ++number) {
    auto pair = synthesise(packed.view(), table, options.synthesis, options.seed, number);
    write_image((output / ("image-" + numbered(number) + ".nii.gz")).string(), pair.image);
    write_labels((output / ("labels-" + numbered(number) + ".nii.gz")).string(), pair.reference);
    if (number <= kMostRows) pairs.push_back(std::move(pair));
  }
  write_atomically(output / "contact-sheet.png", contact_sheet(pairs));
  return 0;
}

}  // namespace
}  // namespace hypersynth

int main(int argc, char** argv) {
  return hypersynth::run_program("hypersynth-synthesize",
                                 [&] { return hypersynth::synthesize_program(argc, argv); });
}
