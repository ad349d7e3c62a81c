#include "report/mosaic.h"

#include <cmath>
#include <cstdlib>
#include <stdexcept>
#include <unordered_map>

#include <nlohmann/json.hpp>

#include "report/mosaic_plan.h"
#include "report/picture_text.h"

namespace hypersynth {
namespace {

using Classes = Raster<std::uint16_t>;

constexpr int kWeightBits = 7;
constexpr int kOne = 1 << kWeightBits;
constexpr int kGap = 3;  ///< px between tiles
constexpr std::uint8_t kGapLevel = 70;
constexpr std::uint8_t kTextLevel = 235;
constexpr std::uint8_t kMarkLevel = 190;
/// The palette entry of the shade along every outline, without which light lines vanish on bright
/// tissue; half transparent, because structures are thin.
constexpr std::uint8_t kHalo = 1;
constexpr std::uint8_t kHaloOpacity = 190;
constexpr std::uint8_t kFillOpacity = 120;

/// A picture pixel between two voxels: `weight` / kOne of `high`, the rest of `low`.
struct Tap {
  int low = 0;
  int high = 0;
  int weight = 0;
};

std::vector<Tap> taps(std::int64_t voxels, int pixels, bool reversed) {
  std::vector<Tap> result(static_cast<std::size_t>(pixels));
  const double last = static_cast<double>(voxels - 1);
  for (int pixel = 0; pixel < pixels; ++pixel) {
    const double at = (pixel + 0.5) * static_cast<double>(voxels) / pixels - 0.5;
    const double clamped = std::clamp(at, 0., last);
    Tap tap{static_cast<int>(clamped), 0, 0};
    tap.high = std::min(tap.low + 1, static_cast<int>(voxels - 1));
    tap.weight = static_cast<int>((clamped - tap.low) * kOne);
    result[static_cast<std::size_t>(reversed ? pixels - 1 - pixel : pixel)] = tap;
  }
  return result;
}

/// Linear in both directions; `x` and `y` are the weights of the right and the lower neighbours.
struct Interpolate {
  std::uint8_t operator()(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d, int x,
                          int y) const {
    const int top = a * (kOne - x) + b * x;
    const int bottom = c * (kOne - x) + d * x;
    const int sum = top * (kOne - y) + bottom * y;
    return static_cast<std::uint8_t>((sum + kOne * kOne / 2) >> (2 * kWeightBits));
  }
};

/// Takes the class that has the largest share of the four neighbours, which makes borders smooth at
/// the resolution of the picture.
struct Vote {
  std::uint16_t operator()(std::uint16_t a, std::uint16_t b, std::uint16_t c, std::uint16_t d,
                           int x, int y) const {
    if (a == b && a == c && a == d) return a;
    const std::array<std::uint16_t, 4> candidates{a, b, c, d};
    const std::array<int, 4> shares{(kOne - x) * (kOne - y), x * (kOne - y), (kOne - x) * y, x * y};
    std::uint16_t winner = a;
    int most = -1;
    for (const std::uint16_t candidate : candidates) {
      int share = 0;
      for (int i = 0; i < 4; ++i) share += candidates[i] == candidate ? shares[i] : 0;
      if (share > most) {
        most = share;
        winner = candidate;
      }
    }
    return winner;
  }
};

/// Resamples `slice` to the resolution of a tile; `mix` makes one pixel from four neighbours and
/// two weights.
template <typename Pixel, typename Mix>
Raster<Pixel> resample(const Raster<Pixel>& slice, const std::vector<Tap>& columns,
                       const std::vector<Tap>& rows, Mix mix) {
  Raster<Pixel> tile(static_cast<int>(columns.size()), static_cast<int>(rows.size()));
  for (int y = 0; y < tile.height; ++y) {
    const Tap& row = rows[static_cast<std::size_t>(y)];
    const Pixel *low = slice.row(row.low), *high = slice.row(row.high);
    Pixel* out = tile.row(y);
    for (int x = 0; x < tile.width; ++x) {
      const Tap& column = columns[static_cast<std::size_t>(x)];
      out[x] = mix(low[column.low], low[column.high], high[column.low], high[column.high],
                   column.weight, row.weight);
    }
  }
  return tile;
}

/// Labels as small numbers (0 background), and the palette entry of each.
class ClassTable {
 public:
  ClassTable(std::span<const LabelColour> colours, Rgb unlisted) : unlisted_(unlisted) {
    for (const LabelColour& row : colours) {
      if (row.label != 0) add(row.label, row.colour);
    }
  }

