#include "engine/data/packed_data.h"

#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/stat.h>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json.h"

namespace hypersynth {
namespace {

// "HSPACK01", length of the JSON index (8 bytes), the index, then the arrays at multiples of 64.
constexpr char kMagic[] = "HSPACK01";
constexpr std::size_t kMagicBytes = 8;
constexpr std::size_t kPreamble = 16;
constexpr std::uint64_t kAlignment = 64;

std::uint64_t aligned(std::uint64_t offset) {
  return (offset + kAlignment - 1) / kAlignment * kAlignment;
}

Json index_entry(const PackedVolume& volume, std::uint64_t& end) {
  const auto place = [&](std::uint64_t bytes) {
    const auto offset = aligned(end);
    end = offset + bytes;
    return static_cast<std::int64_t>(offset);
  };
  const auto voxels = static_cast<std::uint64_t>(volume.voxel_count());
  std::vector<Json> shape, box;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    shape.emplace_back(volume.shape[axis]);
    box.push_back(Json::array({volume.box[axis][0], volume.box[axis][1]}));
  }
  auto entry = Json::object({{"name", volume.name}, {"validation", volume.validation}});
  entry.add("shape", Json::array(shape));
  entry.add("box", Json::array(box));
  entry.add("labels", place(voxels));
  if (volume.image != nullptr) entry.add("image", place(voxels * sizeof(float)));
  return entry;
}

/// Offsets are relative to the end of the index.
class IndexReader {
 public:
  IndexReader(const std::string& path, const std::byte* data, std::uint64_t bytes)
      : path_(path), data_(data), bytes_(bytes) {}

  PackedVolume volume(const Json& entry) const {
    PackedVolume result;
    result.name = entry.at("name").string();
    result.validation = entry.at("validation").boolean();
    std::uint64_t voxels = 1;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const auto side = entry.at("shape").elements().at(axis).integer();
      if (side < 1 || side > 4096) throw JsonError("a side of " + std::to_string(side) + " voxels");
      result.shape[axis] = side;
      voxels *= static_cast<std::uint64_t>(side);
      const auto& range = entry.at("box").elements().at(axis).elements();
      result.box[axis] = {range.at(0).integer(), range.at(1).integer()};
      if (result.box[axis][0] < 0 || result.box[axis][1] > side)
        throw JsonError("a box outside the volume");
    }
    result.labels = array<std::uint8_t>(entry.at("labels"), voxels);
    if (const auto* image = entry.find("image")) result.image = array<float>(*image, voxels);
    return result;
  }

 private:
  template <typename T>
  const T* array(const Json& offset, std::uint64_t elements) const {
    const auto start = static_cast<std::uint64_t>(offset.integer());
    if (start % kAlignment != 0 || start > bytes_ || elements * sizeof(T) > bytes_ - start)
      throw InputError(path_, "arrays inside the file", "one that ends beyond it");
    return reinterpret_cast<const T*>(data_ + start);
  }

  const std::string& path_;
  const std::byte* data_;
  std::uint64_t bytes_;
};

/// Writes a file from its beginning to its end.
class Writer {
 public:
  explicit Writer(const std::string& path) : file_(path) {}

  void write(const void* data, std::uint64_t bytes) {
    file_.write({static_cast<const char*>(data), static_cast<std::size_t>(bytes)});
    end_ += bytes;
  }

  /// Fills up to `offset` with zeros.
  void fill(std::uint64_t offset) {
    const std::string zeros(static_cast<std::size_t>(offset - end_), '\0');
    write(zeros.data(), zeros.size());
  }

  void commit() { file_.commit(); }

 private:
  AtomicFile file_;
  std::uint64_t end_ = 0;
};

}  // namespace

/// A file mapped for reading.
class PackedData::Mapping {
 public:
  explicit Mapping(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status {};
    if (file < 0 || ::fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
      if (file >= 0) ::close(file);
      throw InputError(path, "a file of packed training data", "no readable file",
                       ExitCode::kInputMissing);
    }
    bytes_ = static_cast<std::size_t>(status.st_size);
    if (bytes_ > 0) data_ = ::mmap(nullptr, bytes_, PROT_READ, MAP_SHARED, file, 0);
    ::close(file);
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

PackedData PackedData::open(const std::filesystem::path& path) {
  PackedData packed;
  const auto name = path.string();
  const auto mapping = std::make_shared<const Mapping>(name);
  const auto* data = mapping->data();
  if (mapping->size() < kPreamble || std::memcmp(data, kMagic, kMagicBytes) != 0)
    throw InputError(name, "a file written by hypersynth-pack", "another kind of file");
  std::uint64_t index_bytes = 0;
  std::memcpy(&index_bytes, data + kMagicBytes, sizeof index_bytes);
  if (index_bytes > mapping->size() - kPreamble)
    throw InputError(name, "an index inside the file", "a truncated file");
  const auto base = aligned(kPreamble + index_bytes);
  const IndexReader reader(name, data + base, base > mapping->size() ? 0 : mapping->size() - base);
  try {
    const auto index = Json::parse(
        {reinterpret_cast<const char*>(data + kPreamble), static_cast<std::size_t>(index_bytes)});
    packed.table_ = parse_label_table(index.at("label_table").string(), name);
    packed.spacing_mm_ = index.at("spacing_mm").number();
    for (const auto& entry : index.at("volumes").elements()) {
      auto volume = reader.volume(entry);
      auto& list = volume.image == nullptr ? packed.label_maps_ : packed.real_images_;
      list.push_back(std::move(volume));
    }
  } catch (const JsonError& error) {
    throw InputError(name, "a readable index", error.what());
  } catch (const std::out_of_range&) {
    throw InputError(name, "a readable index", "one with too short a list");
  }
  packed.mapping_ = mapping;
  packed.path_ = name;
  return packed;
}

void write_packed_data(const std::filesystem::path& path, const LabelTable& table,
                       double spacing_mm, const std::vector<PackedVolume>& volumes) {
  std::uint64_t end = 0;
  std::vector<Json> entries;
  for (const auto& volume : volumes) entries.push_back(index_entry(volume, end));
  const auto index = Json::object({{"label_table", format_label_table(table)},
                                   {"spacing_mm", spacing_mm},
                                   {"volumes", Json::array(entries)}})
                         .dump();
  const std::uint64_t index_bytes = index.size();
  const auto base = aligned(kPreamble + index_bytes);
  Writer writer(path.string());
  writer.write(kMagic, kMagicBytes);
  writer.write(&index_bytes, sizeof index_bytes);
  writer.write(index.data(), index.size());
  for (std::size_t i = 0; i < volumes.size(); ++i) {
    const auto& volume = volumes[i];
    const auto voxels = static_cast<std::uint64_t>(volume.voxel_count());
    const auto offset = [&](const char* array) {
      return base + static_cast<std::uint64_t>(entries[i].at(array).integer());
    };
    writer.fill(offset("labels"));
    writer.write(volume.labels, voxels);
    if (volume.image == nullptr) continue;
    writer.fill(offset("image"));
    writer.write(volume.image, voxels * sizeof(float));
  }
  writer.commit();
}

}  // namespace hypersynth
