#include "example_pages.h"

#include <boost/filesystem/operations.hpp>

#include "core/atomic_file.h"
#include "example_report.h"
#include "image/nifti_bytes.h"
#include "report/mosaic_reportlets.h"
#include "report/png.h"
#include "report/thumbnail.h"
#include "report/viewer_data.h"

namespace hypersynth {
namespace {

/// A label that is markup, and one that is written from right to left.
const std::string kMarkup = "<img src=x onerror=alert(1)>";
const std::string kRightToLeft = "\xD7\x90\xD7\x91\xD7\x92\xE2\x80\xAE";

GroupReport group_of(int rows) {
  GroupReport group = example_group(rows);
  for (GroupRow& row : group.rows) {
    row.figures = "sub-0001/figures/sub-0001_ses-1";  // which all others share
    row.has_thumbnail = true;
  }
  for (const std::string& label : {kMarkup, kRightToLeft}) {
    GroupRow& row = group.rows[label == kMarkup ? 1 : 2];
    row.subject = label;
    row.image = "sub-" + label + "/anat/sub-" + label + "_T1w.nii.gz";
    row.report = "sub-" + label + ".html";
    row.figures = "sub-" + label + "/figures/sub-" + label;
    row.segmentation_digest = example_digest(row.image);
  }
  group.dataset = "Study " + kRightToLeft;
  group.summary = "group_T1w_summary.json";
  return group;
}

/// The script with the voxels for the viewer, as a step of the workflow writes it.
void write_viewer_script(const fs::path& path, const VoxelView& view) {
  ViewerVolumes volumes = viewer_volumes(view);
  Grid grid;
  grid.shape = volumes.shape;
  grid.world_from_voxel = volumes.world_from_voxel;
  write_atomically(path, viewer_script(nifti_bytes(Mask(grid, std::move(volumes.grey))),
                                       nifti_bytes(LabelMap(grid, std::move(volumes.labels)))));
}

void write_pictures(const fs::path& folder, const std::string& subject, const std::string& stem,
                    const VoxelView& view) {
  const fs::path figures = folder / subject / "figures";
  const std::vector<LabelColour> colours = example_colours();
  write_example_pictures(figures, stem, "T1w", view, colours);
  write_atomically(figures / thumbnail_name(stem, "T1w"),
                   encode_png(draw_thumbnail(view, colours)));
}

/// Ratings of two raters: they disagree about one image and agree about another.
std::vector<Rating> ratings_of(const GroupReport& group) {
  std::vector<Rating> ratings;
  const auto add = [&](std::size_t row, const char* rater, const char* word) {
    Rating rating;
    rating.image = group.rows[row].image;
    rating.digest = group.rows[row].segmentation_digest;
    rating.rater = rater;
    rating.time = "2025-06-01T12:00:00Z";
    parse_time_ms(rating.time, rating.time_ms);
    rating.rating = word;
    rating.reasons = {"head motion"};
    ratings.push_back(rating);
  };
  add(0, kMarkup.c_str(), "pass");
  add(0, "EF", "fail");
  add(3, "EF", "fail");
  add(4, kMarkup.c_str(), "pass");
  add(4, "EF", "pass");
  return ratings;
}

/// Pictures and voxels of the viewer, which an image of subject `label` shows on its page.
void add_pictures(const fs::path& folder, const std::string& label, const VoxelView& view,
                  SubjectReport& page) {
  const std::string figures = "sub-" + label + "/figures", stem = "sub-" + label + "_ses-1";
  write_pictures(folder, "sub-" + label, stem, view);
  ImageReport& image = page.images[0];
  image.reportlets = mosaic_reportlets(figures, stem, "T1w");
  image.viewer_script = figures + "/" + viewer_script_name(stem, "T1w");
  write_viewer_script(folder / image.viewer_script, view);
  page.viewer_library = "assets/viewer.js";
}

/// A head whose first voxel axis runs to the back, the second up and the third to the right, all of
/// them turned by 16 degrees about two axes. A cube of 5 x 5 x 5 voxels around (20, 30, 25) is the
/// left hippocampus.
struct ObliqueHead {
  ExampleHead head = example_head({60, 72, 60}, {3, 3, 3});

