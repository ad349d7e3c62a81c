#include "core/annex.h"

#include <array>
#include <filesystem>
#include <unistd.h>

#include "core/regular_file.h"
#include "core/shell_text.h"

namespace hypersynth {

namespace fs = std::filesystem;

std::string annex_key(const std::string& path) {
  std::error_code error;
  const std::string target = fs::read_symlink(path, error).string();
  if (error || target.find("annex/objects/") == std::string::npos) return {};
  return target.substr(target.rfind('/') + 1);
}

bool is_annex_pointer(std::string_view text) {
  return text.substr(0, text.find('\n')).find("/annex/objects/") != std::string_view::npos;
}

bool is_absent_from_annex(const std::string& path) {
  std::error_code error;
  if (!annex_key(path).empty()) return !fs::exists(path, error);
  try {
    const FileDescriptor file = open_regular_file(path);
    std::array<char, 256> text{};
    const auto size = ::read(file.get(), text.data(), text.size());
    return size > 0 && is_annex_pointer({text.data(), static_cast<std::size_t>(size)});
  } catch (const std::system_error&) {
    return false;
  }
}

std::string annex_get_command(const std::string& path) {
  const fs::path file(path);
  return "datalad -C " + shell_quoted(file.parent_path().string()) + " get " +
         shell_quoted(file.filename().string());
}

}  // namespace hypersynth
