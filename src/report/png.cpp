#include "report/png.h"

#include <array>
#include <csetjmp>
#include <png.h>
#include <stdexcept>
#include <zlib.h>

#include <boost/filesystem/fstream.hpp>
#include <boost/filesystem/operations.hpp>

#include "core/error.h"

namespace hypersynth {
namespace {

/// How a kind of picture is compressed.
struct Layout {
  int colour_type;
  int filter;
  int strategy;
};

/// After the Paeth filter an interpolated scan is noise around zero. Huffman codes alone make it
/// smaller than string matching does, and four times as fast. Outlines are runs of one value and
/// need no filter.
constexpr Layout kGray{PNG_COLOR_TYPE_GRAY, PNG_FILTER_PAETH, Z_HUFFMAN_ONLY};
constexpr Layout kRgb{PNG_COLOR_TYPE_RGB, PNG_FILTER_PAETH, Z_DEFAULT_STRATEGY};
constexpr Layout kIndexed{PNG_COLOR_TYPE_PALETTE, PNG_FILTER_NONE, Z_DEFAULT_STRATEGY};
constexpr int kCompressionLevel = 6;

/// The keyword of a picture's text (PNG specification 11.3.4, chunk tEXt).
constexpr std::string_view kKeyword = "Comment";
constexpr std::uint32_t kLongestText = 1 << 20;

/// What must stay alive when libpng leaves write_picture() by longjmp after an error.
struct Encoder {
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::string bytes;
  std::string failure;

  Encoder() {
    png = png_create_write_struct(PNG_LIBPNG_VER_STRING, this, &Encoder::fail, &Encoder::warn);
    if (png != nullptr) info = png_create_info_struct(png);
  }
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;
  ~Encoder() { png_destroy_write_struct(&png, &info); }

