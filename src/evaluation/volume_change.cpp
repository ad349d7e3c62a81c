#include "evaluation/volume_change.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>

#include <boost/math/distributions/students_t.hpp>

#include "core/tsv.h"

namespace hypersynth {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// The slope of the straight line through the points; NaN if all have one `x`.
double slope(const std::vector<double>& x, const std::vector<double>& y) {
  const double x_mean = mean_of(x), y_mean = mean_of(y);
  double products = 0, squares = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    products += (x[i] - x_mean) * (y[i] - y_mean);
    squares += (x[i] - x_mean) * (x[i] - x_mean);
  }
  return squares > 0 ? products / squares : kNaN;
}

double number_in(const TsvTable& table, std::size_t row, std::size_t column) {
  const std::string_view text = table.text(row, column);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= 0))
    table.fail(row, column, "a number of at least 0");
  return value;
}

}  // namespace

VolumeChange volume_change(const std::vector<double>& volumes, const std::vector<double>& years,
                           double shortest_years) {
  VolumeChange change{kNaN, kNaN};
  if (volumes.size() < 2) return change;
  const double first = volumes.front(), last = volumes.back();
  change.percent = first == last ? 0 : 200 * (last - first) / (first + last);
  const bool has_rate =
      years.size() == volumes.size() && years.back() - years.front() >= shortest_years;
  const double mean = mean_of(volumes);
  if (has_rate && mean > 0) change.percent_per_year = 100 * slope(years, volumes) / mean;
  return change;
}

double RetestSpread::limit_percent() const {
  if (pairs < 1) return kNaN;
  return spread_percent * boost::math::quantile(boost::math::students_t(pairs), 0.975);
}

RetestTable RetestTable::parse(std::string text, const std::string& path) {
  const TsvTable table(std::move(text), path);
  const std::size_t model = table.column("model_xxh3"), fast = table.column("fast");
  const std::size_t suffix = table.column("suffix"), index = table.column("index");
  const std::size_t pairs = table.column("pairs"), spread = table.column("spread_percent");
  RetestTable result;
  for (std::size_t row = 0; row < table.row_count(); ++row) {
    const bool is_fast = table.text(row, fast) == "yes";
    if (!is_fast && table.text(row, fast) != "no") table.fail(row, fast, "yes or no");
    result.spreads_[{std::string(table.text(row, model)), is_fast,
                     std::string(table.text(row, suffix)), table.integer(row, index)}] = {
        number_in(table, row, spread), table.integer(row, pairs)};
  }
  return result;
}

std::optional<RetestSpread> RetestTable::find(const std::string& model_digest, bool fast,
                                              const std::string& suffix, std::int32_t label) const {
  const auto found = spreads_.find({model_digest, fast, suffix, label});
  return found == spreads_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace hypersynth