  std::uint16_t class_of(std::int32_t label) {
    if (label == last_label_) return last_class_;
    const auto found = classes_.find(label);
    last_label_ = label;
    last_class_ = label == 0                ? std::uint16_t{0}
                  : found != classes_.end() ? found->second
                                            : add(label, unlisted_);
    return last_class_;
  }

  const std::vector<std::uint8_t>& entries() const { return entries_; }
  const std::vector<Rgb>& palette() const { return palette_; }

 private:
  std::uint16_t add(std::int32_t label, Rgb colour) {
    const auto next = static_cast<std::uint16_t>(std::min<std::size_t>(entries_.size(), 0xffff));
    const auto [place, is_new] = classes_.emplace(label, next);
    if (is_new && next == entries_.size()) entries_.push_back(entry_of(colour));
    return place->second;
  }

  /// The palette entry of a colour. Once the palette is full, it is the entry that is most like the
  /// colour.
  std::uint8_t entry_of(Rgb colour) {
    std::size_t best = kHalo + 1;
    int least = 1 << 30;
    for (std::size_t i = best; i < palette_.size(); ++i) {
      const int r = palette_[i].red - colour.red, g = palette_[i].green - colour.green;
      const int b = palette_[i].blue - colour.blue;
      if (r * r + g * g + b * b < least) {
        least = r * r + g * g + b * b;
        best = i;
      }
    }
    if (least != 0 && palette_.size() < 256) {
      best = palette_.size();
      palette_.push_back(colour);
    }
    return static_cast<std::uint8_t>(best);
  }

  Rgb unlisted_;
  std::unordered_map<std::int32_t, std::uint16_t> classes_;
  std::vector<std::uint8_t> entries_{0};
  std::vector<Rgb> palette_{Rgb{}, Rgb{}};  ///< nothing, and the halo
  std::int32_t last_label_ = 0;
  std::uint16_t last_class_ = 0;
};

/// Whether the 3x3 pixels around column x of three rows are all of one class.
bool uniform(const std::uint16_t* above, const std::uint16_t* row, const std::uint16_t* below,
             int x, int width) {
  const int left = std::max(0, x - 1), right = std::min(width - 1, x + 1);
  const std::uint16_t here = row[x];
  int differing = 0;
  for (const std::uint16_t* line : {above, row, below}) {
    differing += (line[left] != here) + (line[x] != here) + (line[right] != here);
  }
  return differing == 0;
}

/// Lays a line inside the border of every class, so that neighbours show both their colours.
void outline(const Classes& tile, const std::vector<std::uint8_t>& entries, int left, int top,
             IndexedImage& canvas) {
  for (int y = 0; y < tile.height; ++y) {
    const std::uint16_t* row = tile.row(y);
    const std::uint16_t* above = tile.row(std::max(0, y - 1));
    const std::uint16_t* below = tile.row(std::min(tile.height - 1, y + 1));
    std::uint8_t* out = canvas.row(top + y) + left;
    for (int x = 0; x < tile.width; ++x) {
      if (row[x] != 0 && !uniform(above, row, below, x, tile.width)) out[x] = entries[row[x]];
    }
  }
}

/// Lays each class as an area.
void fill(const Classes& tile, const std::vector<std::uint8_t>& entries, int left, int top,
          IndexedImage& canvas) {
  for (int y = 0; y < tile.height; ++y) {
    const std::uint16_t* row = tile.row(y);
    std::uint8_t* out = canvas.row(top + y) + left;
    for (int x = 0; x < tile.width; ++x) out[x] = entries[row[x]];
  }
}

/// Lays the halo on the pixels of a tile that are beside those of an outline.
void shade_outlines(int width, int height, int left, int top, IndexedImage& canvas) {
  const auto is_line = [&](int x, int y) {
    return x >= 0 && y >= 0 && x < width && y < height && canvas.at(left + x, top + y) > kHalo;
  };
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      std::uint8_t& pixel = canvas.at(left + x, top + y);
      if (pixel == 0 &&
          (is_line(x - 1, y) || is_line(x + 1, y) || is_line(x, y - 1) || is_line(x, y + 1)))
        pixel = kHalo;
    }
  }
}

