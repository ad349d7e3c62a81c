#include "cli/bids_validator.h"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "support/npm_packages.h"
#include "support/process.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const fs::path kSource = fs::path(HYPERSYNTH_SOURCE_DIR) / "tests/cli/validator";
const fs::path kFolder = HYPERSYNTH_VALIDATOR_DIR;  // in the build folder

std::string text_of(const json& issue, const char* key) {
  const auto found = issue.find(key);
  return found != issue.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

std::optional<std::vector<BidsFinding>> validate_bids(const std::string& dataset) {
  const std::string absent = install_npm_packages(kSource.string(), kFolder.string());
  if (!absent.empty()) {
    if (std::getenv("HYPERSYNTH_REQUIRE_VALIDATOR") != nullptr) throw std::runtime_error(absent);
    return std::nullopt;
  }
  const fs::path modules = kFolder / "node_modules";
  const auto result = run_process(
      {"node", (modules / "deno/bin.cjs").string(), "run", "-A",
       (modules / "bids-validator/dist/validator/bids-validator.js").string(), dataset, "--json"},
      {{"DENO_DIR", (kFolder / "deno").string()}, {"DENO_NO_UPDATE_CHECK", "1"}});
  const auto report = json::parse(result.out, nullptr, false);
  if (report.is_discarded()) throw std::runtime_error("the validator broke off: " + result.err);
  std::vector<BidsFinding> findings;
  for (const auto& issue : report.at("issues").at("issues")) {
    findings.push_back({text_of(issue, "severity"), text_of(issue, "code"),
                        text_of(issue, "subCode"), text_of(issue, "location")});
  }
  return findings;
}

std::string errors_among(const std::vector<BidsFinding>& findings) {
  std::string lines;
  for (const auto& finding : findings) {
    if (finding.severity == "error")
      lines += finding.code + " " + finding.subject + " " + finding.location + "\n";
  }
  return lines;
}

}  // namespace hypersynth
