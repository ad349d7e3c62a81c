// Runs a fuzz target without libFuzzer: every file of its corpus, then inputs made from those by
// random cuts, copies and bytes, the same ones each time.
//
//   <target> CORPUS_FOLDER COUNT_OF_INPUTS

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::vector<std::string> read_corpus(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<std::string> corpus;
  for (const auto& file : files) {
    std::ifstream stream(file, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
  }
  return corpus;
}

class Mutator {
 public:
  explicit Mutator(const std::vector<std::string>& corpus) : corpus_(corpus) {}

  std::string next() {
    std::string text = any();
    for (std::size_t edit = 1 + below(6); edit > 0; --edit) change(text);
    return text;
  }

 private:
  void change(std::string& text) {
    const std::size_t at = below(text.size() + 1);
    const std::size_t count = below(text.size() - at + 1);
    const std::string& other = any();
    const std::size_t from = below(other.size() + 1);
    switch (below(5)) {
      case 0:
        text.erase(at, below(std::min<std::size_t>(count, 16) + 1));
        break;
      case 1:
        text.insert(at, 1, static_cast<char>(below(256)));
        break;
      case 2:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
        break;
      case 3:
        text.insert(at, text.substr(at, std::min<std::size_t>(count, 64)));
        break;
      default:
        text.replace(at, count, other.substr(from, below(64)));
    }
    if (text.size() > 4096) text.resize(4096);
  }

  const std::string& any() { return corpus_[below(corpus_.size())]; }
  std::size_t below(std::size_t limit) { return generator_() % limit; }

  const std::vector<std::string>& corpus_;
  std::mt19937_64 generator_{1};
};

void run(const std::string& text) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

}  // namespace

int main(int argc, char** argv) {
  const auto corpus = argc == 3 ? read_corpus(argv[1]) : std::vector<std::string>();
  if (corpus.empty()) {
    std::fprintf(stderr, "usage: %s CORPUS_FOLDER COUNT_OF_INPUTS\n", argv[0]);
    return 64;
  }
  for (const auto& text : corpus) run(text);
  Mutator mutator(corpus);
  const long count = std::strtol(argv[2], nullptr, 10);
  for (long input = 0; input < count; ++input) run(mutator.next());
  std::printf("%zu files and %ld made inputs\n", corpus.size(), count);
}