std::string millimetres(double value) {
  const double tenths = std::round(value * 10);
  const auto whole = static_cast<long>(tenths / 10);
  std::string text = tenths < 0 && whole == 0 ? "-0" : std::to_string(whole);
  if (const long rest = std::labs(static_cast<long>(tenths)) % 10; rest != 0) {
    text += "." + std::to_string(rest);
  } else if (text == "-0") {
    text = "0";
  }
  return text + " mm";
}

/// Grey levels in steps, each drawn as its middle, which makes the file smaller.
void round_levels(int step, GrayImage& picture) {
  for (auto& pixel : picture.pixels)
    pixel = static_cast<std::uint8_t>(pixel / step * step + step / 2);
}

class MosaicPainter {
 public:
  MosaicPainter(const VoxelView& view, const RasAxes& axes, const GreyWindow& window,
                ClassTable& table, const MosaicOptions& options)
      : view_(view), axes_(axes), window_(window), table_(table), options_(options) {}

  Mosaic paint(Plane plane, const MosaicPlan& plan) {
    Mosaic mosaic;
    mosaic.plane = plane;
    mosaic.anatomy = GrayImage(plan.width(), plan.height());
    mosaic.structures = IndexedImage(plan.width(), plan.height());
    mosaic.filled = IndexedImage(plan.width(), plan.height());
    mosaic.brain = IndexedImage(plan.width(), plan.height());
    mosaic.brain.palette = {Rgb{}, Rgb{}, options_.brain};
    mosaic.structures.opacity = mosaic.brain.opacity = {0, kHaloOpacity};
    describe_tiles(plan, mosaic.geometry);
    columns_ = taps(length(plan.horizontal_range), plan.tile_width - kGap, plan.mirrored);
    rows_ = taps(length(plan.vertical_range), plan.tile_height - kGap, true);
    for (std::size_t tile = 0; tile < plan.slices.size(); ++tile) {
      const int left = static_cast<int>(tile) % plan.columns * plan.tile_width;
      const int top = static_cast<int>(tile) / plan.columns * plan.tile_height;
      paint_tile(plan, plan.slices[tile], left, top, mosaic);
    }
    mosaic.structures.palette = mosaic.filled.palette = table_.palette();
    mosaic.filled.opacity.resize(mosaic.filled.palette.size(), kFillOpacity);
    write_footer(plan, mosaic);
    return mosaic;
  }

 private:
  static std::int64_t length(Range range) { return range.last - range.first + 1; }

  /// One value per voxel of a slice, `value(offset)`, row 0 at the lowest index.
  template <typename Pixel, typename Value>
  Raster<Pixel> slice(const MosaicPlan& plan, std::int64_t index, Value value) const {
    Raster<Pixel> pixels(static_cast<int>(length(plan.horizontal_range)),
                         static_cast<int>(length(plan.vertical_range)));
    const std::ptrdiff_t step = axes_.stride[plan.horizontal];
    for (int y = 0; y < pixels.height; ++y) {
      std::ptrdiff_t offset = axes_.origin + axes_.stride[plan.normal] * index +
                              axes_.stride[plan.vertical] * (plan.vertical_range.first + y) +
                              step * plan.horizontal_range.first;
      Pixel* row = pixels.row(y);
      for (int x = 0; x < pixels.width; ++x, offset += step) {
        row[x] = value(static_cast<std::size_t>(offset));
      }
    }
    return pixels;
  }

