#include "bids/layout.h"

#include <algorithm>
#include <mutex>
#include <set>

#include "bids/discovery.h"
#include "bids/inheritance.h"
#include "bids/listing_cache.h"
#include "bids/name_index.h"
#include "bids/participants.h"

namespace hypersynth::bids {
namespace {

DatasetDescription describe(const FileSource& source, const fs::path& root,
                            const IndexOptions& options, Issues& issues) {
  try {
    return read_description(source, issues);
  } catch (const DatasetError& error) {
    if (options.require_description)
      throw DatasetError(error.code(), (root / error.issue().path).string(), error.issue().message);
    issues.push_back(error.issue());
    return {};
  }
}

/// The folder's labels after `prefix`.
void collect_labels(const FileTree& tree, DirectoryId directory, std::string_view prefix,
                    std::set<std::string>& labels) {
  const auto name = tree.directory_name(directory);
  if (name.starts_with(prefix) && name.size() > prefix.size())
    labels.emplace(name.substr(prefix.size()));
}

}  // namespace

struct Layout::State {
  State(std::shared_ptr<const FileSource> files, fs::path folder, DatasetDescription text,
        FileTree found, std::vector<FileId> anatomical, Issues findings)
      : source(std::move(files)),
        root(std::move(folder)),
        description(std::move(text)),
        tree(std::move(found)),
        names(tree),
        inheritance(tree, names),
        images(std::move(anatomical)),
        issues(std::move(findings)),
        sidecars(*source, tree, inheritance) {
    for (DirectoryId directory = 0; directory < tree.directory_count(); ++directory)
      datatypes.push_back(datatype_of(tree, directory));
  }

  DataFile data_file(FileId file, const NameView& view) const {
    Name name = to_name(view);
    return {file,
            tree.path(file),
            std::move(name.entities),
            std::move(name.suffix),
            std::move(name.extension),
            std::string(datatypes[tree.directory(file)]),
            !tree.is_broken_link(file)};
  }

