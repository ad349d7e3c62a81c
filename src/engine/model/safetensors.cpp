#include "engine/model/safetensors.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/error.h"
#include "engine/model/json_reading.h"

namespace hypersynth {

namespace {

constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;

struct TypeName {
  ElementType type;
  std::string_view name;
  std::size_t size;
};

constexpr TypeName kTypes[] = {
    {ElementType::kF16, "F16", 2}, {ElementType::kBF16, "BF16", 2}, {ElementType::kF32, "F32", 4},
    {ElementType::kF64, "F64", 8}, {ElementType::kI32, "I32", 4},   {ElementType::kI64, "I64", 8},
    {ElementType::kU8, "U8", 1},
};

const TypeName& type_row(ElementType type) {
  return *std::find_if(std::begin(kTypes), std::end(kTypes),
                       [&](const TypeName& row) { return row.type == type; });
}

/// Product of the shape times the element size, or an error where it does not fit in 63 bits.
std::size_t checked_bytes(const std::vector<std::int64_t>& shape, ElementType type,
                          const std::string& file, const std::string& tensor) {
  std::uint64_t bytes = element_size(type);
  for (const auto extent : shape) {
    const auto factor = static_cast<std::uint64_t>(extent);
    if (extent < 0 || (factor != 0 && bytes > (std::uint64_t{1} << 62) / factor)) {
      throw InputError(file, "a shape of non-negative extents for tensor \"" + tensor + "\"",
                       shape_text(shape));
    }
    bytes *= factor;
  }
  return static_cast<std::size_t>(bytes);
}

TensorView parse_tensor(const std::string& file, const std::string& tensor,
                        const nlohmann::json& entry, const std::byte* data,
                        std::size_t data_bytes) {
  TensorView view;
  const std::string& type = text_at(entry, "dtype");
  const auto row = std::find_if(std::begin(kTypes), std::end(kTypes),
                                [&](const TypeName& candidate) { return candidate.name == type; });
  if (row == std::end(kTypes)) {
    throw InputError(file, "tensor \"" + tensor + "\" of type F16, BF16, F32, F64, I32, I64 or U8",
                     type);
  }
  view.type = row->type;
  for (const auto& extent : list_at(entry, "shape"))
    view.shape.push_back(integer_of(extent, "an element of \"shape\""));
  const auto& offsets = list_at(entry, "data_offsets");
  const bool pair = offsets.size() == 2;
  const char* what = "an element of \"data_offsets\"";
  const std::int64_t begin = pair ? integer_of(offsets[0], what) : -1;
  const std::int64_t end = pair ? integer_of(offsets[1], what) : -1;
  if (begin < 0 || end < begin || static_cast<std::uint64_t>(end) > data_bytes) {
    throw InputError(file,
                     "offsets of tensor \"" + tensor + "\" within the file's " +
                         std::to_string(data_bytes) + " data bytes",
                     pair ? offsets.dump() : "a list of " + std::to_string(offsets.size()));
  }
  view.data = data + begin;
  view.bytes = static_cast<std::size_t>(end - begin);
  const std::size_t expected = checked_bytes(view.shape, view.type, file, tensor);
  if (expected != view.bytes) {
    throw InputError(file,
                     std::to_string(expected) + " bytes for tensor \"" + tensor + "\" of shape " +
                         shape_text(view.shape),
                     std::to_string(view.bytes));
  }
  return view;
}

void check_tiling(const std::string& file, const std::map<std::string, TensorView>& tensors,
                  const std::byte* data, std::size_t data_bytes) {
  std::vector<std::pair<std::size_t, const std::pair<const std::string, TensorView>*>> order;
  for (const auto& tensor : tensors) {
    order.emplace_back(static_cast<std::size_t>(tensor.second.data - data), &tensor);
  }
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first, a.second->second.bytes) < std::pair(b.first, b.second->second.bytes);
  });
  std::size_t next = 0;
  for (const auto& [begin, tensor] : order) {
    if (begin != next) {
      throw InputError(file,
                       "tensors that follow each other without overlap or gap, \"" + tensor->first +
                           "\" at data byte " + std::to_string(next),
                       std::to_string(begin));
    }
    next = begin + tensor->second.bytes;
  }
  if (next != data_bytes) {
    throw InputError(file, std::to_string(next) + " data bytes", std::to_string(data_bytes));
  }
}

template <typename T>
T load(const std::byte* data) {
  T value;
  std::memcpy(&value, data, sizeof value);
  return value;
}

float float_at(const TensorView& view, std::size_t index) {
  const std::byte* data = view.data + index * element_size(view.type);
  switch (view.type) {
    case ElementType::kF16:
      return float_from_half(load<std::uint16_t>(data));
    case ElementType::kBF16: {
      const std::uint32_t bits = static_cast<std::uint32_t>(load<std::uint16_t>(data)) << 16;
      return load<float>(reinterpret_cast<const std::byte*>(&bits));
    }
    case ElementType::kF64:
      return static_cast<float>(load<double>(data));
    default:
      return load<float>(data);
  }
}

}  // namespace

std::size_t element_size(ElementType type) { return type_row(type).size; }

std::string_view to_string(ElementType type) { return type_row(type).name; }

bool is_floating(ElementType type) {
  return type == ElementType::kF16 || type == ElementType::kBF16 || type == ElementType::kF32 ||
         type == ElementType::kF64;
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (const auto extent : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
  return text + "]";
}

std::int64_t TensorView::element_count() const {
  return static_cast<std::int64_t>(bytes / element_size(type));
}

Safetensors Safetensors::read(const std::string& path) {
  std::error_code code;  // opening a named pipe would wait for its writer
  const bool regular = std::filesystem::is_regular_file(path, code);
  std::ifstream stream;
  if (regular) stream.open(path, std::ios::binary | std::ios::ate);
  if (!regular || !stream) {
    throw InputError(path, "a model file (safetensors)", "no readable file",
                     ExitCode::kInputMissing);
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(stream.tellg()));
  stream.seekg(0);
  stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!stream) throw Error(ExitCode::kIo, path + ": cannot be read");
  return parse(std::move(bytes), path);
}

