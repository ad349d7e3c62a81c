#include "engine/data/packed_data.h"

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <sys/mman.h>
#include <sys/stat.h>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/regular_file.h"
#include "engine/model/json_reading.h"

namespace hypersynth {
namespace {

using Json = nlohmann::ordered_json;

// "HSPACK02", the arrays at multiples of 64, the JSON index, its length (8 bytes), "HSPACK02".
constexpr char kMagic[] = "HSPACK02";
constexpr char kOldMagic[] = "HSPACK01";
constexpr std::size_t kMagicBytes = 8;
constexpr std::size_t kFooter = 16;
constexpr std::uint64_t kAlignment = 64;
constexpr std::int64_t kLongestSide = 4096;

/// Of a file whose arrays end after `bytes`.
class IndexReader {
 public:
  IndexReader(const std::string& path, const std::byte* data, std::uint64_t bytes)
      : path_(path), data_(data), bytes_(bytes) {}

  PackedVolume volume(const nlohmann::json& entry) const {
    PackedVolume result;
    result.name = text_at(entry, "name");
    result.validation = boolean_at(entry, "validation");
    const auto& shape = triple(entry, "shape");
    const auto& box = triple(entry, "box");
    std::uint64_t voxels = 1;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      result.shape[axis] = integer_of(shape[axis], "a side of \"shape\"", 1, kLongestSide);
      voxels *= static_cast<std::uint64_t>(result.shape[axis]);
      const auto& range = box[axis];
      if (!range.is_array() || range.size() != 2)
        throw JsonError("\"box\", pairs of integers", "another value");
      result.box[axis] = {integer_of(range[0], "a bound of \"box\"", 0, result.shape[axis]),
                          integer_of(range[1], "a bound of \"box\"", 0, result.shape[axis])};
    }
    result.labels = array<std::uint8_t>(entry, "labels", voxels);
    if (entry.contains("image")) result.image = array<float>(entry, "image", voxels);
    return result;
  }

 private:
  static const nlohmann::json& triple(const nlohmann::json& entry, const char* key) {
    const auto& list = list_at(entry, key);
    if (list.size() != 3)
      throw JsonError(std::string("three elements in \"") + key + "\"",
                      std::to_string(list.size()));
    return list;
  }

  template <typename T>
  const T* array(const nlohmann::json& entry, const char* key, std::uint64_t elements) const {
    const auto start = static_cast<std::uint64_t>(integer_at(entry, key, 0));
    if (start % kAlignment != 0 || start > bytes_ || elements * sizeof(T) > bytes_ - start)
      throw InputError(path_, "arrays inside the file", "one that ends beyond it");
    return reinterpret_cast<const T*>(data_ + start);
  }

  const std::string& path_;
  const std::byte* data_;
  std::uint64_t bytes_;
};

}  // namespace

