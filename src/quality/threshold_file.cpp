#include "quality/threshold_file.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

#include "core/error.h"

namespace hypersynth {
namespace {

using nlohmann::ordered_json;

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr const char* kExpected = "an object with limits for measures of image quality";

ordered_json& entry_of(ordered_json& table, const QualityThreshold& threshold) {
  if (threshold.suffix.empty()) return table[threshold.measure];
  return table[threshold.suffix][threshold.measure];
}

/// A threshold with an upper limit or a lower one, from the keys of an entry.
void read_side(const ordered_json& entry, bool upper, QualityThreshold threshold,
               const std::string& path, std::vector<QualityThreshold>& to) {
  threshold.upper = upper;
  const std::string side = upper ? "_above" : "_below";
  const auto limit = [&](const char* rating) {
    const auto found = entry.find(rating + side);
    if (found == entry.end() || found->is_null()) return upper ? kNever : -kNever;
    if (!found->is_number()) {
      throw InputError(path, "a number as \"" + (rating + side) + "\" of " + threshold.measure,
                       found->dump(), ExitCode::kUsage);
    }
    return found->get<double>();
  };
  threshold.warning = limit("warning");
  threshold.fail = limit("fail");
  if (std::isinf(threshold.warning)) threshold.warning = threshold.fail;
  const bool crossed =
      upper ? threshold.fail < threshold.warning : threshold.fail > threshold.warning;
  if (crossed) {
    throw InputError(path,
                     "a \"fail" + side + "\" of " + threshold.measure + " " +
                         (upper ? "above" : "below") + " its \"warning" + side + "\"",
                     entry.dump(), ExitCode::kUsage);
  }
  if (!std::isinf(threshold.warning)) to.push_back(std::move(threshold));
}

void read_entry(const std::string& measure, const ordered_json& entry, const std::string& suffix,
                const std::string& path, std::vector<QualityThreshold>& to) {
  if (find_measure(measure) == nullptr)
    throw InputError(path, "the name of a measure (docs/quality-measures.md)",
                     "\"" + measure + "\"", ExitCode::kUsage);
  QualityThreshold threshold{measure, kNever, kNever, true, "", suffix};
  if (entry.is_null()) {
    to.push_back(std::move(threshold));
    return;
  }
  if (!entry.is_object())
    throw InputError(path, "an object or null for " + measure, entry.dump(), ExitCode::kUsage);
  for (const auto& [key, value] : entry.items()) {
    static const char* const kKeys[] = {"warning_above", "fail_above", "warning_below",
                                        "fail_below", "reason"};
    if (std::find(std::begin(kKeys), std::end(kKeys), key) == std::end(kKeys)) {
      throw InputError(
          path, "warning_above, fail_above, warning_below, fail_below or reason for " + measure,
          "\"" + key + "\"", ExitCode::kUsage);
    }
  }
  const auto reason = entry.find("reason");
  if (reason != entry.end()) {
    if (!reason->is_string())
      throw InputError(path, "text as \"reason\" of " + measure, reason->dump(), ExitCode::kUsage);
    threshold.reason = reason->get<std::string>();
  }
  const std::size_t before = to.size();
  for (const bool upper : {false, true}) read_side(entry, upper, threshold, path, to);
  if (to.size() == before) to.push_back(std::move(threshold));
}

bool is_suffix(const std::string& key, const ordered_json& value) {
  // Those of BIDS: T1w, PDw, inplaneT1. A measure of another name is none of them.
  const bool named_as_one =
      !key.empty() &&
      (std::isupper(static_cast<unsigned char>(key[0])) != 0 || key.rfind("inplane", 0) == 0);
  return find_measure(key) == nullptr && value.is_object() && named_as_one &&
         std::all_of(value.begin(), value.end(),
                     [](const auto& entry) { return entry.is_object() || entry.is_null(); });
}

}  // namespace

std::string format_thresholds(const std::vector<QualityThreshold>& thresholds) {
  ordered_json table = ordered_json::object();
  for (const auto& threshold : thresholds) {
    ordered_json& entry = entry_of(table, threshold);
    const std::string side = threshold.upper ? "_above" : "_below";
    if (std::isinf(threshold.warning)) continue;
    entry["warning" + side] = threshold.warning;
    if (!std::isinf(threshold.fail)) entry["fail" + side] = threshold.fail;
    if (threshold.reason.empty()) continue;
    // A measure with a lower and an upper limit has one text for both.
    const auto before = entry.value("reason", std::string());
    const bool is_new = before.find(threshold.reason) == std::string::npos;
    if (is_new) entry["reason"] = (before.empty() ? "" : before + "; ") + threshold.reason;
  }
  return table.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::vector<QualityThreshold> parse_thresholds(const std::string& text, const std::string& path) {
  const ordered_json table = ordered_json::parse(text, nullptr, false);
  if (!table.is_object()) {
    throw InputError(path, kExpected, table.is_discarded() ? "no JSON" : table.dump().substr(0, 60),
                     ExitCode::kUsage);
  }
  std::vector<QualityThreshold> thresholds;
  for (const auto& [key, value] : table.items()) {
    if (!is_suffix(key, value)) {
      read_entry(key, value, "", path, thresholds);
      continue;
    }
    for (const auto& [measure, entry] : value.items())
      read_entry(measure, entry, key, path, thresholds);
  }
  return thresholds;
}

std::string thresholds_of_suffix(const std::string& text, const std::string& suffix) {
  auto thresholds = thresholds_for(suffix, parse_thresholds(text, "thresholds of the verdict"));
  for (auto& threshold : thresholds) threshold.suffix.clear();
  return format_thresholds(thresholds);
}

std::vector<QualityThreshold> replace_thresholds(std::vector<QualityThreshold> defaults,
                                                 const std::vector<QualityThreshold>& chosen) {
  const auto is_replaced = [&](const QualityThreshold& threshold) {
    return std::any_of(chosen.begin(), chosen.end(), [&](const QualityThreshold& other) {
      return other.measure == threshold.measure &&
             (other.suffix.empty() || other.suffix == threshold.suffix);
    });
  };
  defaults.erase(std::remove_if(defaults.begin(), defaults.end(), is_replaced), defaults.end());
  defaults.insert(defaults.end(), chosen.begin(), chosen.end());
  return defaults;
}

}  // namespace hypersynth