  static void fail(png_structp png, png_const_charp message) {
    static_cast<Encoder*>(png_get_error_ptr(png))->failure = message;
    png_longjmp(png, 1);
  }
  static void warn(png_structp, png_const_charp) {}
  static void append(png_structp png, png_bytep data, png_size_t size) {
    static_cast<std::string*>(png_get_io_ptr(png))->append(reinterpret_cast<char*>(data), size);
  }
  static void flush(png_structp) {}
};

void write_palette(Encoder& encoder, const IndexedImage& image) {
  const std::vector<Rgb>& palette = image.palette;
  std::array<png_color, 256> entries{};
  for (std::size_t i = 0; i < palette.size(); ++i) {
    entries[i] = {palette[i].red, palette[i].green, palette[i].blue};
  }
  png_set_PLTE(encoder.png, encoder.info, entries.data(), static_cast<int>(palette.size()));
  const auto translucent = static_cast<int>(std::min(image.opacity.size(), palette.size()));
  png_set_tRNS(encoder.png, encoder.info, image.opacity.data(), translucent, nullptr);
}

void write_text(Encoder& encoder, const std::string& text) {
  png_text chunk{};
  chunk.compression = PNG_TEXT_COMPRESSION_NONE;
  chunk.key = const_cast<char*>(kKeyword.data());
  chunk.text = const_cast<char*>(text.data());
  chunk.text_length = text.size();
  png_set_text(encoder.png, encoder.info, &chunk, 1);
}

/// Runs libpng; false after an error, with its message in `encoder`. No object with a destructor
/// lives here: longjmp would skip it.
bool write_picture(Encoder& encoder, const Layout& layout, int width, int height,
                   const IndexedImage* indexed, const std::string& text, const png_byte* first_row,
                   std::size_t row_bytes) {
  if (setjmp(png_jmpbuf(encoder.png)) != 0) return false;
  png_set_write_fn(encoder.png, &encoder.bytes, &Encoder::append, &Encoder::flush);
  png_set_compression_level(encoder.png, kCompressionLevel);
  png_set_compression_strategy(encoder.png, layout.strategy);
  png_set_filter(encoder.png, PNG_FILTER_TYPE_BASE, layout.filter);
  png_set_IHDR(encoder.png, encoder.info, static_cast<png_uint_32>(width),
               static_cast<png_uint_32>(height), 8, layout.colour_type, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (indexed != nullptr) write_palette(encoder, *indexed);
  if (!text.empty()) write_text(encoder, text);
  png_write_info(encoder.png, encoder.info);
  for (int y = 0; y < height; ++y) png_write_row(encoder.png, first_row + y * row_bytes);
  png_write_end(encoder.png, nullptr);
  return true;
}

template <typename Pixel>
std::string encode(const Raster<Pixel>& image, const Layout& layout,
                   const IndexedImage* indexed = nullptr, const std::string& text = {}) {
  if (image.width <= 0 || image.height <= 0) throw std::invalid_argument("picture without pixels");
  Encoder encoder;
  const bool done = encoder.info != nullptr &&
                    write_picture(encoder, layout, image.width, image.height, indexed, text,
                                  reinterpret_cast<const png_byte*>(image.pixels.data()),
                                  static_cast<std::size_t>(image.width) * sizeof(Pixel));
  if (!done) throw Error(ExitCode::kInternal, "libpng failed: " + encoder.failure);
  return std::move(encoder.bytes);
}

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

}  // namespace

static_assert(sizeof(Rgb) == 3, "rows of Rgb are rows of an RGB PNG");

std::string encode_png(const GrayImage& image, const std::string& text) {
  return encode(image, kGray, nullptr, text);
}

std::string encode_png(const RgbImage& image) { return encode(image, kRgb); }

std::string encode_png(const IndexedImage& image) {
  std::uint8_t highest = 0;
  for (const std::uint8_t pixel : image.pixels) highest = std::max(highest, pixel);
  if (image.palette.size() > 256 || highest >= image.palette.size()) {
    throw std::invalid_argument("palette does not match the pixels");
  }
  return encode(image, kIndexed, &image);
}

std::optional<std::pair<int, int>> png_size(std::string_view bytes) {
  static constexpr std::string_view kStart{"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16};
  if (bytes.size() < 24 || bytes.substr(0, 16) != kStart) return std::nullopt;
  const std::uint32_t width = number_at(bytes, 16), height = number_at(bytes, 20);
  constexpr std::uint32_t kLargest = 0x7fffffff;
  if (width == 0 || height == 0 || width > kLargest || height > kLargest) return std::nullopt;
  return std::pair{static_cast<int>(width), static_cast<int>(height)};
}

std::optional<std::pair<int, int>> png_size_of_file(const boost::filesystem::path& path) {
  // A named pipe in its place would make the reader wait.
  boost::system::error_code none;
  if (!boost::filesystem::is_regular_file(path, none)) return std::nullopt;
  std::array<char, 24> start{};
  boost::filesystem::ifstream stream(path, std::ios::binary);
  stream.read(start.data(), start.size());
  return png_size({start.data(), static_cast<std::size_t>(stream.gcount())});
}

std::string png_text_of_file(const boost::filesystem::path& path) {
  if (!png_size_of_file(path)) return {};
  boost::filesystem::ifstream stream(path, std::ios::binary);
  stream.ignore(8);
  std::string head(8, '\0');
  while (stream.read(head.data(), 8) && head.compare(4, 4, "IDAT") != 0) {
    const std::uint32_t length = number_at(head, 0);
    if (length > kLongestText) return {};
    std::string chunk(length + 4, '\0');  // with its checksum
    if (!stream.read(chunk.data(), static_cast<std::streamsize>(chunk.size()))) return {};
    const bool is_text = head.compare(4, 4, "tEXt") == 0 && length > kKeyword.size() &&
                         chunk.starts_with(kKeyword) && chunk[kKeyword.size()] == '\0';
    if (is_text) return chunk.substr(kKeyword.size() + 1, length - kKeyword.size() - 1);
  }
  return {};
}

}  // namespace hypersynth
