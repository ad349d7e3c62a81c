#include "report/group_summary.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "report/page.h"
#include "report/robust.h"

namespace hypersynth {
namespace {

using nlohmann::ordered_json;

ordered_json measure_summary(const GroupMeasure& measure, const std::vector<double>& values) {
  const RobustSummary s = summarise(values);
  ordered_json data;
  data["Title"] = measure.title.empty() ? measure.name : measure.title;
  if (!measure.unit.empty()) data["Units"] = measure.unit;
  data["n"] = s.count;
  const auto number = [&](double value) {
    return s.count == 0 ? ordered_json() : ordered_json(value);
  };
  data["median"] = number(s.median);
  data["mad"] = number(s.mad);
  data["q1"] = number(s.quartile1);
  data["q3"] = number(s.quartile3);
  data["min"] = number(s.minimum);
  data["max"] = number(s.maximum);
  return data;
}

}  // namespace

ordered_json group_summary(const GroupReport& report) {
  ordered_json data;
  data["Description"] =
      "Statistics of the measures of all " + report.suffix +
      " images. n: images that have the measure; mad: median absolute deviation, unscaled; q1, q3: "
      "quartiles, interpolated linearly";
  data["Dataset"] = report.dataset;
  data["Suffix"] = report.suffix;
  data["GeneratedBy"] = {{"Name", "hypersynth"}, {"Version", report.provenance.version}};
  data["Model"] = {{"Name", report.provenance.model_name},
                   {"Digest", report.provenance.model_digest}};
  data["Images"] = report.rows.size();
  data["Failed"] = report.failures.size();
  for (const Verdict verdict : {Verdict::kPass, Verdict::kWarning, Verdict::kFail}) {
    data["Verdicts"][std::string(to_string(verdict))] =
        std::count_if(report.rows.begin(), report.rows.end(),
                      [&](const GroupRow& row) { return row.verdict == verdict; });
  }
  data["Measures"] = ordered_json::object();
  for (std::size_t i = 0; i < report.measures.size(); ++i) {
    std::vector<double> values;
    for (const GroupRow& row : report.rows) values.push_back(row.values[i]);
    data["Measures"][report.measures[i].name] = measure_summary(report.measures[i], values);
  }
  return data;
}

}  // namespace hypersynth
