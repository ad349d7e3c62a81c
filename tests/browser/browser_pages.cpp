// browser_pages OUT writes the pages that the browser tests look at.
#include <iostream>

#include "example_pages.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: browser_pages OUT\n";
    return 64;
  }
  hypersynth::write_example_pages(argv[1]);
  return 0;
}
