#include "nodes/group_positions.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <set>

#include "evaluation/robust_regression.h"
#include "report/robust.h"

namespace hypersynth {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kFewestPeople = 5;
constexpr std::size_t kFewestToAdjust = 20;

using Rows = std::vector<const GroupRow*>;

std::string cell_of(const GroupRow& row, const std::string& column) {
  for (const auto& field : row.participant) {
    if (field.name == column) return field.value;
  }
  return "";
}

/// A property of people that volumes are adjusted for.
struct Covariate {
  std::string name;
  std::map<const GroupRow*, double> values;  ///< of rows that have it

  double of(const GroupRow* row) const {
    const auto found = values.find(row);
    return found == values.end() ? kNaN : found->second;
  }
};

Covariate age_of(const Rows& rows) {
  Covariate age{"age", {}};
  for (const auto* row : rows) {
    const std::string text = cell_of(*row, "age");
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size() && std::isfinite(value))
      age.values[row] = value;
  }
  return age;
}

Covariate sex_of(const Rows& rows) {
  static const std::set<std::string> kFemale = {"f", "F", "female", "Female", "FEMALE"};
  static const std::set<std::string> kMale = {"m", "M", "male", "Male", "MALE"};
  Covariate sex{"sex", {}};
  for (const auto* row : rows) {
    const std::string text = cell_of(*row, "sex");
    if (kFemale.count(text) == 1) sex.values[row] = 0;
    if (kMale.count(text) == 1) sex.values[row] = 1;
  }
  return sex;
}

Covariate column_of(const Rows& rows, std::size_t column, const std::string& name) {
  Covariate covariate{name, {}};
  for (const auto* row : rows) {
    if (std::isfinite(row->values[column])) covariate.values[row] = row->values[column];
  }
  return covariate;
}

/// "ICV, age and sex".
std::string enumerated(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i)
    text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  return text;
}

/// One set of images made in the same way.
class Cohort {
 public:
  Cohort(const GroupReport& page, Rows rows) : page_(page), rows_(std::move(rows)) {
    std::set<std::string> people;
    for (const auto* row : rows_) {
      if (row->verdict != Verdict::kFail && people.insert(row->subject).second)
        reference_.push_back(row);
    }
    if (reference_.size() < kFewestToAdjust) return;
    if (page.icv) consider(column_of(rows_, *page.icv, "intracranial volume"));
    consider(age_of(rows_));
    consider(sex_of(rows_));
  }

  void add_to(GroupPositions& positions) const {
    const auto sentences = method();
    for (const auto* row : rows_) positions[row->image].method = sentences;
    if (reference_.size() < kFewestPeople) return;
    for (std::size_t column = 0; column < page_.measures.size(); ++column)
      add_column(column, positions);
  }

 private:
  static bool tells_of_person(const GroupMeasure& measure) {
    return measure.kind == GroupMeasure::Kind::kVolume ||
           measure.name == "brain_parenchymal_fraction";
  }

  void consider(Covariate covariate) {
    std::set<double> values;
    std::size_t missing = 0;
    for (const auto* row : reference_) {
      const double value = covariate.of(row);
      if (std::isfinite(value)) values.insert(value);
      missing += !std::isfinite(value);
    }
    if (missing > 0) {
      unused_.push_back(covariate.name + " (not known of " + std::to_string(missing) + " of " +
                        std::to_string(reference_.size()) + " people)");
    } else if (values.size() < 2) {
      unused_.push_back(covariate.name + " (the same for all)");
    } else {
      covariates_.push_back(std::move(covariate));
    }
  }

