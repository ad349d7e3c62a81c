#include "nodes/published_file.h"

#include <cerrno>
#include <system_error>

#include <sys/stat.h>

#include "pipeline/files/digest.h"

namespace hypersynth {

namespace {

std::int64_t modified_ns(const struct stat& status) {
  return static_cast<std::int64_t>(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec;
}

}  // namespace

nlohmann::ordered_json files_to_json(const std::vector<PublishedFile>& files) {
  auto object = nlohmann::ordered_json::object();
  for (const auto& file : files) {
    object[file.path] = {
        {"size_bytes", file.size_bytes}, {"modified_ns", file.modified_ns}, {"xxh3", file.digest}};
  }
  return object;
}

std::vector<PublishedFile> files_from_json(const nlohmann::ordered_json& object) {
  std::vector<PublishedFile> files;
  for (const auto& [path, file] : object.items()) {
    files.push_back({path, file.at("size_bytes").get<std::uint64_t>(),
                     file.at("modified_ns").get<std::int64_t>(),
                     file.at("xxh3").get<std::string>()});
  }
  return files;
}

void Publisher::text(const std::string& path, std::string_view content) {
  AtomicFile file((output_dir_ / path).string());
  file.write(content);
  publish(path, file);
}

void Publisher::copy(const std::string& path, const fs::path& from) {
  AtomicFile file((output_dir_ / path).string());
  file.append_file(from.string());
  publish(path, file);
}

void Publisher::publish(const std::string& path, AtomicFile& file) {
  struct stat status {};
  if (::fstat(file.descriptor(), &status) != 0) file.fail_to_write(errno);
  const std::string opened = "/proc/self/fd/" + std::to_string(file.descriptor());
  files_.push_back({path, static_cast<std::uint64_t>(status.st_size), modified_ns(status),
                    pipeline::digest_of_file(opened).hex()});
  file.commit();
}

std::string damage_of(const fs::path& output_dir, const PublishedFile& file, bool thorough) {
  const fs::path path = output_dir / file.path;
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return (errno == ENOENT || errno == ENOTDIR
                ? "is missing"
                : "cannot be read: " + std::generic_category().message(errno));
  }
  if (!S_ISREG(status.st_mode)) return "is no regular file";
  if (static_cast<std::uint64_t>(status.st_size) != file.size_bytes) {
    return "has " + std::to_string(status.st_size) + " bytes, written were " +
           std::to_string(file.size_bytes);
  }
  if (!thorough && modified_ns(status) == file.modified_ns) return "";
  try {
    if (pipeline::digest_of_file(path).hex() == file.digest) return "";
  } catch (const std::system_error& error) {
    return "cannot be read: " + error.code().message();
  }
  return "is not what was written: it was changed or belongs to another run";
}

}  // namespace hypersynth
