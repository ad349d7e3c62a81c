#include "options/option_value.h"

#include <iomanip>
#include <sstream>
#include <stdexcept>

#include "core/joined.h"
#include "core/number_text.h"

namespace hypersynth {
namespace {

/// The whole of `text` as a number of type T.
template <class T>
T parsed(const std::string& text, const std::string& number, const char* expected) {
  std::istringstream stream(number);
  T value{};
  const bool negative = std::is_unsigned_v<T> && number.find('-') != std::string::npos;
  if (negative || !(stream >> value) || stream.peek() != std::istringstream::traits_type::eof())
    throw std::invalid_argument(std::string("expected ") + expected + ", found '" + text + "'");
  return value;
}

}  // namespace

std::string quoted_json(const std::string& text) {
  std::ostringstream stream;
  stream << std::quoted(text);
  return stream.str();
}

void OptionValue<double>::read(const std::string& text, double& value) {
  value = parsed<double>(text, text, "a number");
}

std::string OptionValue<double>::text(double value) {
  std::ostringstream stream;
  stream << value;
  return stream.str();
}

std::string OptionValue<double>::json(double value) { return significant_digits(value, 17); }

void OptionValue<int>::read(const std::string& text, int& value) {
  value = parsed<int>(text, text, "a whole number");
}

void OptionValue<std::int64_t>::read(const std::string& text, std::int64_t& value) {
  value = parsed<std::int64_t>(text, text, "a whole number");
}

void OptionValue<std::uint64_t>::read(const std::string& text, std::uint64_t& value) {
  value = parsed<std::uint64_t>(text, text, "a whole number, not negative");
}

using Words = std::vector<std::string>;

std::string OptionValue<Words>::text(const Words& values) { return joined(values, " "); }

std::string OptionValue<Words>::json(const Words& values) {
  return "[" + joined(values, ",", quoted_json) + "]";
}

using Numbers = std::map<std::string, double>;

void OptionValue<Numbers>::read(const std::string& text, Numbers& values) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    throw std::invalid_argument("expected NAME=NUMBER, found '" + text + "'");
  values[text.substr(0, equals)] = parsed<double>(text, text.substr(equals + 1), "NAME=NUMBER");
}

std::string OptionValue<Numbers>::text(const Numbers& values) {
  return joined(values, " ", [](const auto& pair) {
    return pair.first + "=" + OptionValue<double>::text(pair.second);
  });
}

std::string OptionValue<Numbers>::json(const Numbers& values) {
  return "{" +
         joined(values, ",",
                [](const auto& pair) {
                  return quoted_json(pair.first) + ":" + OptionValue<double>::json(pair.second);
                }) +
         "}";
}

using Sides = std::vector<std::int64_t>;

void OptionValue<Sides>::read(const std::string& text, Sides& sides) {
  Sides found;
  std::istringstream stream(text);
  for (std::string side; std::getline(stream, side, 'x');)
    found.push_back(parsed<std::int64_t>(text, side, "sides such as 128x128x128"));
  sides = found;
}

std::string OptionValue<Sides>::text(const Sides& sides) {
  return joined(sides, "x", [](std::int64_t side) { return std::to_string(side); });
}

std::string OptionValue<Sides>::json(const Sides& sides) {
  return "[" + joined(sides, ",", [](std::int64_t side) { return std::to_string(side); }) + "]";
}

}  // namespace hypersynth
