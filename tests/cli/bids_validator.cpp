#include "cli/bids_validator.h"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "support/process.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const fs::path kSource = fs::path(HYPERSYNTH_SOURCE_DIR) / "tests/cli/validator";
const fs::path kFolder = HYPERSYNTH_VALIDATOR_DIR;  // in the build folder

bool installed() {
  return read_text((kFolder / "package-lock.json").string()) ==
             read_text((kSource / "package-lock.json").string()) &&
         fs::exists(kFolder / "node_modules/.package-lock.json");
}

ProcessResult install() {
  fs::create_directories(kFolder);
  for (const char* name : {"package.json", "package-lock.json"})
    fs::copy_file(kSource / name, kFolder / name, fs::copy_options::overwrite_existing);
  return run_process({"npm", "ci", "--prefix", kFolder.string(), "--ignore-scripts", "--no-audit",
                      "--no-fund", "--cache", (kFolder / "npm-cache").string()});
}

/// Why the validator can't be had; empty where it is there.
std::string reason_of_absence() {
  if (installed()) return "";
  try {
    const auto result = install();
    return result.exit_code == 0 ? "" : "npm ci failed: " + result.err;
  } catch (const std::system_error&) {
    return "npm is not installed";
  }
}

std::string text_of(const json& issue, const char* key) {
  const auto found = issue.find(key);
  return found != issue.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

std::optional<std::vector<BidsFinding>> validate_bids(const std::string& dataset) {
  const std::string absent = reason_of_absence();
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
