#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hypersynth {

/// Element types of the safetensors format that models are made of.
enum class ElementType { kF16, kBF16, kF32, kF64, kI32, kI64, kU8 };

std::size_t element_size(ElementType type);
std::string_view to_string(ElementType type);
bool is_floating(ElementType type);

/// "[16, 1, 3, 3, 3]", for messages.
std::string shape_text(const std::vector<std::int64_t>& shape);

/// One tensor inside a file: C order, little-endian; `data` points into the file's bytes.
struct TensorView {
  ElementType type = ElementType::kF32;
  std::vector<std::int64_t> shape;
  const std::byte* data = nullptr;
  std::size_t bytes = 0;

  std::int64_t element_count() const;
};

/// A file of named tensors (https://github.com/huggingface/safetensors, format section).
///
/// Every length and offset is checked against the file before it is used: a truncated file, a
/// header beyond the file or above 100 MB, overlapping tensors, gaps, an unknown type, or a shape
/// that does not fit its bytes throw InputError with `name`, what was expected and what was found.
class Safetensors {
 public:
  Safetensors() = default;
  Safetensors(Safetensors&&) = default;
  Safetensors& operator=(Safetensors&&) = default;
  Safetensors(const Safetensors&) = delete;  // the views point into the bytes
  Safetensors& operator=(const Safetensors&) = delete;

  static Safetensors read(const std::string& path);
  static Safetensors parse(std::vector<std::byte> bytes, const std::string& name);

  const std::string& name() const { return name_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  const std::map<std::string, TensorView>& tensors() const { return tensors_; }

  /// Values of a floating-point tensor widened to float32; throws InputError where the tensor is
  /// missing, of another type, or not of `shape`.
  std::vector<float> floats(const std::string& tensor,
                            const std::vector<std::int64_t>& shape) const;

 private:
  std::string name_;
  std::vector<std::byte> bytes_;
  std::map<std::string, std::string> metadata_;
  std::map<std::string, TensorView> tensors_;
};

/// A safetensors file of these tensors, sorted by name, with its data aligned to 8 bytes; throws
/// std::invalid_argument where a tensor's bytes do not fit its shape.
std::vector<std::byte> format_safetensors(const std::map<std::string, TensorView>& tensors,
                                          const std::map<std::string, std::string>& metadata);

/// Writes format_safetensors(...) to a temporary name beside `path`, then renames it; throws Error
/// (kCannotCreateOutput or kIo).
void write_safetensors(const std::string& path, const std::map<std::string, TensorView>& tensors,
                       const std::map<std::string, std::string>& metadata);

/// IEEE 754 half precision to single, exact.
float float_from_half(std::uint16_t half);

/// Single to half precision, round to nearest even; overflow gives infinity.
std::uint16_t half_from_float(float value);

}  // namespace hypersynth
