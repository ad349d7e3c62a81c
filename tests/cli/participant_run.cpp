#include "cli/participant_run.h"

#include <cmath>

#include "support/phantom_head.h"

namespace hypersynth {
namespace {

/// The phantom on another grid: axes turned by 10 degrees about x, the first one right to left.
Image oblique_phantom() {
  Image image = PhantomHead{.seed = 2}.draw();
  const double angle = 10 * std::acos(-1.0) / 180;
  const Affine turn{{{1, 0, 0, 4},
                     {0, std::cos(angle), -std::sin(angle), -7},
                     {0, std::sin(angle), std::cos(angle), 2},
                     {0, 0, 0, 1}}};
  const double last = static_cast<double>(image.grid.shape[0] - 1);
  const Affine flip{{{-1, 0, 0, last}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}};
  Image flipped = image;
  flipped.grid.world_from_voxel = multiply(multiply(turn, image.grid.world_from_voxel), flip);
  for (std::int64_t k = 0; k < image.grid.shape[2]; ++k) {
    for (std::int64_t j = 0; j < image.grid.shape[1]; ++j) {
      for (std::int64_t i = 0; i < image.grid.shape[0]; ++i)
        flipped.at(i, j, k) = image.at(image.grid.shape[0] - 1 - i, j, k);
    }
  }
  return flipped;
}

}  // namespace

std::unique_ptr<ParticipantRunTest::Shared> ParticipantRunTest::shared;

std::vector<std::string> ParticipantRunTest::every_output() {
  return {"participant",          "--fast",         "--save-posteriors",
          "--save-resampled",     "--save-brain",   "--save-aseg-stats",
          "--save-standard-dseg", "--save-qc-masks"};
}

const std::vector<ParticipantRunTest::Source>& ParticipantRunTest::sources() {
  static const std::vector<Source> all{
      {"sub-01/anat/sub-01_T1w.nii.gz", "sub-01/anat/sub-01_space-T1w", "T1w"},
      // chunk comes after space in the order of BIDS entities.
      {"sub-02/ses-a/anat/sub-02_ses-a_acq-x_run-1_echo-2_chunk-3_T2w.nii",
       "sub-02/ses-a/anat/sub-02_ses-a_acq-x_run-1_echo-2_space-T2w_chunk-3", "T2w"},
  };
  return all;
}

void ParticipantRunTest::SetUpTestSuite() {
  shared = std::make_unique<Shared>();
  const auto& data = shared->data;
  data.add_image(sources()[0].path, PhantomHead{}.draw());
  // Its qform is neither turned nor flipped: it contradicts the sform.
  const Image oblique = oblique_phantom();
  NiftiFile contradictory;
  contradictory.grid = oblique.grid;
  contradictory.voxels = oblique.voxels;
  write_nifti(data.place(sources()[1].path), contradictory);
  data.add_text("sub-02/ses-a/anat/sub-02_ses-a_acq-x_run-1_echo-2_chunk-3_T2w.json",
                R"({"EchoTime": 0.09})");
  shared->participant = run(every_output());
  shared->group = run({"group"});
}

void ParticipantRunTest::TearDownTestSuite() { shared.reset(); }

ProcessResult ParticipantRunTest::run(std::vector<std::string> level_and_options) {
  level_and_options.insert(level_and_options.begin(), {shared->data.path(), shared->out});
  return hypersynth_run(std::move(level_and_options));
}

std::string ParticipantRunTest::output(const std::string& path) { return shared->out + "/" + path; }

nlohmann::json ParticipantRunTest::read_json(const std::string& output_path) {
  return nlohmann::json::parse(read_text(output(output_path)));
}

NiftiFile ParticipantRunTest::read_output(const std::string& output_path) {
  return read_nifti(output(output_path));
}

NiftiFile ParticipantRunTest::read_source(const Source& source) {
  return read_nifti(shared->data.path() + "/" + source.path);
}

}  // namespace hypersynth
