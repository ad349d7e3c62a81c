// The program of docs/pipeline.md: the voxel size and extent of every NIfTI image of a folder, as a
// table. The parts between "[name]" and "[/name]" are quoted there; a test compares them.
//
//   pipeline_tutorial INPUT_DIR OUTPUT_DIR

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <iostream>
#include <vector>

#include <boost/filesystem.hpp>

// [includes]
#include "core/error.h"
#include "pipeline/export/event_log.h"
#include "pipeline/export/graph_export.h"
#include "pipeline/export/provenance.h"
#include "pipeline/export/resource_report.h"
#include "pipeline/graph/registry.h"
#include "pipeline/run/interrupt.h"
#include "pipeline/run/run.h"

using namespace hypersynth::pipeline;
// [/includes]

// [interface]
/// Reads the header of a NIfTI-1 image.
struct ReadHeader {
  struct Inputs {
    fs::path image;
  };
  struct Outputs {
    std::vector<int> shape;       // voxels
    std::vector<double> size_mm;  // of a voxel
  };
  static constexpr std::tuple inputs{Port{"image", &Inputs::image, "an uncompressed .nii file"}};
  static constexpr std::tuple outputs{Port{"shape", &Outputs::shape, "voxels along x, y, z"},
                                      Port{"size_mm", &Outputs::size_mm, "of a voxel"}};
  static constexpr std::string_view version = "1";  // raise it when the results change

  Outputs run(const Inputs& in, NodeContext&) const;
};
// [/interface]

// [run]
ReadHeader::Outputs ReadHeader::run(const Inputs& in, NodeContext&) const {
  std::array<char, 348> header = {};
  std::ifstream stream(in.image.string(), std::ios::binary);
  if (!stream.read(header.data(), header.size()) || std::memcmp(&header[344], "n+1", 4) != 0)
    throw hypersynth::InputError(in.image.string(), "a NIfTI-1 image", "something else");
  std::array<std::int16_t, 8> dim = {};
  std::array<float, 8> pixdim = {};
  std::memcpy(dim.data(), &header[40], sizeof dim);
  std::memcpy(pixdim.data(), &header[76], sizeof pixdim);
  return {{dim[1], dim[2], dim[3]}, {pixdim[1], pixdim[2], pixdim[3]}};
}
// [/run]

// [files]
/// Writes the extent of all images that could be read.
struct WriteTable {
  struct Inputs {
    std::vector<std::string> names;
    std::vector<Outcome<std::vector<int>>> shapes;
    std::vector<Outcome<std::vector<double>>> sizes_mm;
  };
  struct Outputs {
    fs::path table;
  };
  static constexpr std::tuple inputs{Port{"names", &Inputs::names}, Port{"shapes", &Inputs::shapes},
                                     Port{"sizes_mm", &Inputs::sizes_mm}};
  static constexpr std::tuple outputs{Port{"table", &Outputs::table}};
  static constexpr std::string_view version = "1";

  Outputs run(const Inputs& in, NodeContext& context) const {
    const fs::path table = context.work_dir() / "extent.tsv";
    std::ofstream stream(table.string());
    stream << "image\tx_mm\ty_mm\tz_mm\n";
    for (std::size_t i = 0; i < in.names.size(); ++i) {
      stream << in.names[i];
      for (std::size_t axis = 0; axis < 3; ++axis) {
        if (in.shapes[i].value)
          stream << '\t' << (*in.shapes[i].value)[axis] * (*in.sizes_mm[i].value)[axis];
        else
          stream << "\tn/a";
      }
      stream << '\n';
      if (!in.shapes[i].value) context.warn(in.shapes[i].error);
    }
    return {table};
  }
};
// [/files]

std::vector<fs::path> images_below(const fs::path& folder) {
  std::vector<fs::path> images;
  for (fs::recursive_directory_iterator entry(folder), end; entry != end; ++entry) {
    if (entry->path().extension() == ".nii") images.push_back(fs::absolute(entry->path()));
  }
  std::sort(images.begin(), images.end());
  return images;
}

// [workflow]
Workflow make_workflow(const std::vector<fs::path>& images) {
  Workflow workflow("extent");
  NodeOptions options;
  options.placement = Placement::kProcess;  // a crash stays in the node's own process
  const auto header = workflow.map<ReadHeader>("header", {}, options);
  workflow.set_each(header, &ReadHeader::Inputs::image, images);

  const auto table = workflow.add<WriteTable>("table");
  std::vector<std::string> names;
  for (const auto& image : images) names.push_back(image.filename().string());
  workflow.set(table, &WriteTable::Inputs::names, names);
  workflow.connect(header, &ReadHeader::Outputs::shape, table, &WriteTable::Inputs::shapes);
  workflow.connect(header, &ReadHeader::Outputs::size_mm, table, &WriteTable::Inputs::sizes_mm);
  return workflow;
}
// [/workflow]

int main(int argc, char** argv) {
  // [registry]
  Registry registry;
  registry.add<ReadHeader>();  // what may run in a process of its own
  if (const auto code = serve_node(argc, argv, registry)) return *code;
  // [/registry]
  if (argc != 3) return 64;
  const fs::path output_dir = argv[2];
  fs::create_directories(output_dir);
  const Workflow workflow = make_workflow(images_below(argv[1]));

  // [main]
  const Interrupt interrupt;  // Ctrl-C stops the run and everything it started
  EventLog events(output_dir / "events.jsonl");
  ProgressObserver progress([](const Progress& at) { std::cerr << display(at) << '\n'; }, 1.0);
  Observers observers;
  observers.add(events);
  observers.add(progress);

  RunOptions options;
  options.work_dir = output_dir / "work";
  options.limits.cpus = 2;
  options.limits.memory_bytes = 1'000'000'000;
  options.stop = interrupt.token();
  options.observer = &observers;

  const Plan planned = plan(workflow, options);
  for (const auto& node : planned.nodes) {
    std::cerr << node.node << ": " << to_string(node.action);
    for (const auto& reason : node.reasons) std::cerr << "; " << reason;
    std::cerr << '\n';
  }
  const RunReport report = run(workflow, options);
  // [/main]

  // [after]
  std::ofstream((output_dir / "graph.svg").string()) << to_svg(view_of(workflow, report));
  std::ofstream((output_dir / "provenance.json").string())
      << to_prov_json(workflow, report, {"extent", "1.0", ""});
  std::ofstream((output_dir / "resources.tsv").string()) << resources_tsv(report);
  for (const auto& node : report.nodes) {
    if (node.state == NodeState::kFailed)
      std::cerr << node.node << ": " << node.message << "\n  see " << node.crash_file << '\n';
  }
  if (const auto outputs = report.outputs<WriteTable>("table"))
    std::cout << std::ifstream(outputs->table.string()).rdbuf();
  return report.cancelled ? 130 : report.ok() ? 0 : 65;
  // [/after]
}
