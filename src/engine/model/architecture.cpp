#include "engine/model/architecture.h"

#include <algorithm>
#include <initializer_list>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "core/joined.h"
#include "engine/model/json_reading.h"

namespace hypersynth {

namespace {

constexpr std::size_t kMostLevels = 8;

struct NormName {
  Norm norm;
  const char* name;
};
constexpr NormName kNorms[] = {
    {Norm::kNone, "none"}, {Norm::kInstance, "instance"}, {Norm::kBatch, "batch"}};

const char* name_of(Norm norm) {
  return std::find_if(std::begin(kNorms), std::end(kNorms),
                      [&](const NormName& row) { return row.norm == norm; })
      ->name;
}

/// Takes fields out of a JSON object.
class FieldReader {
 public:
  explicit FieldReader(const nlohmann::json& json) : json_(json) {}

  template <typename Integer>
  void operator()(const char* name, Integer& field, std::int64_t least, std::int64_t most) const {
    field = static_cast<Integer>(integer_at(json_, name, least, most));
  }

  void operator()(const char* name, std::vector<std::int64_t>& field, std::int64_t least,
                  std::int64_t most) const {
    const auto& list = list_at(json_, name);
    if (list.empty() || list.size() > kMostLevels) {
      throw JsonError("1 to " + std::to_string(kMostLevels) + " elements in \"" + name + "\"",
                      std::to_string(list.size()));
    }
    field.clear();
    for (const auto& element : list)
      field.push_back(
          integer_of(element, std::string("an element of \"") + name + "\"", least, most));
  }

  void operator()(const char* name, Norm& field, std::initializer_list<Norm> allowed) const {
    const auto& text = text_at(json_, name);
    std::string choices;
    for (const Norm norm : allowed) {
      choices += (choices.empty() ? "" : ", ") + std::string(name_of(norm));
      if (text != name_of(norm)) continue;
      field = norm;
      return;
    }
    throw JsonError(std::string("\"") + name + "\", one of " + choices, text);
  }

 private:
  const nlohmann::json& json_;
};

/// Puts fields into a JSON object.
class FieldWriter {
 public:
  explicit FieldWriter(nlohmann::ordered_json& json) : json_(json) {}

  template <typename Field>
  void operator()(const char* name, const Field& field, std::int64_t, std::int64_t) const {
    json_[name] = field;
  }

  void operator()(const char* name, const Norm& field, std::initializer_list<Norm>) const {
    json_[name] = name_of(field);
  }

 private:
  nlohmann::ordered_json& json_;
};

/// Calls action(options) with default options of every kind until it returns true.
template <std::size_t index = 0, typename Action>
bool any_kind(Action&& action) {
  if constexpr (index == std::variant_size_v<Architecture>) {
    return false;
  } else {
    using Options = std::variant_alternative_t<index, Architecture>;
    return action(Options()) || any_kind<index + 1>(action);
  }
}

}  // namespace

std::vector<std::string> architecture_names() {
  std::vector<std::string> names;
  any_kind([&](const auto& kind) {
    names.push_back(kind.kName);
    return false;
  });
  return names;
}

std::string known_architectures() { return joined(architecture_names(), ", "); }

Architecture make_architecture(const std::string& name, const NetworkChoice& choice) {
  Architecture architecture;
  const bool known = any_kind([&](const auto& kind) {
    if (name != kind.kName) return false;
    architecture = kind.from(choice);
    return true;
  });
  if (!known)
    throw std::invalid_argument("unknown network '" + name + "': choose from " +
                                known_architectures());
  return architecture;
}

const char* name_of(const Architecture& architecture) {
  return std::visit([](const auto& options) { return options.kName; }, architecture);
}

int dimensions_of(const Architecture& architecture) {
  return std::visit([](const auto& options) { return options.dimensions; }, architecture);
}

std::int64_t classes_of(const Architecture& architecture) {
  return std::visit([](const auto& options) { return options.out_channels; }, architecture);
}

std::int64_t side_multiple_of(const Architecture& architecture) {
  return std::visit([](const auto& options) { return options.side_multiple(); }, architecture);
}

std::int64_t rounded_up(std::int64_t side, std::int64_t multiple) {
  return (side + multiple - 1) / multiple * multiple;
}

std::int64_t finest_features_of(const Architecture& architecture) {
  return tensors_of(architecture).parameters.front().shape.front();
}

NetworkTensors tensors_of(const Architecture& architecture) {
  return std::visit([](const auto& options) { return tensors_of(options); }, architecture);
}

nlohmann::ordered_json to_json(const Architecture& architecture) {
  nlohmann::ordered_json json{{"name", name_of(architecture)}};
  std::visit([&](const auto& options) { options.visit_fields(options, FieldWriter(json)); },
             architecture);
  return json;
}

Architecture architecture_from_json(const nlohmann::json& json, std::int64_t classes) {
  const auto& name = text_at(json, "name");
  Architecture architecture;
  const bool known = any_kind([&](auto options) {
    if (name != options.kName) return false;
    options.visit_fields(options, FieldReader(json));
    options.out_channels = classes;
    architecture = options;
    return true;
  });
  if (!known) throw JsonError("\"name\", one of " + known_architectures(), name);
  return architecture;
}

bool same_architecture(const Architecture& a, const Architecture& b) {
  return to_json(a) == to_json(b) && classes_of(a) == classes_of(b);
}

}  // namespace hypersynth