  void paint_tile(const MosaicPlan& plan, std::int64_t index, int left, int top, Mosaic& mosaic) {
    const auto pixels = slice<std::uint8_t>(plan, index, [&](std::size_t offset) {
      return grey_level(view_.intensities[offset], window_);
    });
    GrayImage tile;
    static_cast<Raster<std::uint8_t>&>(tile) = resample(pixels, columns_, rows_, Interpolate{});
    blit(tile, left, top, mosaic.anatomy);
    // A line between the tiles keeps the R of one from being read together with the L of the next.
    const int right = left + plan.tile_width - kGap / 2 - 1;
    for (int y = top; y < top + tile.height; ++y) mosaic.anatomy.at(right, y) = kGapLevel;
    std::visit([&](auto labels) { outline_tile(plan, index, labels, left, top, mosaic); },
               view_.labels);
    const double at_mm = axes_.slice_mm(plan.normal, index);
    mosaic.slices_mm.push_back(at_mm);
    if (plan.normal == 0) mosaic.sides.push_back(side_of(plan, index));
    write_marks(plan, index, left, top, mosaic);
  }

  template <typename Label>
  void outline_tile(const MosaicPlan& plan, std::int64_t index, std::span<const Label> labels,
                    int left, int top, Mosaic& mosaic) {
    if (!labels.empty()) {
      const auto classes = slice<std::uint16_t>(plan, index, [&](std::size_t offset) {
        return table_.class_of(static_cast<std::int32_t>(labels[offset]));
      });
      const Classes tile = resample(classes, columns_, rows_, Vote{});
      outline(tile, table_.entries(), left, top, mosaic.structures);
      fill(tile, table_.entries(), left, top, mosaic.filled);
    }
    if (labels.empty() && view_.brain_mask.empty()) return;
    const auto inside = slice<std::uint16_t>(plan, index, [&](std::size_t offset) {
      const bool brain =
          view_.brain_mask.empty() ? labels[offset] != 0 : view_.brain_mask[offset] != 0;
      return static_cast<std::uint16_t>(brain);
    });
    outline(resample(inside, columns_, rows_, Vote{}), {0, kHalo + 1}, left, top, mosaic.brain);
    const auto width = static_cast<int>(columns_.size()), height = static_cast<int>(rows_.size());
    shade_outlines(width, height, left, top, mosaic.structures);
    shade_outlines(width, height, left, top, mosaic.brain);
  }

  /// The person's side of the middle of what is labelled: the head may lie beside the world's.
  static std::string side_of(const MosaicPlan& plan, std::int64_t index) {
    const auto beyond = static_cast<double>(index) - plan.middle;
    return beyond == 0 ? "" : beyond < 0 ? "left" : "right";
  }

  /// The place in the world at the edge of a voxel towards the lower or the higher index.
  static double edge(Range range, bool high) {
    return high ? static_cast<double>(range.last) + 0.5 : static_cast<double>(range.first) - 0.5;
  }

  void describe_tiles(const MosaicPlan& plan, MosaicGeometry& geometry) const {
    geometry.columns = plan.columns;
    geometry.tile_width = plan.tile_width;
    geometry.tile_height = plan.tile_height;
    geometry.slice_width = plan.tile_width - kGap;
    geometry.slice_height = plan.tile_height - kGap;
    const auto corner = [&](std::int64_t index, bool right, bool low) {
      std::array<double, 3> place{};
      place[plan.normal] = static_cast<double>(index);
      place[plan.horizontal] = edge(plan.horizontal_range, right != plan.mirrored);
      place[plan.vertical] = edge(plan.vertical_range, !low);
      return world_mm(view_, axes_, place);
    };
    for (const std::int64_t index : plan.slices)
      geometry.corners_mm.push_back(corner(index, false, false));
    const auto from = corner(0, false, false), right = corner(0, true, false),
               below = corner(0, false, true);
    for (int i = 0; i < 3; ++i) {
      geometry.across_mm[i] = right[i] - from[i];
      geometry.down_mm[i] = below[i] - from[i];
    }
  }

