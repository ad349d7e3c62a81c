#include "bids/dataset_links.h"

#include <algorithm>

#include <boost/filesystem/operations.hpp>

#include "core/error.h"

namespace hypersynth::bids {
namespace {

constexpr std::string_view kBids = "bids:";
constexpr std::string_view kFile = "file://";
constexpr int kMaximumNesting = 8;

/// Characters of a URI's path that stand for themselves (RFC 3986, pchar and `/`).
bool is_path_character(char c) {
  constexpr std::string_view kMarks = "-._~!$&'()*+,;=:@/";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         kMarks.find(c) != std::string_view::npos;
}

/// Writes every byte that is not a path character, or is one of `more`, as %XX.
std::string percent_encode(std::string_view bytes, std::string_view more = "") {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_path_character(c) && more.find(c) == std::string_view::npos) {
      text += c;
    } else {
      text.append("%").append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 15]);
    }
  }
  return text;
}

/// The value of a hexadecimal digit; -1 if `c` is none.
int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string percent_decode(std::string_view text) {
  std::string bytes;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const int high = text[at] == '%' && at + 2 < text.size() ? hex_digit(text[at + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[at + 2]) : -1;
    bytes += low >= 0 ? static_cast<char>(high * 16 + low) : text[at];
    if (low >= 0) at += 2;
  }
  return bytes;
}

[[noreturn]] void invalid(std::string_view uri, const std::string& message) {
  throw DatasetError(IssueCode::kUriInvalid, "", "'" + printable(uri) + "': " + message);
}

bool leaves_folder(const fs::path& path) {
  return path.is_absolute() || std::find(path.begin(), path.end(), "..") != path.end();
}

/// The root of the dataset linked as `uri.dataset`.
fs::path linked_root(const Layout& layout, std::string_view text, const BidsUri& uri) {
  if (uri.dataset.empty()) return layout.root();
  const auto& links = layout.description().dataset_links;
  const auto link = links.find(uri.dataset);
  if (link == links.end())
    invalid(text, "DatasetLinks has no dataset '" + printable(uri.dataset) + "'");
  const auto folder = linked_folder(layout.root(), link->second);
  if (!folder)
    invalid(text, "the dataset is not on this machine but at " + printable(link->second));
  return *folder;
}

void collect_derivatives(const fs::path& folder, int nesting,
                         std::vector<DerivativeDataset>& found) {
  boost::system::error_code error;
  const bool is_dataset = fs::exists(folder / "dataset_description.json", error);
  if (is_dataset) found.push_back({folder.filename().string(), folder});
  if (nesting >= kMaximumNesting) return;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    boost::system::error_code ignored;
    const std::string name = entry->path().filename().string();
    // Of the folders in a dataset, only `derivatives` holds further datasets.
    if (name.starts_with('.') || (is_dataset && name != "derivatives")) continue;
    const bool below = nesting == 0 || name == "derivatives" ||
                       fs::exists(entry->path() / "dataset_description.json", ignored);
    if (below && fs::is_directory(entry->path(), ignored))
      collect_derivatives(entry->path(), nesting + 1, found);
  }
}

}  // namespace

std::vector<DerivativeDataset> nested_derivatives(const fs::path& root) {
  std::vector<DerivativeDataset> found;
  boost::system::error_code ignored;
  if (fs::is_directory(root / "derivatives", ignored))
    collect_derivatives(root / "derivatives", 0, found);
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.root < b.root; });
  return found;
}

std::string bids_uri(std::string_view dataset, std::string_view path) {
  return std::string(kBids) + percent_encode(dataset, ":") + ":" + percent_encode(path);
}

std::optional<BidsUri> parse_bids_uri(std::string_view uri) {
  if (!uri.starts_with(kBids)) return std::nullopt;
  uri.remove_prefix(kBids.size());
  const auto colon = uri.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  BidsUri parts{percent_decode(uri.substr(0, colon)), percent_decode(uri.substr(colon + 1))};
  if (parts.path.empty() || parts.path.find('\0') != std::string::npos) return std::nullopt;
  return parts;
}

fs::path resolve_uri(const Layout& layout, std::string_view uri) {
  const auto parts = parse_bids_uri(uri);
  if (!parts) invalid(uri, "expected bids:<dataset>:<path>");
  if (leaves_folder(parts->path)) invalid(uri, "the path leaves the dataset");
  return linked_root(layout, uri, *parts) / parts->path;
}

std::optional<fs::path> linked_folder(const fs::path& root, std::string_view link) {
  if (link.starts_with(kFile)) return percent_decode(link.substr(kFile.size()));
  const auto colon = link.find(':');
  if (colon != std::string_view::npos && link.substr(0, colon).find('/') == std::string_view::npos)
    return std::nullopt;
  return (root / std::string(link)).lexically_normal();
}

std::string dataset_link(const fs::path& from, const fs::path& to) {
  const fs::path start = fs::weakly_canonical(from);
  const fs::path target = fs::weakly_canonical(to);
  const fs::path relative = target.lexically_relative(start);
  const bool below =
      !relative.empty() && std::all_of(relative.begin(), relative.end(),
                                       [](const fs::path& part) { return part == ".."; });
  return below ? relative.string() : file_uri(target);
}

std::string file_uri(const fs::path& path) {
  return std::string(kFile) + percent_encode(fs::absolute(path).lexically_normal().string());
}

}  // namespace hypersynth::bids
