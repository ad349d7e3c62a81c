#include "report/number.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace hypersynth {
namespace {

constexpr const char* kNarrowSpace = "\xE2\x80\xAF";
constexpr const char* kMinus = "\xE2\x88\x92";
constexpr const char* kNotAvailable = "n/a";

std::string grouped(const std::string& digits) {
  const std::size_t whole = std::min(digits.find('.'), digits.size());
  std::string result;
  for (std::size_t i = 0; i < whole; ++i) {
    // Four digits read well without a gap.
    if (i > 0 && whole > 4 && (whole - i) % 3 == 0) result += kNarrowSpace;
    result += digits[i];
  }
  return result + digits.substr(whole);
}

std::string written(double value, std::chars_format format, int precision) {
  std::array<char, 400> buffer;
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format, precision);
  return end.ec == std::errc() ? std::string(buffer.data(), end.ptr) : kNotAvailable;
}

std::string signed_number(double value, const std::string& magnitude) {
  const bool zero = magnitude.find_first_not_of("0.") == std::string::npos;
  return (value < 0 && !zero ? kMinus : "") + magnitude;
}

}  // namespace

std::string fixed_number(double value, int decimals) {
  if (!std::isfinite(value)) return kNotAvailable;
  return signed_number(value,
                       grouped(written(std::abs(value), std::chars_format::fixed, decimals)));
}

std::string short_number(double value, int digits) {
  if (!std::isfinite(value)) return kNotAvailable;
  const double size = std::abs(value);
  if (size == 0) return "0";
  if (size < 1e-4 || size >= 1e9) {
    return signed_number(value, written(size, std::chars_format::general, digits));
  }
  const int decimals = std::max(0, digits - 1 - static_cast<int>(std::floor(std::log10(size))));
  std::string text = fixed_number(value, decimals);
  if (decimals > 0) text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string interval_text(double low, double high, int decimals) {
  if (!std::isfinite(low) || !std::isfinite(high)) return std::string("(") + kNotAvailable + ")";
  return "(" + fixed_number(low, decimals) + " to " + fixed_number(high, decimals) + ")";
}

std::string with_interval(double value, double low, double high, int decimals) {
  const std::string text = fixed_number(value, decimals);
  if (!std::isfinite(low)) return text;
  return text + " " + interval_text(low, high, decimals);
}

std::string duration(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return kNotAvailable;
  if (seconds < 9.95) return short_number(seconds, 2) + " s";
  const double whole = std::round(seconds);
  if (whole < 60) return fixed_number(whole, 0) + " s";
  const double minutes = std::floor(whole / 60);
  if (minutes < 60)
    return fixed_number(minutes, 0) + " min " + fixed_number(whole - 60 * minutes, 0) + " s";
  const double hours = std::floor(minutes / 60);
  return fixed_number(hours, 0) + " h " + fixed_number(minutes - 60 * hours, 0) + " min";
}

std::string memory_size(double bytes) {
  if (!std::isfinite(bytes) || bytes < 0) return kNotAvailable;
  constexpr double kMiB = 1024 * 1024;
  if (bytes < 1000 * kMiB) return short_number(bytes / kMiB, 3) + " MiB";
  return short_number(bytes / (1024 * kMiB), 3) + " GiB";
}

}  // namespace hypersynth