/// A file mapped for reading.
class PackedData::Mapping {
 public:
  explicit Mapping(const std::string& path) {
    FileDescriptor file;
    try {
      file = open_regular_file(AT_FDCWD, path, &bytes_);
    } catch (const std::system_error&) {
      throw InputError(path, "a file of packed training data", "no readable file",
                       ExitCode::kInputMissing);
    }
    if (bytes_ > 0) data_ = ::mmap(nullptr, bytes_, PROT_READ, MAP_SHARED, file.get(), 0);
    if (data_ == MAP_FAILED) throw Error(ExitCode::kIo, path + ": cannot be mapped into memory");
  }
  ~Mapping() {
    if (data_ != nullptr) ::munmap(data_, bytes_);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  const std::byte* data() const { return static_cast<const std::byte*>(data_); }
  std::uint64_t size() const { return bytes_; }

 private:
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

PackedData PackedData::open(const std::string& name) {
  PackedData packed;
  const auto mapping = std::make_shared<const Mapping>(name);
  const auto* data = mapping->data();
  const auto size = mapping->size();
  if (size >= kMagicBytes && std::memcmp(data, kOldMagic, kMagicBytes) == 0)
    throw InputError(name, "a file of this version of hypersynth-pack",
                     "one of an earlier version: pack again");
  if (size < kMagicBytes + kFooter || std::memcmp(data, kMagic, kMagicBytes) != 0)
    throw InputError(name, "a file written by hypersynth-pack", "another kind of file");
  const auto* footer = data + size - kFooter;
  std::uint64_t index_bytes = 0;
  std::memcpy(&index_bytes, footer, sizeof index_bytes);
  if (std::memcmp(footer + sizeof index_bytes, kMagic, kMagicBytes) != 0 ||
      index_bytes > size - kMagicBytes - kFooter)
    throw InputError(name, "an index at the end of the file", "a truncated file");
  const auto arrays_end = size - kFooter - index_bytes;
  const IndexReader reader(name, data, arrays_end);
  try {
    const auto index = parse_json(
        {reinterpret_cast<const char*>(data + arrays_end), static_cast<std::size_t>(index_bytes)});
    packed.table_ = parse_label_table(text_at(index, "label_table"), name);
    packed.spacing_mm_ = number_at(index, "spacing_mm");
    if (index.contains("undrawn_labels")) {
      for (const auto& label : list_at(index, "undrawn_labels")) {
        const auto value = static_cast<std::int32_t>(
            integer_of(label, "a label of \"undrawn_labels\"", INT32_MIN, INT32_MAX));
        if (packed.table_.class_of(value) <= 0)
          throw JsonError("segmented structures in \"undrawn_labels\"", std::to_string(value));
        auto& earlier = packed.undrawn_labels_;
        if (std::find(earlier.begin(), earlier.end(), value) != earlier.end())
          throw JsonError("every structure of \"undrawn_labels\" once",
                          std::to_string(value) + " again");
        earlier.push_back(value);
      }
    }
    for (const auto& entry : list_at(index, "volumes")) {
      auto volume = reader.volume(entry);
      auto& list = volume.image == nullptr ? packed.label_maps_ : packed.real_images_;
      list.push_back(std::move(volume));
    }
  } catch (const JsonError& error) {
    throw InputError(name, "a readable index: " + error.expected(), error.found());
  }
  packed.mapping_ = mapping;
  packed.path_ = name;
  return packed;
}

class PackedDataWriter::File {
 public:
  File(const std::string& path, const LabelTable& table, double spacing_mm,
       const std::vector<std::int32_t>& undrawn)
      : file_(path),
        index_{{"label_table", format_label_table(table)}, {"spacing_mm", spacing_mm}} {
    if (!undrawn.empty()) index_["undrawn_labels"] = undrawn;
    index_["volumes"] = Json::array();
    write(kMagic, kMagicBytes);
  }

  void add(const PackedVolume& volume) {
    const auto voxels = static_cast<std::uint64_t>(volume.voxel_count());
    Json entry{{"name", volume.name},
               {"validation", volume.validation},
               {"shape", volume.shape},
               {"box", volume.box},
               {"labels", place(volume.labels, voxels)}};
    if (volume.image != nullptr) entry["image"] = place(volume.image, voxels * sizeof(float));
    index_["volumes"].push_back(std::move(entry));
  }

  void finish() {
    const auto index = to_text(index_);
    const std::uint64_t index_bytes = index.size();
    write(index.data(), index_bytes);
    write(&index_bytes, sizeof index_bytes);
    write(kMagic, kMagicBytes);
    file_.commit();
  }

 private:
  /// Writes an array and says where.
  std::uint64_t place(const void* array, std::uint64_t bytes) {
    const std::uint64_t offset = (end_ + kAlignment - 1) / kAlignment * kAlignment;
    const std::string zeros(static_cast<std::size_t>(offset - end_), '\0');
    write(zeros.data(), zeros.size());
    write(array, bytes);
    return offset;
  }

  void write(const void* data, std::uint64_t bytes) {
    file_.write({static_cast<const char*>(data), static_cast<std::size_t>(bytes)});
    end_ += bytes;
  }

  AtomicFile file_;
  std::uint64_t end_ = 0;
  Json index_;
};

PackedDataWriter::PackedDataWriter(const std::string& path, const LabelTable& table,
                                   double spacing_mm, const std::vector<std::int32_t>& undrawn)
    : file_(std::make_unique<File>(path, table, spacing_mm, undrawn)) {}

PackedDataWriter::~PackedDataWriter() = default;

void PackedDataWriter::add(const PackedVolume& volume) { file_->add(volume); }

void PackedDataWriter::finish() { file_->finish(); }

}  // namespace hypersynth
