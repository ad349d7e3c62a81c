// What must not compile: the case REFUSED, one at a time; case 0 does.

#include "pipeline/graph/workflow.h"

using namespace hypersynth::pipeline;

struct Good {
  struct Inputs {
    int number = 0;
    std::string text;
    std::vector<int> numbers;
  };
  struct Outputs {
    int number = 0;
    std::string text;
  };
  static constexpr std::tuple inputs {
#if REFUSED != 1
    Port{"text", &Inputs::text},
#endif
        Port{"number", &Inputs::number}, Port {
      "numbers", &Inputs::numbers
    }
  };
  static constexpr std::tuple outputs {
    Port{"number", &Outputs::number},
#if REFUSED == 2
        Port{"text", &Outputs::number}
#else
        Port {
      "text", &Outputs::text
    }
#endif
  };
  static constexpr std::string_view version = "1";
  Outputs run(const Inputs& in, NodeContext&) const { return {in.number, in.text}; }
};

struct Other {
  struct Inputs {
    int number = 0;
  };
};

void build() {
  Workflow workflow("refused");
  const auto a = workflow.add<Good>("a");
  const auto b = workflow.add<Good>("b");
  workflow.connect(a, &Good::Outputs::number, b, &Good::Inputs::number);
#if REFUSED == 3
  workflow.connect(a, &Good::Outputs::number, b, &Good::Inputs::text);
#elif REFUSED == 4
  workflow.gather(a, &Good::Outputs::text, b, &Good::Inputs::numbers);
#elif REFUSED == 5
  workflow.connect(a, &Good::Outputs::number, b, &Other::Inputs::number);
#elif REFUSED == 6
  workflow.set(b, &Good::Inputs::number, "text");
#endif
}