Safetensors Safetensors::parse(std::vector<std::byte> bytes, const std::string& name) {
  Safetensors file;
  file.name_ = name;
  file.bytes_ = std::move(bytes);
  const std::size_t size = file.bytes_.size();
  if (size < 8) {
    throw InputError(name, "a safetensors file of at least 8 bytes", std::to_string(size));
  }
  const auto header_bytes = load<std::uint64_t>(file.bytes_.data());
  if (header_bytes > kMaxHeaderBytes || header_bytes > size - 8) {
    throw InputError(name,
                     "a safetensors header of at most " +
                         std::to_string(std::min<std::uint64_t>(kMaxHeaderBytes, size - 8)) +
                         " bytes",
                     std::to_string(header_bytes));
  }
  const std::byte* data = file.bytes_.data() + 8 + header_bytes;
  const std::size_t data_bytes = size - 8 - static_cast<std::size_t>(header_bytes);
  try {
    const auto header = parse_json({reinterpret_cast<const char*>(file.bytes_.data() + 8),
                                    static_cast<std::size_t>(header_bytes)});
    if (!header.is_object()) throw JsonError("an object", "another value");
    if (header.contains("__metadata__")) {
      for (const auto& [field, text] : object_at(header, "__metadata__").items())
        file.metadata_[field] = text_of(text, "\"" + field + "\" of the metadata");
    }
    for (const auto& [key, value] : header.items()) {
      if (key != "__metadata__")
        file.tensors_[key] = parse_tensor(name, key, value, data, data_bytes);
    }
  } catch (const JsonError& error) {
    throw InputError(name, "a safetensors header in JSON: " + error.expected(), error.found());
  }
  check_tiling(name, file.tensors_, data, data_bytes);
  return file;
}

std::vector<float> Safetensors::floats(const std::string& tensor,
                                       const std::vector<std::int64_t>& shape) const {
  const auto found = tensors_.find(tensor);
  if (found == tensors_.end()) throw InputError(name_, "a tensor \"" + tensor + "\"", "none");
  const TensorView& view = found->second;
  if (!is_floating(view.type)) {
    throw InputError(name_, "a floating-point tensor \"" + tensor + "\"",
                     std::string(to_string(view.type)));
  }
  if (view.shape != shape) {
    throw InputError(name_, "tensor \"" + tensor + "\" of shape " + shape_text(shape),
                     shape_text(view.shape));
  }
  std::vector<float> values(static_cast<std::size_t>(view.element_count()));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = float_at(view, i);
  return values;
}

std::vector<std::byte> format_safetensors(const std::map<std::string, TensorView>& tensors,
                                          const std::map<std::string, std::string>& metadata) {
  using Json = nlohmann::ordered_json;  // the metadata first, as other writers of the format do
  Json header = Json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::size_t end = 0;
  for (const auto& [name, view] : tensors) {
    if (checked_bytes(view.shape, view.type, "new file", name) != view.bytes) {
      throw std::invalid_argument("tensor \"" + name + "\": bytes do not fit its shape");
    }
    const std::size_t begin = end;
    end += view.bytes;
    header[name] = {{"dtype", to_string(view.type)},
                    {"shape", view.shape},
                    {"data_offsets", Json::array({begin, end})}};
  }
  std::string text = to_text(header);
  text.append((8 - text.size() % 8) % 8, ' ');
  std::vector<std::byte> bytes(8 + text.size() + end);
  const std::uint64_t length = text.size();
  std::memcpy(bytes.data(), &length, 8);
  std::memcpy(bytes.data() + 8, text.data(), text.size());
  std::byte* out = bytes.data() + 8 + text.size();
  for (const auto& [name, view] : tensors) {
    if (view.bytes > 0) std::memcpy(out, view.data, view.bytes);
    out += view.bytes;
  }
  return bytes;
}

void write_safetensors(const std::string& path, const std::map<std::string, TensorView>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  const auto bytes = format_safetensors(tensors, metadata);
  write_atomically(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

float float_from_half(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000U) << 16;
  const std::uint32_t exponent = (half >> 10) & 0x1fU;
  const std::uint32_t fraction = half & 0x3ffU;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
    return sign != 0 ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == 31 ? 0xffU : exponent + 112;
  const std::uint32_t bits = sign | (wide << 23) | (fraction << 13);
  return load<float>(reinterpret_cast<const std::byte*>(&bits));
}

std::uint16_t half_from_float(float value) {
  const auto bits = load<std::uint32_t>(reinterpret_cast<const std::byte*>(&value));
  const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000U);
  const std::uint32_t magnitude = bits & 0x7fffffffU;
  if (magnitude > 0x7f800000U) return sign | 0x7e00U;
  if (magnitude >= 0x477ff000U) return sign | 0x7c00U;
  // Below the smallest normal half: the value in units of 2^-24, rounded by the addition.
  if (magnitude < 0x38800000U) {
    const float scaled = load<float>(reinterpret_cast<const std::byte*>(&magnitude)) + 0.5F;
    const auto rounded = load<std::uint32_t>(reinterpret_cast<const std::byte*>(&scaled));
    return sign | static_cast<std::uint16_t>(rounded - 0x3f000000U);
  }
  const std::uint32_t odd = (magnitude >> 13) & 1U;
  return sign | static_cast<std::uint16_t>((magnitude - 0x38000000U + 0xfffU + odd) >> 13);
}

}  // namespace hypersynth
