#include "example_report.h"

#include <cctype>
#include <cmath>
#include <functional>
#include <limits>
#include <random>

#include "core/atomic_file.h"
#include "report/intensity_histogram.h"
#include "report/mosaic_reportlets.h"

namespace hypersynth {
namespace {

struct Structure {
  const char* name;
  int label;
  Rgb colour;
  double volume_mm3;
};

/// Colours of the program's outlines; volumes of an adult.
const std::vector<Structure> kStructures = {
    {"left cerebral white matter", 2, {20, 190, 255}, 231000},
    {"left cerebral cortex", 3, {230, 170, 30}, 246000},
    {"left lateral ventricle", 4, {240, 150, 110}, 8100},
    {"left cerebellum cortex", 8, {220, 80, 190}, 52800},
    {"left thalamus", 10, {80, 110, 250}, 7350},
    {"left caudate", 11, {190, 250, 120}, 3510},
    {"left putamen", 12, {220, 80, 190}, 4870},
    {"left hippocampus", 17, {220, 80, 190}, 4080},
    {"left amygdala", 18, {190, 250, 120}, 1640},
    {"3rd ventricle", 14, {70, 130, 180}, 940},
    {"brain-stem", 16, {250, 240, 0}, 21300},
    {"CSF", 24, {80, 110, 250}, 251000},
    {"right cerebral white matter", 41, {70, 130, 180}, 233500},
    {"right cerebral cortex", 42, {250, 220, 160}, 248900},
    {"right lateral ventricle", 43, {170, 120, 100}, 5400},
    {"right cerebellum cortex", 47, {250, 170, 230}, 53900},
    {"right thalamus", 49, {120, 150, 255}, 7210},
    {"right caudate", 50, {120, 170, 60}, 3620},
    {"right putamen", 51, {250, 170, 230}, 4910},
    {"right hippocampus", 53, {250, 170, 230}, 4230},
    {"right amygdala", 54, {120, 170, 60}, 1720},
};

double ellipsoid(double x, double y, double z, double rx, double ry, double rz) {
  return x * x / (rx * rx) + y * y / (ry * ry) + z * z / (rz * rz);
}

struct Tissue {
  std::int32_t label;
  float intensity;
};

Tissue tissue_at(double x, double y, double z) {
  const bool left = x < 0;
  if (ellipsoid(x, y, z, 82, 100, 90) > 1) return {0, 0};
  if (ellipsoid(x, y, z, 74, 92, 82) > 1) return {0, 250};
  if (ellipsoid(x, y, z, 68, 86, 76) > 1) return {0, 20};
  if (ellipsoid(x, y + 15, z + 55, 13, 13, 25) < 1) return {16, 130};
  if (ellipsoid(std::abs(x) - 14, y, z - 5, 9, 32, 13) < 1) return {left ? 4 : 43, 30};
  if (ellipsoid(x, y, z, 55, 72, 62) < 1) return {left ? 2 : 41, 150};
  return {left ? 3 : 42, 95};
}

std::string file_of(const std::string& subject, int index) {
  return "sub-" + subject + "/ses-" + std::to_string(index + 1) + "/anat/sub-" + subject + "_ses-" +
         std::to_string(index + 1) + "_T1w.nii.gz";
}

}  // namespace

VoxelView ExampleHead::view() const {
  VoxelView view;
  view.intensities = intensities;
  view.labels = std::span<const std::int32_t>(labels);
  view.shape = shape;
  for (int axis = 0; axis < 3; ++axis) {
    view.world_from_voxel[axis][axis] = spacing_mm[axis];
    view.world_from_voxel[axis][3] = -spacing_mm[axis] * (static_cast<double>(shape[axis]) - 1) / 2;
  }
  return view;
}

ExampleHead example_head(std::array<std::int64_t, 3> shape, std::array<double, 3> spacing_mm) {
  ExampleHead head{shape, spacing_mm, {}, {}};
  std::mt19937 random(7);
  std::normal_distribution<float> noise(0, 6);
  const auto world = [&](int axis, std::int64_t index) {
    return spacing_mm[axis] *
           (static_cast<double>(index) - (static_cast<double>(shape[axis]) - 1) / 2);
  };
  for (std::int64_t k = 0; k < shape[2]; ++k) {
    for (std::int64_t j = 0; j < shape[1]; ++j) {
      for (std::int64_t i = 0; i < shape[0]; ++i) {
        const Tissue tissue = tissue_at(world(0, i), world(1, j), world(2, k));
        head.labels.push_back(tissue.label);
        head.intensities.push_back(std::abs(tissue.intensity + noise(random)));
      }
    }
  }
  return head;
}

std::vector<LabelColour> example_colours() {
  std::vector<LabelColour> colours;
  for (const Structure& structure : kStructures)
    colours.push_back({structure.label, structure.colour});
  return colours;
}

void write_example_pictures(const boost::filesystem::path& figures, const std::string& stem,
                            const std::string& suffix, const VoxelView& view,
                            const std::vector<LabelColour>& colours) {
  const auto write = [&](const std::string& name, std::string_view bytes) {
    write_atomically(figures / name, bytes);
  };
  draw_pictures(stem, suffix, view, colours, write);
  VoxelView bare = view;
  bare.labels = std::span<const std::int32_t>();
  draw_background_picture(stem, suffix, bare, write);
  std::vector<std::uint8_t> percent(view.intensities.size());
  TissueIntensities dark{"cerebrospinal fluid", {}}, bright{"white matter", {}};
  for (std::size_t v = 0; v < percent.size(); ++v) {
    percent[v] = static_cast<std::uint8_t>(
        75 + 50 * static_cast<std::int64_t>(v % static_cast<std::size_t>(view.shape[0])) /
                 view.shape[0]);
    const float intensity = view.intensities[v];
    if (v % 97 == 0) (intensity < 90 ? dark : bright).values.push_back(intensity);
  }
  draw_bias_picture(stem, suffix, view, percent, write);
  write(histogram_name(stem, suffix), intensity_histogram_svg({dark, {"grey matter", {}}, bright}));
}

std::string example_digest(const std::string& path) {
  return std::to_string(std::hash<std::string>()(path));
}

ImageReport example_image(const std::string& path) {
  ImageReport image;
  image.path = path;
  image.segmentation_digest = example_digest(path);
  image.suffix = "T1w";
  image.entities = {{"sub", "01"}, {"ses", "1"}};
  image.scanner = {{"Manufacturer", "Siemens"},
                   {"ManufacturersModelName", "Prisma_fit"},
                   {"MagneticFieldStrength", "3"},
                   {"RepetitionTime", "2.3 s"},
                   {"EchoTime", "2.98 ms"}};
  image.geometry = {{181, 217, 181}, {1, 1, 1}, "RAS"};
  image.verdict = Verdict::kWarning;
  image.verdict_reasons = {"The lateral ventricles differ by 40 %."};
  for (const Structure& s : kStructures) {
    image.volumes.push_back(
        {s.label, s.name, s.colour, s.volume_mm3, std::round(s.volume_mm3 * 1.013)});
  }
  image.icv_mm3 = 1391230;
  image.measures = {
      {"snr_total", "Signal-to-noise ratio", 11.52, "", "Mean over tissues.", Verdict::kPass, "",
       "warning below 8, fail below 4", "higher", "noise"},
      {"cnr", "Contrast-to-noise ratio", 3.1, "", "Grey against white matter.", Verdict::kPass, "",
       "warning below 2", "higher", "contrast"},
      {"efc", "Entropy focus criterion", 0.61, "", "Ghosting and blurring.", Verdict::kWarning, "",
       "warning above 0.6", "lower", "motion and ghosts"},
      {"fwhm_avg", "Smoothness", 3.72, "mm", "Full width at half maximum.", Verdict::kNone, "", "",
       "lower", "sharpness"},
      {"certainty", "Mean certainty", std::numeric_limits<double>::quiet_NaN(), "",
       "Could not be measured here.", Verdict::kNone, "", "", "neither", "segmentation"},
  };
  image.timings = {{"read", 0.41}, {"segment", 6.2}, {"volumes", 0.03}, {"pictures", 0.22}};
  image.outputs = {{"segmentation", "sub-01/anat/sub-01_space-T1w_desc-hypersynth_dseg.nii.gz"},
                   {"volumes", "sub-01/anat/sub-01_space-T1w_desc-hypersynth_morph.tsv"}};
  return image;
}

Provenance example_provenance() {
  Provenance provenance;
  provenance.version = "0.1.0";
  provenance.code_url = "https://example.org/hypersynth";
  provenance.model_name = "brain33-unet16";
  provenance.model_digest = "sha256:6f1f4fae6a2f3ce9b1f0c1d1c9f1a1";
  provenance.command_line =
      "hypersynth /data/study /data/study/derivatives/hypersynth participant --participant-label "
      "01";
  provenance.created = "2025-06-01T12:00:00+02:00";
  provenance.device = "cpu";
  provenance.options = {{"fast", "no"}, {"random-seed", "0"}};
  provenance.environment = {{"system", "Debian GNU/Linux 12"}};
  return provenance;
}

SubjectReport example_subject(const std::string& subject, int images, int failures) {
  SubjectReport report;
  report.dataset = "Example dataset";
  report.subject = subject;
  report.participant = {{"age", "34"}, {"sex", "F"}};
  for (int i = 0; i < images; ++i) report.images.push_back(example_image(file_of(subject, i)));
  for (int i = 0; i < failures; ++i) {
    report.failures.push_back(
        {file_of(subject, images + i), "a NIfTI image", "an empty file", subject, ""});
  }
  report.group_pages = {{"T1w", "group_T1w.html"}};
  report.provenance = example_provenance();
  report.methods = methods_of({{"T1w"}, 32, 1, 0}, report.provenance);
  return report;
}

GroupReport example_group(int rows) {
  GroupReport group;
  group.dataset = "Example dataset";
  group.suffix = "T1w";
  group.tsv = "group_T1w.tsv";
  group.provenance = example_provenance();
  using Kind = GroupMeasure::Kind;
  group.measures = {
      {"snr_total", "Signal-to-noise ratio", "", "Higher is better.", Kind::kQuality, true},
      {"cnr", "Contrast-to-noise ratio", "", "Higher is better.", Kind::kQuality, true},
      {"efc", "Entropy focus criterion", "", "Lower is better.", Kind::kQuality, true},
      {"icv_mm3", "Intracranial volume", "mm3", "", Kind::kVolume}};
  group.icv = 3;
  for (const Structure& s : kStructures) {
    std::string name = s.name;
    for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    group.measures.push_back({name + "_mm3", s.name, "mm3", "", Kind::kVolume});
  }
  group.measures.push_back({"qi_1", "Artefacts in air", "", "Lower is better.", Kind::kQuality});
  std::mt19937 random(11);
  std::normal_distribution<double> normal;
  for (int i = 0; i < rows; ++i) {
    std::string subject = std::to_string(i + 1);
    subject.insert(0, 4 - std::min<std::size_t>(4, subject.size()), '0');
    GroupRow row{file_of(subject, 0),
                 subject,
                 "sub-" + subject + ".html",
                 i % 17 == 0   ? Verdict::kWarning
                 : i % 53 == 0 ? Verdict::kFail
                               : Verdict::kPass,
                 {}};
    const double size = 1 + 0.09 * normal(random);
    row.values = {11 + normal(random) - (i % 53 == 0 ? 7 : 0), 3.1 + 0.3 * normal(random),
                  0.55 + 0.03 * std::abs(normal(random)), 1391000 * size};
    for (const Structure& s : kStructures) {
      row.values.push_back(s.volume_mm3 * size * (1 + 0.07 * normal(random)) *
                           (i % 97 == 5 ? 1.6 : 1));
    }
    if (i % 40 == 3) row.values[1] = std::numeric_limits<double>::quiet_NaN();
    row.values.push_back(std::numeric_limits<double>::quiet_NaN());  // the air was set to zero
    if (row.verdict == Verdict::kWarning)
      row.verdict_reasons = {"Brain volume: 1750 mL, above 1700"};
    if (row.verdict == Verdict::kFail)
      row.verdict_reasons = {"Signal-to-noise ratio: 4, below 5", "Missing structures: 5, above 4"};
    row.segmentation_digest = example_digest(row.image);
    row.participant = {{"age", std::to_string(20 + i % 50)}, {"sex", i % 2 == 0 ? "F" : "M"}};
    group.rows.push_back(std::move(row));
  }
  group.failures = {{"sub-0007/anat/sub-0007_T1w.nii.gz", "voxels of at most 10 mm",
                     "12 mm along k", "0007", "sub-0007.html"}};
  return group;
}

LearningReport example_learning() {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  constexpr double kMiB = 1024 * 1024;
  LearningReport report;
  report.dataset = "Example dataset";
  report.model = "site-model";
  report.gained = true;
  report.verdict =
      "The method mixed was chosen: on the scans of 3 people that were held out, its mean Dice is "
      "0.871, that of the initial model is 0.842.";
  report.facts = {{"people to learn from", "5"},
                  {"people held out", "3"},
                  {"labelled scans", "11"},
                  {"label maps", "8"},
                  {"structures", "32"},
                  {"voxel size", "1 mm"},
                  {"network", "U-Net, 16 to 64"},
                  {"device", "cpu"},
                  {"random seed", "0"}};
  const auto foreign = [](double dice, double change) {
    return std::vector<ForeignDiceCell>{{"Synthetic", dice, change},
                                        {"Inverted", dice - 0.2, change / 2}};
  };
  report.candidates = {
      {"initial", "The model that hypersynth brings along.", 0.842, 0.815, 0.868,
       foreign(0.861, kNaN), 0, kNaN, kNaN, kNaN, false,
       "The method mixed agrees better with the held-out scans."},
      {"finetune", "The initial model, trained further on labelled scans.", 0.866, 0.843, 0.888,
       foreign(0.722, -0.139), 10000, 5210, 20110, 3.4 * 1024 * kMiB, false,
       "It is worse than the initial model at synthetic images of random contrast."},
      {"mixed", "Labelled scans and synthetic images in equal parts.", 0.871, 0.85, 0.891,
       foreign(0.858, -0.003), 10000, 7420, 28930, 3.6 * 1024 * kMiB, true, ""},
      {"learn2synth", "Labelled scans steer what synthetic images look like.", 0.855, 0.829, 0.879,
       foreign(0.859, -0.002), 2000, 14200, 55800, 7.9 * 1024 * kMiB, false,
       "The method mixed agrees better with the held-out scans."},
      {"supervised", "Trained on labelled scans alone, from scratch.", kNaN, kNaN, kNaN,
       foreign(kNaN, kNaN), 312, 58.4, 211, 512 * kMiB, false,
       "Its loss became infinite at step 312."}};
  std::mt19937 random(3);
  std::normal_distribution<double> normal;
  for (const Structure& s : kStructures) {
    const double before = 0.84 + 0.05 * normal(random), gain = 0.025 + 0.02 * normal(random);
    report.structures.push_back({s.name, 6, before, before + gain, gain, gain - 0.02, gain + 0.02,
                                 std::min(1., 0.03 * std::exp(normal(random)))});
  }
  report.structures.push_back({"optic chiasm", 0, kNaN, kNaN, kNaN, kNaN, kNaN, kNaN});
  for (int i = 0; i < 6; ++i) {
    const double before = 0.84 + 0.02 * normal(random);
    report.scans.push_back({"sub-0" + std::to_string(i / 2 + 1) +
                                (i % 2 == 0 ? "_ses-1_acq-mprage_T1w" : "_ses-1_T2w"),
                            i == 0 ? "sub-01.html" : "", before, before + 0.01 * (i - 1)});
  }
  const auto line = [&](int steps, int every, double from, double to, double noise) {
    std::vector<CurvePoint> points;
    for (int step = every; step <= steps; step += every) {
      const double left = std::exp(-4. * step / steps);
      points.push_back(
          {static_cast<double>(step), to + (from - to) * left + noise * normal(random)});
    }
    return points;
  };
  report.curves = {
      {"finetune", {}, line(10000, 1, 0.4, 0.08, 0.03), line(10000, 500, 0.82, 0.87, 0.002)},
      {"mixed", line(10000, 1, 0.45, 0.2, 0.03), line(10000, 1, 0.4, 0.12, 0.03),
       line(10000, 500, 0.81, 0.872, 0.002)},
      {"learn2synth", line(2000, 1, 0.5, 0.22, 0.03), {}, line(2000, 100, 0.8, 0.856, 0.002)},
      {"supervised", {}, line(312, 1, 0.9, 0.5, 0.02), {{312, kNaN}}}};
  report.curves[3].real_loss.push_back({313, std::numeric_limits<double>::infinity()});
  report.learner = "learn2synth";
  const std::vector<std::pair<const char*, double>> parameters = {
      {"noise, standard deviation", 0.1},
      {"bias field, standard deviation", 0.3},
      {"smoothing, mm", 1.2},
      {"gamma, standard deviation", 0.4},
      {"cerebral cortex, mean", 0.45},
      {"cerebral white matter, mean", 0.71},
      {"lateral ventricle, mean", 0.18},
      {"strength of artefacts", 1e-9}};
  for (const auto& [name, start] : parameters) {
    const double learned = start * (1 + 0.4 * normal(random));
    report.parameters.push_back({name, start, line(2000, 10, start, learned, 0.01 * start)});
    report.learned.push_back(
        {name, start, learned, learned - 0.02 * start, learned + 0.02 * start});
  }
  report.learned.push_back({"contrast of slices", 0.5, 0.5, kNaN, kNaN});
  report.warnings = {
      "The labels 77 and 85 of the label maps belong to no structure of the model and "
      "were ignored.",
      "No label map has the optic chiasm: the model keeps what it knew of it.",
      "Patches have 96 voxels instead of 160 along each axis, so that they fit into "
      "the memory."};
  report.files = {{"model", "site-model.safetensors"},
                  {"Dice of all structures and scans", "learning/dice.tsv"},
                  {"log of the training with mixed", "learning/mixed/log.jsonl"}};
  report.provenance = example_provenance();
  return report;
}

}  // namespace hypersynth