  ObliqueHead() {
    for (std::size_t k = 23; k < 28; ++k) {
      for (std::size_t j = 28; j < 33; ++j) {
        for (std::size_t i = 18; i < 23; ++i) head.labels[i + 60 * (j + 72 * k)] = 17;
      }
    }
  }
  VoxelView view() const {
    VoxelView view = head.view();
    view.world_from_voxel = {{{0.8064, 0.2352, 2.88, -100},
                              {-2.7648, -0.8064, 0.84, 120},
                              {-0.84, 2.88, 0, -60},
                              {0, 0, 0, 1}}};
    return view;
  }
};

void write_page(const fs::path& folder, const GroupRow& row, const std::string& dataset,
                const VoxelView& view) {
  SubjectReport page = example_subject(row.subject, 1, 0);
  page.dataset = dataset;
  ImageReport& image = page.images[0];
  image = example_image(row.image);
  image.verdict = row.verdict;
  image.verdict_reasons = row.verdict_reasons;
  if (row.verdict == Verdict::kFail) image.measures[0].verdict = Verdict::kFail;
  if (row.subject == kMarkup || row.subject == kRightToLeft)
    write_pictures(folder, "sub-" + row.subject, "sub-" + row.subject, view);
  if (row.subject == "0001") add_pictures(folder, row.subject, view, page);
  if (row.subject == "0005") add_pictures(folder, row.subject, ObliqueHead().view(), page);
  for (OutputFile& output : image.outputs) {
    fs::create_directories((folder / output.path).parent_path());
    write_atomically(folder / output.path, "");
  }
  write_subject_report(folder / row.report, page);
  if (row.subject != "0001") return;
  page.single = true;
  write_subject_report(folder / "single.html", page);
}

/// The session `later` beside the first: the head with its hind part dark. It has no pictures yet
/// unless `is_drawn`.
SessionComparison compared_with_first(const fs::path& folder, const std::string& later,
                                      bool is_drawn) {
  SessionComparison comparison{"1", later, 3.2, 4.5, 0.97, true, {}, ""};
  if (!is_drawn) {
    comparison.missing = "Not shown beside each other yet.";
    return comparison;
  }
  const ExampleHead first = example_head({60, 72, 60}, {3, 3, 3});
  ExampleHead changed = first;
  for (std::size_t v = 0; v < changed.intensities.size(); ++v) {
    if (v / 60 % 72 < 25) changed.intensities[v] /= 2;
  }
  const std::string figures = "sub-twice/figures", stem = "sub-twice_ses-" + later;
  draw_comparison(stem, "T1w", first.view(), changed.view(), example_colours(),
                  [&](const std::string& name, std::string_view png) {
                    fs::create_directories(folder / figures);
                    write_atomically(folder / figures / name, png);
                  });
  comparison.planes = comparison_planes(figures, stem, "T1w", "1", later);
  return comparison;
}

/// A person with three sessions and a place in the group.
void write_page_of_sessions(const fs::path& folder) {
  SubjectReport page = example_subject("twice", 2, 0);
  LongitudinalSeries series;
  series.name = "T1w";
  series.made_with = "the model brain33-unet16, hypersynth 0.1.0";
  series.limit_source = "The limits were measured on five people.";
  series.notes = {"The sessions differ in MagneticFieldStrength."};
  series.sessions = {{"1", page.images[0].path, "2019-03-01", 0, Verdict::kPass},
                     {"2", page.images[1].path, "2020-04-01", 1.08, Verdict::kWarning},
                     {"3", page.images[1].path, "2023-03-01", 4.0, Verdict::kPass}};
  for (const StructureVolume& volume : page.images[0].volumes) {
    const double v = volume.soft_mm3;
    const bool shrinks = series.structures.size() == 1;
    series.structures.push_back({volume.name,
                                 {v, v * 1.004, v * (shrinks ? 0.9 : 1.01)},
                                 shrinks ? -10.5 : 1,
                                 shrinks ? -2.7 : 0.2,
                                 4});
  }
  series.comparisons = {compared_with_first(folder, "2", true),
                        compared_with_first(folder, "3", false)};
  page.longitudinal = {{series}, ""};
  for (ImageReport& image : page.images) {
    image.outputs.clear();
    image.position.method = {"The group: 40 people.", "Volumes are adjusted for age."};
    image.position.volumes = {{"left hippocampus", "mm3", 2000, 0.5, -5.2},
                              {"left amygdala", "mm3", 1500, 61, 0.3}};
    image.position.measures = {{"Signal-to-noise ratio", "", 11.5, 40, -0.3}};
  }
  write_subject_report(folder / "sub-twice.html", page);
}

}  // namespace

void write_example_pages(const fs::path& folder) {
  const ExampleHead head = example_head({60, 72, 60}, {3, 3, 3});
  if (fs::exists(HYPERSYNTH_VIEWER_FILE)) {
    fs::create_directories(folder / "assets");
    fs::copy_file(HYPERSYNTH_VIEWER_FILE, folder / "assets/viewer.js",
                  fs::copy_options::overwrite_existing);
  }
  GroupReport group = group_of(60);
  for (const GroupRow& row : group.rows) write_page(folder, row, group.dataset, head.view());
  group.failures.push_back({"sub-none/anat/sub-none_T1w.nii.gz", "a NIfTI image", "an empty file",
                            "none", "sub-none.html"});
  write_subject_report(folder / "sub-none.html", example_subject("none", 0, 1));
  write_subject_report(folder / "sub-three.html", example_subject("three", 3, 1));
  write_page_of_sessions(folder);
  group.failures[0].report.clear();
  write_group_placeholder(folder / "group_T2w.html", "T2w", group.provenance);
  write_atomically(folder / group.tsv, "");
  write_atomically(folder / group.summary, "{}");
  write_group_report(folder / "group_T1w.html", group);
  group.ratings = ratings_of(group);
  write_group_report(folder / "group_raters.html", group);
  write_group_report(folder / "group_large.html", group_of(2000));
}

}  // namespace hypersynth
