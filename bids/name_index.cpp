#include "bids/name_index.h"

#include "bids/entities.h"

namespace hypersynth::bids {

NameIndex::NameIndex(const FileTree& tree) : names_(tree.file_count()) {
  for (FileId file = 0; file < tree.file_count(); ++file) {
    const auto view = parse_name_view(tree.name(file));
    if (view) names_[file] = {intern(view->suffix), intern(view->extension)};
  }
}

NameIndex::TextId NameIndex::id(std::string_view text) const {
  const auto found = ids_.find(std::string(text));
  return found == ids_.end() ? kNone : found->second;
}

NameIndex::TextId NameIndex::intern(std::string_view text) {
  const auto [place, added] = ids_.try_emplace(std::string(text), texts_.size());
  if (added) texts_.emplace_back(text);
  return place->second;
}

std::size_t NameIndex::memory_bytes() const {
  std::size_t bytes = names_.capacity() * sizeof(Ids);
  for (const auto& text : texts_) bytes += 2 * (sizeof(text) + text.capacity()) + sizeof(void*) * 4;
  return bytes;
}

}  // namespace hypersynth::bids
