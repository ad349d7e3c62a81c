#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace hypersynth {

/// How the volume of a structure changed over the sessions of one person. NaN: not known.
struct VolumeChange {
  /// 100 (last - first) / mean of both: the symmetrised percent change, which noise in the first
  /// session biases less than a change in percent of the first (Reuter et al. 2012,
  /// doi:10.1016/j.neuroimage.2012.02.084). 0 where both are 0.
  double percent = 0;
  /// 100 times the slope of the straight line through all volumes (least squares), in percent of
  /// their mean a year.
  double percent_per_year = 0;
};

/// The change from the first to the last volume. `years` are the times of the volumes; the rate is
/// NaN where there are none, or where they span less than `shortest_years`: a short time multiplies
/// noise.
VolumeChange volume_change(const std::vector<double>& volumes, const std::vector<double>& years,
                           double shortest_years = 0.25);

/// How much volumes of people differ who were scanned twice while nothing changed.
struct RetestSpread {
  double spread_percent = 0;  ///< root mean square of the symmetrised percent changes
  int pairs = 0;              ///< people scanned twice

  /// What 95 % of such changes stay below: the spread times the 97.5 % quantile of Student's t with
  /// as many degrees of freedom as there are pairs, since the mean change is taken to be 0.
  double limit_percent() const;
};

/// The label that stands for the intracranial volume in a table of spreads.
constexpr std::int32_t kIntracranial = 0;

/// Spreads of models that were measured, by model, suffix and structure.
class RetestTable {
 public:
  RetestTable() = default;

  /// Parses a table with the columns model_xxh3 (digest of the model file), fast (yes or no),
  /// suffix, index, name, pairs and spread_percent. Throws InputError that names `path`.
  static RetestTable parse(std::string text, const std::string& path);

  /// The spread of the structure `label`; nothing where it was not measured.
  std::optional<RetestSpread> find(const std::string& model_digest, bool fast,
                                   const std::string& suffix, std::int32_t label) const;

 private:
  std::map<std::tuple<std::string, bool, std::string, std::int32_t>, RetestSpread> spreads_;
};

}  // namespace hypersynth
