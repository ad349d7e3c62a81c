// Who may include whom. The rules are data; the test reads every source file of the tree.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace hypersynth {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = HYPERSYNTH_SOURCE_DIR;

/// Folder -> folders of this project whose headers it may include, besides its own.
const std::map<std::string, std::set<std::string>> kMayInclude = {
    {"bids", {"core"}},
    {"pipeline", {"core"}},
    {"src/core", {}},
    {"src/options", {"core"}},
    {"src/image", {"core"}},
    {"src/engine", {"core", "image", "options"}},
    {"src/quality", {"core", "image"}},
    {"src/evaluation", {"core", "image"}},
    {"src/report", {"core"}},
    {"src/tools", {"core", "image", "engine", "report", "options"}},
    {"src/nodes",
     {"bids", "pipeline", "core", "image", "engine", "quality", "evaluation", "report", "options"}},
    {"src/app",
     {"bids", "pipeline", "core", "image", "engine", "quality", "evaluation", "report", "nodes",
      "options"}},
};

/// Library -> its rooms in their order: a room includes headers of itself and of those named before
/// it.
const std::map<std::string, std::vector<std::string>> kRooms = {
    {"pipeline", {"files", "graph", "cache", "execution", "batch", "run", "export"}},
    {"src/engine",
     // networks before inference, although half of inference runs without libtorch: on libtorch a
     // model runs through the very network that it was trained with.
     {"model", "networks", "inference", "data", "synthesis", "augmentation", "bilevel",
      "training"}},
};

const std::set<std::string> kProjectFolders = {"bids",   "pipeline", "core",    "image",
                                               "engine", "quality",  "report",  "nodes",
                                               "app",    "tools",    "options", "evaluation"};

struct Include {
  fs::path file;
  std::string header;
};

std::vector<fs::path> sources_below(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const auto extension = entry.path().extension();
    if (extension == ".h" || extension == ".cpp" || extension == ".cu")
      files.push_back(entry.path());
  }
  return files;
}

std::vector<Include> includes_of(const fs::path& file) {
  static const std::regex kInclude(R"(^\s*#\s*include\s*[<"]([^>"]+)[>"])");
  std::vector<Include> includes;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    std::smatch match;
    if (std::regex_search(line, match, kInclude)) includes.push_back({file, match[1]});
  }
  return includes;
}

std::vector<Include> includes_below(const fs::path& folder) {
  std::vector<Include> includes;
  for (const auto& file : sources_below(folder)) {
    for (auto& include : includes_of(file)) includes.push_back(std::move(include));
  }
  return includes;
}

std::string first_folder(const std::string& header) { return header.substr(0, header.find('/')); }

bool is_itk(const std::string& header) { return header.rfind("itk", 0) == 0; }

bool is_torch(const std::string& header) {
  const auto folder = first_folder(header);
  return folder == "torch" || folder == "ATen" || folder == "c10";
}

TEST(LayeringTest, FoldersIncludeOnlyTheFoldersBelowThem) {
  for (const auto& [folder, allowed] : kMayInclude) {
    const std::string own = fs::path(folder).filename().string();
    for (const auto& include : includes_below(kRoot / folder)) {
      const std::string target = first_folder(include.header);
      if (kProjectFolders.count(target) == 0 || include.header.find('/') == std::string::npos)
        continue;
      EXPECT_TRUE(target == own || allowed.count(target) == 1)
          << include.file << " includes " << include.header;
    }
  }
}

TEST(LayeringTest, RoomsOfALibraryIncludeOnlyTheRoomsBeforeThem) {
  for (const auto& [library, rooms] : kRooms) {
    const std::string name = fs::path(library).filename().string();
    for (auto room = rooms.begin(); room != rooms.end(); ++room) {
      const std::set<std::string> allowed(rooms.begin(), std::next(room));
      for (const auto& include : includes_below(kRoot / library / *room)) {
        const fs::path header = include.header;
        if (first_folder(include.header) != name) continue;
        const std::string target = header.parent_path().filename().string();
        EXPECT_TRUE(allowed.count(target) == 1) << include.file << " includes " << include.header;
      }
    }
    for (const auto& file : sources_below(kRoot / library)) {
      const auto room = file.parent_path().filename().string();
      EXPECT_TRUE(std::count(rooms.begin(), rooms.end(), room) == 1) << file << " is in no room";
    }
  }
}

TEST(LayeringTest, NoTwoFilesHaveOneName) {
  std::map<std::string, std::set<std::string>> places;
  for (const char* folder : {"bids", "pipeline", "src", "tests", "bench"}) {
    for (const auto& file : sources_below(kRoot / folder))
      places[file.filename().string()].insert(file.parent_path().string());
  }
  for (const auto& [name, folders] : places) {
    EXPECT_EQ(folders.size(), 1u) << name << " is in " << *folders.begin() << " and in "
                                  << *folders.rbegin();
  }
}

TEST(LayeringTest, BidsAndPipelineUseOnlyCoreTheStandardLibraryBoostAndJson) {
  // xxhash: the content digest of the workflow cache; one header, no library behind it. linux: the
  // numbers of the kernel's interface.
  const std::set<std::string> libraries = {"boost", "nlohmann", "bids", "pipeline",
                                           "core",  "sys",      "linux"};
  for (const char* folder : {"bids", "pipeline"}) {
    for (const auto& include : includes_below(kRoot / folder)) {
      const bool library = libraries.count(first_folder(include.header)) == 1;
      const bool plain = include.header.find('/') == std::string::npos && !is_itk(include.header);
      EXPECT_TRUE(library || plain) << include.file << " includes " << include.header;
    }
  }
}

TEST(LayeringTest, ItkStaysInItkSourceFiles) {
  for (const auto& include : includes_below(kRoot / "src")) {
    if (!is_itk(include.header)) continue;
    const std::string name = include.file.filename().string();
    EXPECT_TRUE(name.size() > 8 && name.substr(name.size() - 8) == "_itk.cpp")
        << include.file << " includes " << include.header;
  }
}

TEST(LayeringTest, TorchStaysInTheEngineAndItsUmbrellaHeaderInAtMostFourFiles) {
  int umbrella = 0;
  for (const auto& include : includes_below(kRoot / "src")) {
    if (!is_torch(include.header)) continue;
    EXPECT_NE(include.file.string().find("/engine/"), std::string::npos)
        << include.file << " includes " << include.header;
    if (include.header == "torch/torch.h") ++umbrella;
  }
  EXPECT_LE(umbrella, 4);
}

TEST(LayeringTest, OnlyOneFileOfTheWholeProjectKnowsTheCommandLineLibrary) {
  std::set<fs::path> users;
  for (const char* folder : {"bids", "pipeline", "src", "tests", "bench"}) {
    for (const auto& include : includes_below(kRoot / folder)) {
      if (first_folder(include.header) == "CLI") users.insert(include.file);
    }
  }
  EXPECT_EQ(users, std::set<fs::path>{kRoot / "src/options/command_line.cpp"});
}

}  // namespace
}  // namespace hypersynth
