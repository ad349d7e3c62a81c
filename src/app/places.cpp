#include "app/places.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <system_error>
#include <utility>

#include <boost/filesystem/operations.hpp>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "pipeline/files/file_system.h"

namespace hypersynth {

namespace {

/// True where `inner` is `outer` or below it.
bool is_within(const fs::path& inner, const fs::path& outer) {
  auto at = inner.begin();
  for (const auto& part : outer) {
    if (at == inner.end() || *at != part) return false;
    ++at;
  }
  return true;
}

/// Where `path` really is; the part that does not exist yet stays as it is. Throws Error with
/// `code` where the path cannot be followed.
fs::path real_path(const fs::path& path, ExitCode code) {
  char resolved[PATH_MAX];
  fs::path existing = fs::absolute(path);
  fs::path missing;
  while (::realpath(existing.c_str(), resolved) == nullptr) {
    if ((errno != ENOENT && errno != ENOTDIR) || !existing.has_parent_path()) {
      throw Error(code,
                  path.string() + ": cannot be opened: " + std::generic_category().message(errno));
    }
    missing = missing.empty() ? existing.filename() : existing.filename() / missing;
    existing = existing.parent_path();
  }
  return missing.empty() ? fs::path(resolved) : fs::path(resolved) / missing;
}

/// A dataset that is only read, at its real path.
struct InputDataset {
  std::string name;  ///< as messages call it
  fs::path root;
  fs::path derivatives;  ///< where other datasets may lie in it
};

bool is_same_folder(const fs::path& a, const fs::path& b) {
  boost::system::error_code error;
  return fs::equivalent(a, b, error) && !error;
}

/// Whether `folder` lies in `input` by a bind mount, as containers make them: under another path,
/// but one of the folders above it is the dataset's.
bool is_mounted_from(const InputDataset& input, const fs::path& folder) {
  if (is_within(folder, input.root)) return false;
  for (fs::path above = folder; !above.empty(); above = above.parent_path()) {
    if (is_same_folder(above, input.derivatives)) return false;
    if (is_same_folder(above, input.root))
      return !is_within(folder, above / input.derivatives.filename());
  }
  return false;
}

class PlaceCheck {
 public:
  explicit PlaceCheck(const CommonOptions& options) : options_(options) {
    add_input("the raw data", options.bids_dir);
    for (const auto& [name, path] : options.derivatives)
      add_input("the dataset '" + name + "' of --derivatives", path);
  }

  /// A dataset that is read and not written to; nothing where there is no path.
  void add_read_only(const std::string& name, const fs::path& path) {
    if (!path.empty()) add_input(name, path);
  }

  /// The folders that every level may write to.
  void check_common() {
    check_output();
    if (!options_.bids_database_dir.empty())
      check("--bids-database-dir: ", options_.bids_database_dir);
  }

  /// The folders that only the learn level writes to.
  void check_models() {
    for (const char* folder : {"models", "models/figures", "logs/learning"})
      check("the output folder ", options_.output_dir / folder);
  }

  void check_graph(const fs::path& graph) {
    if (!graph.empty()) check("--graph: ", graph.parent_path());
  }

  /// Intermediate files are removed again: nothing that is only read may lie there either.
  void check_work_folder(const fs::path& work) {
    const std::string name = "the work folder ";
    const fs::path real = check(name, work);
    for (const char* folder :
         {"nodes", "attempts", "slurm", "pbs", "sge", "log", "crashes", "training"})
      check(name, work / folder);
    for (const auto& input : inputs_) {
      if (is_within(input.root, real) && input.root != real)
        complain(name + work.string() + " holds " + input.name);
    }
    const fs::path output = real_path(options_.output_dir, ExitCode::kCannotCreateOutput);
    if (real == output || real == derivatives())
      complain(name + work.string() + " must be a folder of its own");
  }

  /// Throws with everything that was complained about.
  void finish() const {
    if (problems_.empty()) return;
    throw Error(ExitCode::kUsage, problems_ + "; choose one outside, or below " +
                                      (options_.bids_dir / "derivatives").string());
  }

 private:
  void add_input(const std::string& name, const fs::path& path) {
    const fs::path root = real_path(path, ExitCode::kInputMissing);
    inputs_.push_back({name, root, root / "derivatives"});
  }

