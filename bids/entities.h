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

/// The entities of BIDS 1.10.1, including those of template and atlas datasets. Their order here is
/// the order in which a file name carries them (schema: rules/entities.yaml).
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

/// How an entity is spelled, and what kind of value it has.
struct EntityKind {
  Entity entity;
  std::string_view key;   ///< as file names spell it, "acq"
  std::string_view name;  ///< as JSON and filter files spell it, "acquisition"
  bool is_index;          ///< the value is a number, of which 1, 01 and 001 are equal
};

/// All entities in file name order, each once.
std::span<const EntityKind> entity_kinds();

/// The row of `entity` in entity_kinds().
const EntityKind& entity_kind(Entity entity);

/// The entity with this key ("acq"); nothing if the standard has none.
std::optional<Entity> entity_with_key(std::string_view key);

/// The entity with this key or this name ("acq" or "acquisition"); nothing if the standard has
/// none.
std::optional<Entity> entity_named(std::string_view key_or_name);

/// True if `text` can be the value of an entity: one or more letters, digits or `+`.
bool is_label(std::string_view text);

/// True if `a` and `b` are the same value of `entity`. Two numbers of an index entity are compared
/// without leading zeros; all other values must be equal character by character.
bool same_value(Entity entity, std::string_view a, std::string_view b);

/// The entities of one file name. An entity that the standard does not have is kept with its key.
class Entities {
 public:
  /// Key and value of an entity outside the standard.
  using Other = std::pair<std::string, std::string>;

  std::optional<std::string_view> get(Entity entity) const;
  bool has(Entity entity) const { return get(entity).has_value(); }
  /// Adds the entity or replaces its value; throws std::invalid_argument if `value` is not a label.
  void set(Entity entity, std::string_view value);
  void erase(Entity entity);
  bool empty() const { return known_.empty() && other_.empty(); }

  /// The entities of the standard with their values, in file name order.
  const std::vector<std::pair<Entity, std::string>>& known() const { return known_; }
  /// The entities outside the standard, in the order in which they were added.
  const std::vector<Other>& other() const { return other_; }
  /// Adds an entity outside the standard. Throws std::invalid_argument if `key` is not made of
  /// letters and digits or `value` is not a label.
  void add_other(std::string_view key, std::string_view value);

  bool operator==(const Entities&) const = default;

 private:
  std::vector<std::pair<Entity, std::string>> known_;
  std::vector<Other> other_;
};

/// A BIDS file name taken apart: `sub-01_acq-x_T1w.nii.gz` has the entities sub and acq, the suffix
/// `T1w` and the extension `.nii.gz`.
struct Name {
  Entities entities;
  std::string suffix;
  std::string extension;  ///< everything from the first dot after the suffix on; may be empty

  bool operator==(const Name&) const = default;
};

/// Takes `file_name` (without its folder) apart. Returns nothing if it does not consist of
/// key-label pairs and a suffix joined by `_`, or if a key occurs twice.
std::optional<Name> parse_name(std::string_view file_name);

/// The file name with the entities of the standard in their order, followed by those outside it.
/// The inverse of parse_name() for names that are in this order already.
std::string format_name(const Name& name);

/// The entities as a JSON object with the standard's long names: {"subject": "01", "session": "1"}.
/// Entities outside the standard have their key.
nlohmann::json to_json(const Entities& entities);

/// A parsed name whose parts are views into the text that was parsed, which must outlive it.
/// Indexing uses it because it parses every name of a dataset.
struct NameView {
  struct Pair {
    std::optional<Entity> entity;  ///< nothing for an entity outside the standard
    std::string_view key;
    std::string_view value;
  };
  boost::container::small_vector<Pair, 8> pairs;  ///< in the order of the file name
  std::string_view suffix;
  std::string_view extension;

  std::optional<std::string_view> get(Entity entity) const;
  /// True if the entities of the standard come in its order.
  bool in_order() const;
};

/// As parse_name(), but without copying the text.
std::optional<NameView> parse_name_view(std::string_view file_name);

/// Copies `view` into a name that owns its text.
Name to_name(const NameView& view);

}  // namespace hypersynth::bids
