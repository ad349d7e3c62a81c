#pragma once

#include <optional>
#include <string>
#include <vector>

namespace hypersynth {

/// One finding of the BIDS schema validator.
struct BidsFinding {
  std::string severity;  // "error" or "warning"
  std::string code;      // such as SIDECAR_KEY_REQUIRED
  std::string subject;   // the key or rule it is about
  std::string location;

  bool operator==(const BidsFinding&) const = default;
};

/// What the validator says about `dataset`; nothing where it can't be had: no npm, or no network to
/// install it with. With HYPERSYNTH_REQUIRE_VALIDATOR set that is an exception instead.
std::optional<std::vector<BidsFinding>> validate_bids(const std::string& dataset);

/// The findings of severity "error", one a line.
std::string errors_among(const std::vector<BidsFinding>& findings);

}  // namespace hypersynth
