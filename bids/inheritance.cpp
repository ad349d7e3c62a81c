#include "bids/inheritance.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace hypersynth::bids {
namespace {

/// Extensions of the sidecars and tables that can apply to other files.
constexpr std::array<std::string_view, 5> kInheritable = {".json", ".tsv", ".tsv.gz", ".bval",
                                                          ".bvec"};

/// True if every entity of `sidecar` is one of `data` with the same value.
bool applies(const NameView& sidecar, const NameView& data) {
  return std::all_of(sidecar.pairs.begin(), sidecar.pairs.end(), [&](const NameView::Pair& pair) {
    return std::any_of(data.pairs.begin(), data.pairs.end(), [&](const NameView::Pair& own) {
      if (pair.entity != own.entity || pair.key != own.key) return false;
      return pair.entity ? same_value(*pair.entity, pair.value, own.value)
                         : pair.value == own.value;
    });
  });
}

}  // namespace

Inheritance::Inheritance(const FileTree& tree, const NameIndex& names)
    : tree_(&tree), names_(&names) {
  std::vector<NameIndex::TextId> extensions;
  for (const auto extension : kInheritable) {
    if (names.id(extension) != NameIndex::kNone) extensions.push_back(names.id(extension));
  }
  for (FileId file = 0; file < tree.file_count(); ++file) {
    if (std::find(extensions.begin(), extensions.end(), names.extension(file)) != extensions.end())
      order_.push_back(file);
  }
  const auto key = [&](FileId file) {
    return std::tuple(tree.directory(file), names.suffix(file), names.extension(file), file);
  };
  std::sort(order_.begin(), order_.end(), [&](FileId a, FileId b) { return key(a) < key(b); });
  order_.shrink_to_fit();
}

std::span<const FileId> Inheritance::candidates(DirectoryId directory, NameIndex::TextId suffix,
                                                NameIndex::TextId extension) const {
  const auto key = [&](FileId file) {
    return std::tuple(tree_->directory(file), names_->suffix(file), names_->extension(file));
  };
  const auto wanted = std::tuple(directory, suffix, extension);
  const auto first = std::lower_bound(order_.begin(), order_.end(), wanted,
                                      [&](FileId file, const auto& k) { return key(file) < k; });
  auto last = first;
  while (last != order_.end() && key(*last) == wanted) ++last;
  return {order_.data() + (first - order_.begin()), static_cast<std::size_t>(last - first)};
}

void Inheritance::append(DirectoryId directory, const NameView& name, NameIndex::TextId suffix,
                         NameIndex::TextId extension, std::vector<Inherited>& found) const {
  std::vector<std::pair<std::size_t, FileId>> here;
  for (const FileId file : candidates(directory, suffix, extension)) {
    const auto sidecar = parse_name_view(tree_->name(file));
    if (applies(*sidecar, name)) here.emplace_back(sidecar->pairs.size(), file);
  }
  std::sort(here.rbegin(), here.rend());
  // A sidecar with all entities of the file belongs to this file; the other sidecars here are then
  // meant for other files of the folder.
  const bool has_own = !here.empty() && here.front().first == name.pairs.size();
  if (has_own) here.resize(1);
  for (const auto& [entities, file] : here) found.push_back({file, here.size() > 1});
}

std::vector<Inherited> Inheritance::applicable(FileId file, std::string_view extension) const {
  std::vector<Inherited> found;
  const auto name = parse_name_view(tree_->name(file));
  const auto id = names_->id(extension);
  if (!name || id == NameIndex::kNone) return found;
  for (std::optional<DirectoryId> directory = tree_->directory(file); directory;
       directory = tree_->parent(*directory))
    append(*directory, *name, names_->suffix(file), id, found);
  return found;
}

std::optional<Inherited> Inheritance::nearest(FileId file, std::string_view extension) const {
  const auto found = applicable(file, extension);
  return found.empty() ? std::nullopt : std::optional(found.front());
}

}  // namespace hypersynth::bids
