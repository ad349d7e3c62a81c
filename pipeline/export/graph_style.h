#pragma once

#include "pipeline/export/graph_export.h"

namespace hypersynth::pipeline {

/// How a state looks: colours that also colour-blind people tell apart (Okabe and Ito 2008), and a
/// shape of 10 x 10 units as an SVG path.
struct StateStyle {
  const char* fill;
  const char* line;
  const char* shape;
  bool filled_shape;
  bool dashed;
};

inline StateStyle style_of(DrawnState state) {
  switch (state) {
    case DrawnState::kCached:
      return {"#e1f0fa", "#0072b2", "M5 1a4 4 0 1 0 .01 0z", false, false};
    case DrawnState::kDone:
      return {"#dcf3ea", "#00805d", "M1 5.5 4 8.5 9 1.5", false, false};
    case DrawnState::kPlain:
      return {"#ffffff", "#5a6470", "", false, false};
    case DrawnState::kWillRun:
      return {"#fdf0d3", "#b57600", "M2 1 9 5 2 9z", true, false};
    case DrawnState::kMayRun:
      return {"#fffbe0", "#8a7a00", "M2 1 9 5 2 9z", false, true};
    case DrawnState::kWaiting:
      return {"#f4f4f4", "#707070", "M1 5h1M4.5 5h1M8 5h1", false, false};
    case DrawnState::kRunning:
      return {"#d6ebfa", "#2a7ab0", "M5 1a4 4 0 1 0 .01 0z", true, false};
    case DrawnState::kSkipped:
      return {"#f0f0f0", "#666666", "M1 5h8", false, true};
    case DrawnState::kCancelled:
      return {"#f3e6f1", "#8a4a7d", "M2 2h6v6h-6z", true, true};
    case DrawnState::kFailed:
      return {"#fde0d6", "#c03a00", "M1.5 1.5l7 7M8.5 1.5l-7 7", false, false};
  }
  return {"#ffffff", "#5a6470", "", false, false};
}

/// "3 done, 1 failed".
inline std::string summary(const GraphView& view) {
  std::string text;
  for (const auto& [state, count] : view.counts())
    text += (text.empty() ? "" : ", ") + std::to_string(count) + ' ' + to_string(state);
  return text;
}

}  // namespace hypersynth::pipeline
