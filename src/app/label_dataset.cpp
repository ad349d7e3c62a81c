#include "app/label_dataset.h"

#include <algorithm>

#include <boost/algorithm/string/predicate.hpp>
#include <boost/filesystem/operations.hpp>
#include <nlohmann/json.hpp>

#include "app/runtime.h"
#include "bids/dataset_links.h"
#include "bids/filter.h"
#include "bids/read_file.h"
#include "core/error.h"
#include "core/joined.h"
#include "image/lookup_table.h"
#include "pipeline/files/file_system.h"

namespace hypersynth {
namespace {

/// Whether the value of `entity` in a name is one of `labels`, which may have `prefix`.
bool has_one_of(const bids::DataFile& file, bids::Entity entity,
                const std::vector<std::string>& labels, const char* prefix) {
  const auto value = file.entities.get(entity);
  return value && std::any_of(labels.begin(), labels.end(), [&](const std::string& label) {
           return bids::same_value(entity, *value, bids::without_prefix(label, prefix));
         });
}

/// Whether a label map lies on an image with one of `suffixes`; one that names no space may.
bool is_of_modality(const bids::DataFile& file, const std::vector<std::string>& suffixes) {
  const auto space = file.entities.get(bids::Entity::kSpace);
  return !space || std::any_of(suffixes.begin(), suffixes.end(), [&](const std::string& suffix) {
    return boost::algorithm::iequals(suffix, *space);
  });
}

bool is_selected(const bids::DataFile& file, const CommonOptions& options) {
  using bids::Entity;
  const auto fits = [&](Entity entity, const std::vector<std::string>& labels, const char* prefix) {
    return labels.empty() || has_one_of(file, entity, labels, prefix);
  };
  return fits(Entity::kSubject, options.participant_label, "sub-") &&
         !has_one_of(file, Entity::kSubject, options.exclude_participant_label, "sub-") &&
         fits(Entity::kSession, options.session_label, "ses-") &&
         fits(Entity::kRun, options.run_id, "run-") &&
         (options.modalities.empty() || is_of_modality(file, options.modalities));
}

bids::Layout index(const fs::path& root, const CommonOptions& options) {
  return bids::Layout::index(root, {.require_description = true,
                                    .database_dir = options.bids_database_dir,
                                    .is_derivative = true});
}

std::vector<bids::DataFile> label_maps(const bids::Layout& layout, const std::string& desc) {
  bids::Query query;
  query.suffixes = {"dseg"};
  query.extensions = {".nii.gz", ".nii"};
  query.datatypes = {"anat"};
  if (!desc.empty())
    query.entities.emplace(bids::Entity::kDescription, bids::Match::one_of({desc}));
  auto files = layout.find(query);
  std::erase_if(
      files, [](const bids::DataFile& file) { return !file.entities.has(bids::Entity::kSubject); });
  // The tissue classes of --save-standard-dseg lie beside the label maps that they are made from.
  const auto has_desc = [](const bids::DataFile& file, std::string_view label) {
    return file.entities.get(bids::Entity::kDescription).value_or("") == label;
  };
  const auto is_own = [&](const bids::DataFile& file) { return has_desc(file, "hypersynth"); };
  if (desc.empty() && std::any_of(files.begin(), files.end(), is_own))
    std::erase_if(files, [&](const bids::DataFile& file) { return has_desc(file, "standard"); });
  return files;
}

Error no_label_maps(const fs::path& root, const std::string& desc) {
  const std::string name = desc.empty() ? "_dseg.nii.gz" : "_desc-" + desc + "_dseg.nii.gz";
  return {ExitCode::kNothingSelected, root.string() +
                                          ": expected label maps in sub-*/[ses-*/]anat/, "
                                          "found no file whose name ends in " +
                                          name};
}

bool is_same_folder(const fs::path& a, const fs::path& b) {
  boost::system::error_code error;
  return fs::equivalent(a, b, error) && !error;
}

}  // namespace

LabelDataset::LabelDataset(std::string name, bids::Layout layout, std::vector<bids::DataFile> files)
    : name_(std::move(name)), layout_(std::move(layout)), files_(std::move(files)) {}

LabelDataset LabelDataset::open(const NamedDataset& dataset, const std::string& desc,
                                const CommonOptions& options) {
  return of_layout(dataset, index(dataset.path, options), desc, options);
}

LabelDataset LabelDataset::of_layout(const NamedDataset& dataset, bids::Layout layout,
                                     const std::string& desc, const CommonOptions& options) {
  auto files = label_maps(layout, desc);
  if (files.empty()) throw no_label_maps(dataset.path, desc);
  std::erase_if(files, [&](const bids::DataFile& file) { return !is_selected(file, options); });
  return {dataset.name, std::move(layout), std::move(files)};
}

LabelDataset LabelDataset::open_reference(const NamedDataset& reference, const std::string& desc,
                                          const std::string& option,
                                          const std::vector<fs::path>& others,
                                          const CommonOptions& options) {
  bids::Layout layout = index(reference.path, options);
  if (!label_maps(layout, desc).empty())
    return of_layout(reference, std::move(layout), desc, options);
  std::vector<NamedDataset> found;
  for (const auto& nested : bids::nested_derivatives(reference.path)) {
    const bool is_other = is_same_folder(nested.root, options.output_dir) ||
                          std::any_of(others.begin(), others.end(), [&](const fs::path& other) {
                            return is_same_folder(nested.root, other);
                          });
    if (!is_other && !label_maps(index(nested.root, options), desc).empty())
      found.push_back({nested.name, nested.root});
  }
  if (found.size() > 1) {
    const auto path = [](const NamedDataset& dataset) { return dataset.path.string(); };
    throw Error(ExitCode::kUsage, option +
                                      ": expected one dataset with label maps, found several: " +
                                      joined(found, ", ", path) + "; give the path of one of them");
  }
  if (found.size() == 1) return open(found.front(), desc, options);
  return of_layout(reference, std::move(layout), desc, options);
}

std::optional<StructureNames> LabelDataset::structures_of(const bids::DataFile& file) const {
  const auto table = layout_.nearest(file, ".tsv");
  if (!table) return std::nullopt;
  StructureNames names;
  for (const auto& label :
       parse_lookup_table(layout_.read(table->path), (layout_.root() / table->path).string()))
    names[label.index] = label.name;
  return names;
}

std::string LabelDataset::source_of(const bids::DataFile& file) const {
  const auto metadata = layout_.metadata(file);
  const auto sources = metadata.values().find("Sources");
  if (sources == metadata.values().end() || !sources->is_array() || sources->empty() ||
      !sources->front().is_string())
    return "";
  const auto uri = bids::parse_bids_uri(sources->front().get<std::string>());
  return uri ? uri->path : "";
}

MappingFile read_label_mapping(const std::string& given) {
  if (given.empty()) return {};
  const fs::path folder = share_folder() / "label-mappings";
  const fs::path by_name = folder / (given + ".tsv");
  const bool is_name = given.find('/') == std::string::npos && fs::exists(by_name);
  const fs::path path = is_name ? by_name : whole_path(given);
  if (!is_name && !fs::exists(path)) {
    std::vector<std::string> names;
    for (const auto& name : pipeline::real_file_system().list(folder)) {
      if (fs::path(name).extension() == ".tsv") names.push_back(fs::path(name).stem().string());
    }
    throw Error(ExitCode::kInputMissing, "--label-mapping: expected a file or one of " +
                                             joined(names, ", ") + ", found no " + path.string());
  }
  return {bids::read_regular_file(path), path.string()};
}

}  // namespace hypersynth