  std::vector<std::string> method() const {
    const std::string people = std::to_string(reference_.size());
    const std::string who = "The group: " + people +
                            (reference_.size() == 1 ? " person" : " people") +
                            " with an image of the suffix " + page_.suffix +
                            " made in the same way as this one that did not fail, one image each, "
                            "as the group level found them when it wrote this page.";
    if (reference_.size() < kFewestPeople) return {who, "Positions are given from 5 people on."};
    const std::string scores =
        "The percentile is the share of the group below; the robust z-score is the distance from "
        "the median in normalised median absolute deviations.";
    if (reference_.size() < kFewestToAdjust)
      return {who, "Nothing is adjusted for, since there are less than 20 people.", scores};
    std::vector<std::string> names;
    for (const auto& covariate : covariates_) names.push_back(covariate.name);
    std::vector<std::string> sentences = {who};
    if (!names.empty())
      sentences.push_back(
          "Volumes are adjusted for " + enumerated(names) +
          " (the intracranial volume and shares of it only for the others): positions are those of "
          "the "
          "residuals of a linear regression with Tukey's biweight, which outliers hardly move. "
          "Quality measures are not adjusted, since they tell of the scan.");
    if (!unused_.empty()) sentences.push_back("Not adjusted for: " + enumerated(unused_) + ".");
    sentences.push_back(scores);
    return sentences;
  }

  std::vector<double> predictors(const GroupRow* row, std::size_t column) const {
    std::vector<double> x;
    for (const auto& covariate : covariates_) {
      const bool is_share = page_.measures[column].unit.empty();  // of the intracranial volume
      if ((page_.icv != column && !is_share) || covariate.name != "intracranial volume")
        x.push_back(covariate.of(row));
    }
    return x;
  }

  /// What is left of the values of all rows after the adjustment; NaN where something is missing.
  std::map<const GroupRow*, double> adjusted(std::size_t column) const {
    std::map<const GroupRow*, double> left;
    for (const auto* row : rows_) left[row] = row->values[column];
    if (!tells_of_person(page_.measures[column]) || covariates_.empty()) return left;
    std::vector<std::vector<double>> x;
    std::vector<double> y;
    for (const auto* row : reference_) {
      if (!std::isfinite(row->values[column])) continue;
      x.push_back(predictors(row, column));
      y.push_back(row->values[column]);
    }
    if (x.size() < kFewestToAdjust) {
      for (auto& value : left) value.second = kNaN;
      return left;
    }
    const LinearModel model = fit_robustly(x, y);
    for (auto& [row, value] : left) {
      const auto own = predictors(row, column);
      const bool is_known =
          std::all_of(own.begin(), own.end(), [](double v) { return std::isfinite(v); });
      value = is_known ? value - model.at(own) : kNaN;
    }
    return left;
  }

  void add_column(std::size_t column, GroupPositions& positions) const {
    const auto& measure = page_.measures[column];
    const auto values = adjusted(column);
    std::vector<double> group;
    for (const auto* row : reference_) {
      if (std::isfinite(values.at(row))) group.push_back(values.at(row));
    }
    std::sort(group.begin(), group.end());
    const bool is_known = group.size() >= kFewestPeople;
    const RobustSummary summary = summarise(group);
    for (const auto* row : rows_) {
      ValuePosition position;
      position.title = measure.title.empty() ? measure.name : measure.title;
      position.unit = measure.unit;
      position.value = row->values[column];
      position.percentile = is_known ? percentile_of(values.at(row), group) : kNaN;
      position.z = is_known ? robust_z(values.at(row), summary) : kNaN;
      auto& of_image = positions[row->image];
      (tells_of_person(measure) ? of_image.volumes : of_image.measures)
          .push_back(std::move(position));
    }
  }

  /// `group` is sorted.
  static double percentile_of(double value, const std::vector<double>& group) {
    if (!std::isfinite(value)) return kNaN;
    const auto [low, high] = std::equal_range(group.begin(), group.end(), value);
    const auto below = (low - group.begin()) + (high - group.begin());  // twice
    return 50 * static_cast<double>(below) / static_cast<double>(group.size());
  }

  const GroupReport& page_;
  Rows rows_;
  Rows reference_;  ///< one image of each person
  std::vector<Covariate> covariates_;
  std::vector<std::string> unused_;
};

}  // namespace

GroupPositions group_positions(const GroupReport& page, const MadeWith& made_with) {
  std::map<std::string, Rows> cohorts;
  for (const auto& row : page.rows) cohorts[made_with.at(row.image)].push_back(&row);
  GroupPositions positions;
  for (auto& cohort : cohorts) Cohort(page, std::move(cohort.second)).add_to(positions);
  return positions;
}

}  // namespace hypersynth
