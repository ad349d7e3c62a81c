#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/container/small_vector.hpp>
#include <nlohmann/json_fwd.hpp>

namespace hypersynth::bids {

/// The entities of BIDS 1.10.1 and of the template and atlas datasets, in the order in which a file
/// name carries them (schema: rules/entities.yaml).
enum class Entity : std::uint8_t {
  kSubject,
  kTemplate,
  kSession,
  kCohort,
  kSample,
  kTask,
  kTracksys,
  kAcquisition,
  kNucleus,
  kVolume,
  kCeagent,
  kTracer,
  kStain,
  kReconstruction,
  kDirection,
  kRun,
  kModality,
  kEcho,
  kFlip,
  kInversion,
  kMtransfer,
  kPart,
  kProcessing,
  kHemisphere,
  kSpace,
  kSplit,
  kRecording,
  kChunk,
  kAtlas,
  kSegmentation,
  kScale,
  kResolution,
  kDensity,
  kLabel,
  kDescription,
};

struct EntityKind {
  Entity entity;
  std::string_view key;   ///< as in file names, "acq"
  std::string_view name;  ///< as in JSON and filter files, "acquisition"
  bool is_index;          ///< an index: 1, 01 and 001 are equal
};

/// Every entity once, in file name order.
std::span<const EntityKind> entity_kinds();

const EntityKind& entity_kind(Entity entity);

/// The entity with this key ("acq").
std::optional<Entity> entity_with_key(std::string_view key);

/// The entity with this key or name ("acq", "acquisition").
std::optional<Entity> entity_named(std::string_view key_or_name);

/// True for one or more letters, digits or `+`.
bool is_label(std::string_view text);

/// True where two values of `entity` are the same: indices by number, labels by letter.
bool same_value(Entity entity, std::string_view a, std::string_view b);

/// The entities of one file name. Entities outside the standard are kept by their key.
class Entities {
 public:
  using Other = std::pair<std::string, std::string>;

  std::optional<std::string_view> get(Entity entity) const;
  bool has(Entity entity) const { return get(entity).has_value(); }
  /// Adds or replaces; throws std::invalid_argument where `value` is no label.
  void set(Entity entity, std::string_view value);
  void erase(Entity entity);
  bool empty() const { return known_.empty() && other_.empty(); }

  /// In file name order.
  const std::vector<std::pair<Entity, std::string>>& known() const { return known_; }
  /// Keys outside the standard, in the order of the file name.
  const std::vector<Other>& other() const { return other_; }
  /// Adds a key outside the standard; throws std::invalid_argument where either is no label.
  void add_other(std::string_view key, std::string_view value);

  bool operator==(const Entities&) const = default;

 private:
  std::vector<std::pair<Entity, std::string>> known_;
  std::vector<Other> other_;
};

/// A file name taken apart: `sub-01_acq-x_T1w.nii.gz` has entities sub and acq, suffix `T1w` and
/// extension `.nii.gz`.
struct Name {
  Entities entities;
  std::string suffix;
  std::string extension;  ///< from the first dot after the suffix on; may be empty

  bool operator==(const Name&) const = default;
};

/// `file_name` (no folder) taken apart; nothing where it is not key-label pairs joined by `_` and a
/// suffix, or where an entity comes twice.
std::optional<Name> parse_name(std::string_view file_name);

/// The file name, entities in the standard's order; the inverse of parse_name.
std::string format_name(const Name& name);

/// {"subject": "01", "session": ...}: the standard's long names.
nlohmann::json to_json(const Entities& entities);

/// A parsed name that refers to the text it was parsed from; what indexing uses.
struct NameView {
  struct Pair {
    std::optional<Entity> entity;  ///< nothing = outside the standard
    std::string_view key;
    std::string_view value;
  };
  boost::container::small_vector<Pair, 8> pairs;  ///< in the order of the file name
  std::string_view suffix;
  std::string_view extension;

  std::optional<std::string_view> get(Entity entity) const;
  /// True where the pairs come in the standard's order.
  bool in_order() const;
};

/// As parse_name, without copies.
std::optional<NameView> parse_name_view(std::string_view file_name);

/// The owning form of `view`.
Name to_name(const NameView& view);

}  // namespace hypersynth::bids
