#include "report/picture_text.h"

#include <array>
#include <cmath>
#include <vector>

namespace hypersynth {
namespace {

/// Glyphs as pen strokes: points "xy" on a half-unit grid, x from 0, y from the cap line 0 to the
/// baseline c and the descender line g; '|' lifts the pen. In the order of ASCII from '\''.
struct Glyph {
  char character;
  std::string_view strokes;
};

constexpr std::array kGlyphs = {
    Glyph{'\'', "00 03"},
    Glyph{'(', "20 03 09 2c"},
    Glyph{')', "00 23 29 0c"},
    Glyph{'+', "07 67|34 3a"},
    Glyph{',', "1c 0e"},
    Glyph{'-', "17 57"},
    Glyph{'.', "0c 0c"},
    Glyph{'/', "50 0c"},
    Glyph{'0', "20 40 62 6a 4c 2c 0a 02 20"},
    Glyph{'1', "12 30 3c"},
    Glyph{'2', "02 20 40 62 64 0c 6c"},
    Glyph{'3', "02 20 40 62 64 46 26|46 68 6a 4c 2c 0a"},
    Glyph{'4', "50 09 79|50 5c"},
    Glyph{'5', "60 10 05 45 67 6a 4c 2c 0a"},
    Glyph{'6', "50 30 03 0a 2c 4c 6a 68 46 26 08"},
    Glyph{'7', "00 60 2c"},
    Glyph{'8', "26 04 02 20 40 62 64 46 26 08 0a 2c 4c 6a 68 46"},
    Glyph{'9', "1c 3c 69 62 40 20 02 04 26 46 64"},
    Glyph{':', "05 05|0c 0c"},
    Glyph{'=', "05 65|09 69"},
    Glyph{'A', "0c 40 8c|18 78"},
    Glyph{'B', "00 50 72 74 56 06|56 78 7a 5c 0c 00"},
    Glyph{'C', "82 60 30 03 09 3c 6c 8a"},
    Glyph{'D', "00 50 83 89 5c 0c 00"},
    Glyph{'E', "70 00 0c 7c|06 56"},
    Glyph{'F', "70 00 0c|06 56"},
    Glyph{'G', "82 60 30 03 09 3c 6c 8a 87 57"},
    Glyph{'H', "00 0c|80 8c|06 86"},
    Glyph{'I', "00 40|20 2c|0c 4c"},
    Glyph{'J', "60 69 4c 2c 0a"},
    Glyph{'K', "00 0c|70 08|35 7c"},
    Glyph{'L', "00 0c 6c"},
    Glyph{'M', "0c 00 47 80 8c"},
    Glyph{'N', "0c 00 8c 80"},
    Glyph{'O', "30 03 09 3c 5c 89 83 50 30"},
    Glyph{'P', "0c 00 50 72 75 57 07"},
    Glyph{'Q', "30 03 09 3c 5c 89 83 50 30|58 8c"},
    Glyph{'R', "0c 00 50 72 75 57 07|47 8c"},
    Glyph{'S', "72 50 20 02 04 26 56 78 7a 5c 2c 0a"},
    Glyph{'T', "00 80|40 4c"},
    Glyph{'U', "00 09 3c 5c 89 80"},
    Glyph{'V', "00 4c 80"},
    Glyph{'W', "00 2c 44 6c 80"},
    Glyph{'X', "00 8c|80 0c"},
    Glyph{'Y', "00 46 80|46 4c"},
    Glyph{'Z', "00 80 0c 8c"},
    Glyph{'a', "05 24 44 66 6c|68 28 09 0b 2c 4c 6a"},
    Glyph{'b', "00 0c|07 24 44 66 6a 4c 2c 09"},
    Glyph{'c', "65 44 24 06 0a 2c 4c 6b"},
    Glyph{'d', "60 6c|67 44 24 06 0a 2c 4c 69"},
    Glyph{'e', "08 68 66 44 24 06 0a 2c 4c 6b"},
    Glyph{'f', "40 30 22 2c|04 44"},
    Glyph{'g', "64 6e 4g 2g 0f|67 44 24 06 0a 2c 4c 69"},
    Glyph{'h', "00 0c|07 24 44 66 6c"},
    Glyph{'i', "04 0c|01 01"},
    Glyph{'j', "24 2e 0g|21 21"},
    Glyph{'k', "00 0c|54 09|27 6c"},
    Glyph{'l', "00 0c"},
    Glyph{'m', "04 0c|06 24 34 46 4c|46 64 74 86 8c"},
    Glyph{'n', "04 0c|07 24 44 66 6c"},
    Glyph{'o', "24 06 0a 2c 4c 6a 66 44 24"},
    Glyph{'p', "04 0g|07 24 44 66 6a 4c 2c 09"},
    Glyph{'q', "64 6g|67 44 24 06 0a 2c 4c 69"},
    Glyph{'r', "04 0c|07 24 44"},
    Glyph{'s', "55 44 24 05 07 28 38 59 5b 3c 1c 0b"},
    Glyph{'t', "20 2a 3c 4c|04 44"},
    Glyph{'u', "04 0a 2c 4c 69|64 6c"},
    Glyph{'v', "04 3c 64"},
    Glyph{'w', "04 2c 45 6c 84"},
    Glyph{'x', "04 6c|64 0c"},
    Glyph{'y', "04 3c|64 3c 1g 0g"},
    Glyph{'z', "04 64 0c 6c"},
};

constexpr int kCapHeightUnits = 12;
constexpr int kGapUnits = 4;
constexpr int kSpaceUnits = 3;
constexpr double kStrokeUnits = 1.8;

struct Point {
  double x;
  double y;
};

struct Segment {
  Point from;
  Point to;
};

int units(char digit) { return digit >= 'a' ? digit - 'a' + 10 : digit - '0'; }

std::string_view strokes_of(char character) {
  for (const Glyph& glyph : kGlyphs) {
    if (glyph.character == character) return glyph.strokes;
  }
  return {};
}

/// Appends the glyph's segments with its left edge at `x_units`; returns its width.
int append_glyph(std::string_view strokes, int x_units, std::vector<Segment>& segments) {
  if (strokes.empty()) return kSpaceUnits;
  int width = 0;
  Point previous{};
  bool pen_down = false;
  for (std::size_t i = 0; i + 1 < strokes.size(); i += 3) {
    const int x = units(strokes[i]);
    const Point point{static_cast<double>(x_units + x), static_cast<double>(units(strokes[i + 1]))};
    if (pen_down) segments.push_back({previous, point});
    previous = point;
    pen_down = i + 2 < strokes.size() && strokes[i + 2] == ' ';
    width = std::max(width, x);
  }
  return width;
}

/// All strokes of `text` in units; `width` gets its width.
std::vector<Segment> layout(std::string_view text, int& width) {
  std::vector<Segment> segments;
  width = 0;
  for (const char c : text) width += append_glyph(strokes_of(c), width, segments) + kGapUnits;
  return segments;
}

double distance(const Point& p, const Segment& s) {
  const double dx = s.to.x - s.from.x, dy = s.to.y - s.from.y;
  const double length2 = dx * dx + dy * dy;
  const double along =
      length2 == 0 ? 0
                   : std::clamp(((p.x - s.from.x) * dx + (p.y - s.from.y) * dy) / length2, 0., 1.);
  const double x = p.x - s.from.x - along * dx, y = p.y - s.from.y - along * dy;
  return std::sqrt(x * x + y * y);
}

/// Coverage 0-1 of every pixel by a pen of `radius` px drawn along the segments (px).
void stroke(const std::vector<Segment>& segments, double radius, Raster<float>& coverage) {
  for (const Segment& s : segments) {
    const auto low = [&](double a, double b) {
      return std::max(0, static_cast<int>(std::floor(std::min(a, b) - radius - 1)));
    };
    const auto high = [&](double a, double b, int limit) {
      return std::min(limit, static_cast<int>(std::ceil(std::max(a, b) + radius + 2)));
    };
    const int y_end = high(s.from.y, s.to.y, coverage.height);
    const int x_end = high(s.from.x, s.to.x, coverage.width);
    for (int y = low(s.from.y, s.to.y); y < y_end; ++y) {
      for (int x = low(s.from.x, s.to.x); x < x_end; ++x) {
        const double d = distance({x + 0.5, y + 0.5}, s);
        const auto covered = static_cast<float>(std::clamp(radius + 0.5 - d, 0., 1.));
        coverage.at(x, y) = std::max(coverage.at(x, y), covered);
      }
    }
  }
}

/// Paints `level` onto the covered pixels, with an opacity of at most `opacity`.
void paint(const Raster<float>& coverage, std::uint8_t level, float opacity, int left, int top,
           GrayImage& picture) {
  for (int y = std::max(0, -top); y < coverage.height && top + y < picture.height; ++y) {
    for (int x = std::max(0, -left); x < coverage.width && left + x < picture.width; ++x) {
      std::uint8_t& pixel = picture.at(left + x, top + y);
      const float alpha = coverage.at(x, y) * opacity;
      pixel = static_cast<std::uint8_t>(std::lround(pixel + alpha * (level - pixel)));
    }
  }
}

}  // namespace

int text_width_px(std::string_view text, int cap_height_px) {
  int width = 0;
  layout(text, width);
  return std::max(0, (width - kGapUnits) * cap_height_px / kCapHeightUnits);
}

void draw_text(std::string_view text, int left, int baseline, int cap_height_px, std::uint8_t level,
               GrayImage& picture) {
  if (cap_height_px <= 0) return;
  int width = 0;
  std::vector<Segment> segments = layout(text, width);
  const double scale = static_cast<double>(cap_height_px) / kCapHeightUnits;
  const int margin = cap_height_px / 2 + 2;
  for (Segment& s : segments) {
    for (Point* p : {&s.from, &s.to}) *p = {p->x * scale + margin, p->y * scale + margin};
  }
  const int height_px = cap_height_px * 16 / kCapHeightUnits + 2 * margin;
  const int width_px = static_cast<int>(width * scale) + 2 * margin;
  const double radius = kStrokeUnits * scale / 2;
  const int top = baseline - cap_height_px - margin;
  Raster<float> halo(width_px, height_px), ink(width_px, height_px);
  stroke(segments, radius + 2, halo);
  stroke(segments, radius, ink);
  paint(halo, 0, 0.7f, left - margin, top, picture);
  paint(ink, level, 1.0f, left - margin, top, picture);
}

}  // namespace hypersynth