  /// Complains where `folder` is in a dataset that is only read; returns its real path.
  fs::path check(const std::string& what, const fs::path& folder) {
    const fs::path real = real_path(folder, ExitCode::kCannotCreateOutput);
    const bool is_told = std::any_of(told_.begin(), told_.end(), [&](const fs::path& above) {
      return is_within(folder, above);
    });
    if (is_told) return real;
    for (const auto& input : inputs_) {
      const bool is_read_only = is_within(real, input.root) &&
                                !is_within(real, input.derivatives) &&
                                !(is_within(real, derivatives()) && input.root == derivatives());
      if (!is_read_only && !is_mounted_from(input, real)) continue;
      const std::string is_link = real == folder ? "" : " (that is " + real.string() + ")";
      complain(what + folder.string() + is_link + " lies inside " + input.name);
      told_.push_back(folder);
    }
    return real;
  }

  /// Where datasets may lie beside each other in the raw data, at its real path.
  const fs::path& derivatives() const { return inputs_.front().derivatives; }

  void complain(const std::string& problem) {
    problems_ += (problems_.empty() ? "" : "; ") + problem;
  }

  void check_output() {
    const std::string name = "the output folder ";
    const fs::path& output = options_.output_dir;
    const fs::path real = check(name, output);
    if (real == derivatives())
      complain(name + output.string() + " must be a folder of its own below it");
    for (const char* folder : {"logs", "logs/failures", "logs/crashes", "assets"})
      check(name, output / folder);
    check_description();
    check_subjects(output);
  }

  /// A folder that is a dataset already has to be one of results.
  void check_description() {
    const fs::path file = options_.output_dir / "dataset_description.json";
    boost::system::error_code ignored;
    if (!fs::is_regular_file(file, ignored)) return;
    const auto text = pipeline::real_file_system().read(file);
    const auto values = nlohmann::json::parse(text.value_or(""), nullptr, false);
    if (!values.is_object()) return;  // an empty or cut one is written again
    const auto type = values.find("DatasetType");
    if (type != values.end() && *type == "derivative") return;
    complain("the output folder " + options_.output_dir.string() +
             " is another dataset: expected DatasetType \"derivative\" in its "
             "dataset_description.json, found " +
             (type == values.end() ? "none, which means \"raw\"" : type->dump()));
  }

  /// The folders that exist in the output folder; of one that is no link only its name matters.
  void check_subjects(const fs::path& output) {
    for (const auto& subject : folders_in(output, "sub-")) {
      check_folder(subject);
      for (const char* name : {"figures", "anat"}) check_existing(subject / name);
      for (const auto& session : folders_in(subject, "ses-")) {
        check_folder(session);
        check_existing(session / "anat");
      }
    }
  }

  void check_existing(const fs::path& folder) {
    boost::system::error_code ignored;
    if (fs::is_directory(folder, ignored)) check_folder(folder);
  }

  /// A folder of the output that exists; it may be mounted from the folder of that name in a
  /// dataset.
  void check_folder(const fs::path& folder) {
    const std::string name = "the output folder ";
    check(name, folder);
    for (const auto& input : inputs_) {
      if (is_same_folder(folder, input.root / folder.lexically_relative(options_.output_dir)))
        complain(name + folder.string() + " is a folder of " + input.name);
    }
  }

  static std::vector<fs::path> folders_in(const fs::path& folder, const std::string& prefix) {
    std::vector<fs::path> found;
    boost::system::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
      boost::system::error_code ignored;
      if (entry->path().filename().string().starts_with(prefix) &&
          fs::is_directory(entry->path(), ignored))
        found.push_back(entry->path());
    }
    return found;
  }

  const CommonOptions& options_;
  std::vector<InputDataset> inputs_;
  std::vector<fs::path> told_;  ///< folders that were complained about, with all below them
  std::string problems_;
};

}  // namespace

void check_places(const CommonOptions& options) {
  PlaceCheck check(options);
  check.check_common();
  check.finish();
}

void check_places(const EvaluateOptions& options) {
  PlaceCheck check(options);
  check.add_read_only("the dataset of --reference", options.reference.path);
  check.add_read_only("the dataset of --compare", options.compare.path);
  if (!is_same_folder(options.segmentations.path, options.output_dir))
    check.add_read_only("the dataset of --segmentations", options.segmentations.path);
  check.check_common();
  check.finish();
}

void check_places(const LearnOptions& options) {
  PlaceCheck check(options);
  check.add_read_only("the dataset of --labels", options.labels.path);
  check.add_read_only("the folder of --label-maps", options.label_maps);
  check.check_common();
  check.check_models();
  check.check_work_folder(options.work_folder());
  check.finish();
}

void check_places(const ParticipantOptions& options) {
  PlaceCheck check(options);
  check.check_common();
  check.check_graph(options.graph);
  check.check_work_folder(options.work_folder());
  check.finish();
}

}  // namespace hypersynth
