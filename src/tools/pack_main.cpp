#include <algorithm>
#include <filesystem>
#include <iostream>
#include <unistd.h>

#include "core/error.h"
#include "engine/data/pack_volumes.h"
#include "image/nifti.h"
#include "tools/run_program.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;

struct PackOptions {
  std::string label_table, label_maps, output;
  std::vector<std::string> real_images, real_references, validation;
  std::vector<std::int32_t> undrawn;
  double spacing_mm = 1;
};

void describe(PackOptions& o, OptionList& list) {
  list.heading("What to pack");
  list.add("--label-table", o.label_table,
           "TSV with index, name, contralateral, intensity_class, segmentation_index")
      .value_name("FILE");
  list.add("--label-maps", o.label_maps, "folder of label maps to synthesise from")
      .value_name("DIR");
  list.add("--real-images", o.real_images, "labelled real images").value_name("FILE");
  list.add("--real-references", o.real_references, "their label maps, in the same order")
      .value_name("FILE");
  list.add_parsed("--undrawn-labels", OptionKind::kList, "INDEX",
                  "structures that the references leave in their background, or draw only in part: "
                  "a voxel of background may be any of them",
                  [&o](const std::string& word) {
                    int label = 0;
                    OptionValue<int>::read(word, label);
                    auto& earlier = o.undrawn;
                    if (std::find(earlier.begin(), earlier.end(), label) == earlier.end())
                      earlier.push_back(label);
                  });
  list.add("--validation", o.validation,
           "volumes whose path contains one of these words are set aside for validation")
      .value_name("WORD");
  list.add("--spacing-mm", o.spacing_mm, "voxel size; all volumes are resampled to it")
      .unit("mm")
      .range(Range::positive());
  list.add("--output", o.output, "file to write").value_name("FILE");
}

std::vector<std::string> nifti_files(const std::string& folder) {
  if (!fs::is_directory(folder))
    throw InputError(folder, "a folder of label maps", "none", ExitCode::kInputMissing);
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (is_nifti_name(entry.path().filename().string())) files.push_back(entry.path().string());
  }
  if (files.empty())
    throw InputError(folder, "label maps (.nii, .nii.gz)", "none", ExitCode::kInputMissing);
  std::sort(files.begin(), files.end());
  return files;
}

/// A word of --validation that no path contains is a mistake.
void check_validation(const std::vector<std::string>& words,
                      const std::vector<std::string>& paths) {
  for (const auto& word : words) {
    const bool used = std::any_of(paths.begin(), paths.end(), [&word](const std::string& path) {
      return path.find(word) != std::string::npos;
    });
    if (!used)
      throw Error(ExitCode::kUsage, "--validation " + word + ": no volume's path contains it");
  }
}

OwnedVolume read_real_image(const PackOptions& options, const LabelTable& table, std::size_t i) {
  const auto& path = options.real_images[i];
  const auto& reference = options.real_references[i];
  std::vector<std::int32_t> unknown;
  auto volume = pack_real_image(read_image(path), read_labels(reference), table, options.spacing_mm,
                                path + " with " + reference, unknown, options.undrawn);
  if (!unknown.empty()) {
    std::cerr << "warning: " << reference << ": labels that the table does not have are ignored:";
    for (const auto label : unknown) std::cerr << ' ' << label;
    std::cerr << '\n';
  }
  return volume;
}

void check(const PackOptions& options) {
  const auto require = [](bool holds, const std::string& message) {
    if (!holds) throw Error(ExitCode::kUsage, message);
  };
  require(!options.label_table.empty(), "--label-table is missing");
  require(!options.output.empty(), "--output is missing");
  require(!options.label_maps.empty() || !options.real_images.empty(),
          "nothing to pack: give --label-maps or --real-images with --real-references");
  require(options.real_images.size() == options.real_references.size(),
          std::to_string(options.real_images.size()) + " real images but " +
              std::to_string(options.real_references.size()) + " references");
}

/// Before the volumes are read, which takes minutes.
void check_output(const std::string& path) {
  const auto folder = fs::absolute(path).parent_path();
  if (fs::is_directory(path) || ::access(folder.c_str(), W_OK | X_OK) != 0)
    throw Error(ExitCode::kCannotCreateOutput, path + ": cannot be created");
}

int pack_program(int argc, const char* const* argv) {
  PackOptions options;
  OptionList list;
  describe(options, list);
  CommandLine line("hypersynth-pack",
                   "Packs label maps and labelled real images into one file for training.\n"
                   "Label maps may differ in size, orientation, voxel size and storage type.",
                   RepeatedOption::kLastWins);
  line.add(list);
  if (!read_command_line(line, argc, argv)) return 0;
  refuse(list.violations(OptionSpelling::kTyped));
  check(options);
  check_output(options.output);
  const auto table = read_label_table(options.label_table);
  for (const auto label : options.undrawn) {
    if (table.class_of(label) <= 0)
      throw Error(ExitCode::kUsage,
                  "--undrawn-labels: expected structures that the label table segments, found " +
                      std::to_string(label));
  }
  const auto label_maps =
      options.label_maps.empty() ? std::vector<std::string>() : nifti_files(options.label_maps);
  auto paths = label_maps;
  paths.insert(paths.end(), options.real_images.begin(), options.real_images.end());
  check_validation(options.validation, paths);
  PackedDataWriter writer(options.output, table, options.spacing_mm, options.undrawn);
  std::size_t aside = 0;
  const auto add = [&](const OwnedVolume& owned, const std::string& path) {
    auto volume = owned.view();
    // The file is read on other machines: names, not paths.
    volume.name = fs::path(path).filename().string();
    volume.validation = std::any_of(
        options.validation.begin(), options.validation.end(),
        [&path](const std::string& word) { return path.find(word) != std::string::npos; });
    if (volume.validation) ++aside;
    writer.add(volume);
  };
  for (const auto& path : label_maps)
    add(pack_label_map(read_labels(path), table, options.spacing_mm, path), path);
  for (std::size_t i = 0; i < options.real_images.size(); ++i)
    add(read_real_image(options, table, i), options.real_images[i]);
  writer.finish();
  std::cout << "volumes\t" << paths.size() << "\nvalidation\t" << aside << "\nclasses\t"
            << table.segmentation_labels().size() << '\n';
  return 0;
}

}  // namespace
}  // namespace hypersynth

int main(int argc, char** argv) {
  return hypersynth::run_program("hypersynth-pack",
                                 [&] { return hypersynth::pack_program(argc, argv); });
}