  std::shared_ptr<const FileSource> source;
  fs::path root;
  DatasetDescription description;
  FileTree tree;
  NameIndex names;
  Inheritance inheritance;
  std::vector<FileId> images;
  std::vector<std::string_view> datatypes;  ///< of every folder
  Issues issues;
  mutable SidecarReader sidecars;
  mutable std::mutex mutex;
  mutable Issues reported;
};

Layout::Layout(std::unique_ptr<State> state) : state_(std::move(state)) {}
Layout::~Layout() = default;
Layout::Layout(Layout&&) noexcept = default;
Layout& Layout::operator=(Layout&&) noexcept = default;

Layout Layout::index(const fs::path& root, const IndexOptions& options) {
  if (options.database_dir.empty()) return index(disk_source(root), root, options);
  const auto cache = std::make_shared<ListingCache>(disk_source(root), root, options.database_dir);
  Layout layout = index(cache, root, options);
  cache->save();
  for (auto& issue : cache->issues()) layout.state_->issues.push_back(std::move(issue));
  return layout;
}

Layout Layout::index(std::shared_ptr<const FileSource> source, const fs::path& root,
                     const IndexOptions& options) {
  Issues issues;
  DatasetDescription description = describe(*source, root, options, issues);
  const bool derivative = description.is_derivative() || options.is_derivative;
  if (derivative && !options.is_derivative)
    issues.push_back(
        {IssueCode::kDatasetIsDerivative, "dataset_description.json",
         "DatasetType is derivative: only images with the names of raw ones are used"});
  FileTree tree = discover(*source, derivative, issues);
  std::vector<FileId> images = find_anatomical_images(tree, derivative, issues);
  check_links(tree, images, issues);
  Layout layout(std::make_unique<State>(std::move(source), root, std::move(description),
                                        std::move(tree), std::move(images), std::move(issues)));
  check_participants(layout, layout.state_->issues);
  return layout;
}

const fs::path& Layout::root() const { return state_->root; }
const DatasetDescription& Layout::description() const { return state_->description; }
const FileTree& Layout::tree() const { return state_->tree; }

std::vector<std::string> Layout::subjects() const {
  std::set<std::string> labels;
  for (DirectoryId directory = 1; directory < tree().directory_count(); ++directory) {
    if (tree().parent(directory) == DirectoryId{0})
      collect_labels(tree(), directory, "sub-", labels);
  }
  return {labels.begin(), labels.end()};
}

std::vector<std::string> Layout::sessions() const {
  std::set<std::string> labels;
  for (DirectoryId directory = 1; directory < tree().directory_count(); ++directory)
    collect_labels(tree(), directory, "ses-", labels);
  return {labels.begin(), labels.end()};
}

std::vector<DataFile> Layout::find(const Query& query) const {
  const auto ids_of = [&](const std::vector<std::string>& texts) {
    std::vector<NameIndex::TextId> ids;
    for (const auto& text : texts) {
      if (const auto id = state_->names.id(text); id != NameIndex::kNone) ids.push_back(id);
    }
    return ids;
  };
  const auto allows = [](const auto& wanted, const auto& allowed, const auto& value) {
    return wanted.empty() || std::find(allowed.begin(), allowed.end(), value) != allowed.end();
  };
  const auto suffixes = ids_of(query.suffixes);
  const auto extensions = ids_of(query.extensions);
  std::vector<DataFile> found;
  for (FileId file = 0; file < tree().file_count(); ++file) {
    const auto suffix = state_->names.suffix(file);
    if (suffix == NameIndex::kNone || !allows(query.suffixes, suffixes, suffix) ||
        !allows(query.extensions, extensions, state_->names.extension(file)) ||
        !allows(query.datatypes, query.datatypes, state_->datatypes[tree().directory(file)]))
      continue;
    const auto view = parse_name_view(tree().name(file));
    if (accepts(query, *view)) found.push_back(state_->data_file(file, *view));
  }
  return found;
}

std::optional<DataFile> Layout::find(std::string_view path) const {
  const auto file = tree().find(path);
  if (!file) return std::nullopt;
  const auto view = parse_name_view(tree().name(*file));
  if (!view) return std::nullopt;
  return state_->data_file(*file, *view);
}

std::vector<DataFile> Layout::anatomical_images() const {
  std::vector<DataFile> images;
  images.reserve(state_->images.size());
  for (const FileId file : state_->images)
    images.push_back(state_->data_file(file, *parse_name_view(tree().name(file))));
  return images;
}

Metadata Layout::metadata(const DataFile& file) const { return state_->sidecars.read(file.id); }

std::vector<DataFile> Layout::applicable(const DataFile& file, std::string_view extension) const {
  std::vector<DataFile> found;
  for (const auto& inherited : state_->inheritance.applicable(file.id, extension))
    found.push_back(
        state_->data_file(inherited.file, *parse_name_view(tree().name(inherited.file))));
  return found;
}

std::optional<DataFile> Layout::nearest(const DataFile& file, std::string_view extension) const {
  const auto inherited = state_->inheritance.nearest(file.id, extension);
  if (!inherited) return std::nullopt;
  return state_->data_file(inherited->file, *parse_name_view(tree().name(inherited->file)));
}

std::string Layout::read(std::string_view path) const {
  return state_->source->read(std::string(path));
}

Issues Layout::issues() const {
  Issues all = state_->issues;
  const Issues sidecars = state_->sidecars.issues();
  all.insert(all.end(), sidecars.begin(), sidecars.end());
  const std::lock_guard lock(state_->mutex);
  all.insert(all.end(), state_->reported.begin(), state_->reported.end());
  return all;
}

void Layout::report(const Issue& issue) const {
  const std::lock_guard lock(state_->mutex);
  auto& reported = state_->reported;
  if (std::find(reported.begin(), reported.end(), issue) == reported.end())
    reported.push_back(issue);
}

std::size_t Layout::memory_bytes() const {
  return state_->tree.memory_bytes() + state_->names.memory_bytes() +
         state_->inheritance.memory_bytes() + state_->images.capacity() * sizeof(FileId) +
         state_->datatypes.capacity() * sizeof(std::string_view);
}

}  // namespace hypersynth::bids