  void write_marks(const MosaicPlan& plan, std::int64_t index, int left, int top, Mosaic& mosaic) {
    GrayImage& canvas = mosaic.anatomy;
    const int height = options_.text_height_px;
    const std::string_view sides = plan.normal == 0 ? "PA" : plan.mirrored ? "RL" : "LR";
    const int baseline = top + height + height / 2;
    draw_text(sides.substr(0, 1), left + height / 2, baseline, height, kMarkLevel, canvas);
    const auto right = sides.substr(1);
    draw_text(right, left + plan.tile_width - height / 2 - text_width_px(right, height), baseline,
              height, kMarkLevel, canvas);
    std::string where = std::string(1, "xyz"[plan.normal]) + " = " +
                        millimetres(axes_.slice_mm(plan.normal, index));
    if (const std::string side = plan.normal == 0 ? side_of(plan, index) : ""; !side.empty())
      where += ", " + side;
    draw_text(where, left + height / 2, top + plan.tile_height - height / 2, height, kTextLevel,
              canvas);
    mosaic.geometry.names.push_back(std::move(where));
  }

  void write_footer(const MosaicPlan& plan, Mosaic& mosaic) {
    std::string text = to_string(mosaic.plane);
    if (plan.normal == 0) {
      text +=
          ": the front of the head is on the right of the picture; left and right are the "
          "person's, seen from the middle of the brain";
    } else if (plan.mirrored) {
      text += ", radiological convention: the left of the picture is the RIGHT of the person";
    } else {
      text += ", neurological convention: the left of the picture is the left of the person";
    }
    const int height = options_.text_height_px;
    draw_text(text, height / 2, plan.height() - height / 2 - 2, height, kMarkLevel, mosaic.anatomy);
  }

  const VoxelView& view_;
  const RasAxes& axes_;
  const GreyWindow& window_;
  ClassTable& table_;
  const MosaicOptions& options_;
  std::vector<Tap> columns_, rows_;
};

/// The mosaics of a scan, whose slices are chosen by `counts`.
std::array<Mosaic, 3> draw_planes(const VoxelView& view, const RasAxes& axes,
                                  const SliceCounts& counts, std::span<const LabelColour> colours,
                                  const MosaicOptions& options) {
  const GreyWindow window = grey_window(view);
  ClassTable table(colours, options.unlisted);
  MosaicPainter painter(view, axes, window, table, options);
  std::array<Mosaic, 3> mosaics;
  int which = 0;
  for (const Plane plane : {Plane::kAxial, Plane::kCoronal, Plane::kSagittal}) {
    mosaics[which] = painter.paint(plane, plan_mosaic(plane, axes, counts, options));
    round_levels(options.levels_per_step, mosaics[which++].anatomy);
  }
  return mosaics;
}

}  // namespace

std::array<Mosaic, 3> draw_mosaics(const VoxelView& view, std::span<const LabelColour> colours,
                                   const MosaicOptions& options) {
  const RasAxes axes = ras_axes(view);
  return draw_planes(view, axes, count_labelled(view, axes), colours, options);
}

std::vector<std::array<Mosaic, 3>> draw_matched_mosaics(std::span<const VoxelView> views,
                                                        std::span<const LabelColour> colours,
                                                        const MosaicOptions& options) {
  std::vector<std::array<Mosaic, 3>> mosaics;
  if (views.empty()) return mosaics;
  const RasAxes axes = ras_axes(views.front());
  SliceCounts counts = count_labelled(views.front(), axes);
  for (const VoxelView& view : views.subspan(1)) {
    if (view.shape != views.front().shape ||
        view.world_from_voxel != views.front().world_from_voxel)
      throw std::invalid_argument("scans whose slices are matched must lie on one grid");
    const SliceCounts others = count_labelled(view, ras_axes(view));
    for (std::size_t axis = 0; axis < 3; ++axis) {
      for (std::size_t i = 0; i < counts[axis].size(); ++i) counts[axis][i] += others[axis][i];
    }
  }
  for (const VoxelView& view : views)
    mosaics.push_back(draw_planes(view, axes, counts, colours, options));
  return mosaics;
}

