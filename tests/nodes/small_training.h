#pragma once

#include <string>
#include <vector>

namespace hypersynth {

/// Options of a training of seconds, in 2-D, as TrainModel takes them.
inline std::vector<std::string> small_words() {
  return {"--method",
          "synthseg",
          "--patch",
          "16x16",
          "--network",
          "pool-unet",
          "--levels",
          "2",
          "--features",
          "4",
          "--batch-size",
          "2",
          "--steps",
          "6",
          "--checkpoint-every",
          "2"};
}

}  // namespace hypersynth