Mosaic draw_background(const VoxelView& view, const MosaicOptions& wanted,
                       const BackgroundOptions& colours) {
  MosaicOptions options = wanted;
  options.most_width_px = 0;  // the whole field of view in a file that noise makes large
  const RasAxes axes = ras_axes(view);
  SliceCounts whole;  // nothing: the whole grid is shown
  for (std::size_t axis = 0; axis < 3; ++axis)
    whole[axis].assign(static_cast<std::size_t>(axes.shape[axis]), 0);
  const GreyWindow window = noise_window(view);
  const LabelColour table_rows[] = {{1, colours.air}, {2, colours.artefact}};
  ClassTable table(table_rows, options.unlisted);
  Mosaic mosaic = MosaicPainter(view, axes, window, table, options)
                      .paint(Plane::kAxial, plan_mosaic(Plane::kAxial, axes, whole, options));
  // Noise hardly compresses: a picture of 256 levels would be as large as the rest of the report.
  constexpr int kLevelsPerStep = 16;
  round_levels(kLevelsPerStep, mosaic.anatomy);
  return mosaic;
}

Rgb BiasScale::colour(int step) {
  return step < 0 ? Rgb{40, 130, 255} : step > 0 ? Rgb{255, 150, 20} : Rgb{235, 235, 235};
}

IndexedImage draw_bias(const VoxelView& view, std::span<const std::uint8_t> percent,
                       const MosaicOptions& options) {
  const RasAxes axes = ras_axes(view);
  if (percent.size() != view.intensities.size())
    throw std::invalid_argument("a bias field must have one value per voxel");
  std::vector<std::uint8_t> steps(percent.size());
  const auto step_of = [](std::uint8_t value) {
    const auto step = static_cast<int>(std::lround((value - 100) / BiasScale::kStepPercent));
    return std::clamp(step, -BiasScale::kSteps, BiasScale::kSteps);
  };
  const auto find_steps = [&](auto labels) {
    for (std::size_t v = 0; v < labels.size(); ++v) {
      if (labels[v] != 0)
        steps[v] = static_cast<std::uint8_t>(step_of(percent[v]) + BiasScale::kSteps + 1);
    }
  };
  std::visit(find_steps, view.labels);
  VoxelView map = view;
  map.labels = std::span<const std::uint8_t>(steps);
  std::vector<LabelColour> places;  // of the steps in the palette
  std::vector<Rgb> palette{Rgb{}, Rgb{}};
  std::vector<std::uint8_t> opacity{0, 0};
  for (int step = -BiasScale::kSteps; step <= BiasScale::kSteps; ++step) {
    const auto place = static_cast<std::uint8_t>(palette.size());
    places.push_back({step + BiasScale::kSteps + 1, Rgb{place, place, place}});
    palette.push_back(BiasScale::colour(step));
    opacity.push_back(static_cast<std::uint8_t>(25 * std::abs(step)));
  }
  ClassTable table(places, options.unlisted);
  const GreyWindow window = grey_window(view);
  MosaicPainter painter(map, axes, window, table, options);
  IndexedImage field = painter
                           .paint(Plane::kAxial, plan_mosaic(Plane::kAxial, axes,
                                                             count_labelled(view, axes), options))
                           .filled;
  field.palette = palette;
  field.opacity = opacity;
  return field;
}

std::string to_json(const MosaicGeometry& geometry) {
  const auto rounded = [](const std::array<double, 3>& place) {
    std::array<double, 3> result{};
    for (int i = 0; i < 3; ++i) result[i] = std::round(place[i] * 1000) / 1000;
    return result;
  };
  nlohmann::json corners = nlohmann::json::array();
  for (const auto& corner : geometry.corners_mm) corners.push_back(rounded(corner));
  return nlohmann::json{{"columns", geometry.columns},
                        {"tile", {geometry.tile_width, geometry.tile_height}},
                        {"slice", {geometry.slice_width, geometry.slice_height}},
                        {"corners", corners},
                        {"across", rounded(geometry.across_mm)},
                        {"down", rounded(geometry.down_mm)},
                        {"names", geometry.names}}
      .dump();
}

std::string to_string(Plane plane) {
  return plane == Plane::kAxial ? "axial" : plane == Plane::kCoronal ? "coronal" : "sagittal";
}

}  // namespace hypersynth
