#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace hypersynth {

/// Two tones of a colour: one for the left side and for structures without sides, the other for the
/// right side.
struct LineColor {
  std::array<std::uint8_t, 3> left;
  std::array<std::uint8_t, 3> right;
};

/// The colours of the outlines in reports, the most unlike first. They were chosen by simulated
/// annealing so that readers with normal vision, deuteranopia and protanopia (simulated after
/// Machado, Oliveira and Fernandes 2009) tell them from each other (at least 18 apart in CIE L*a*b*
/// on the same side, and the two tones of one colour too) and from every grey (at least 14).
std::span<const LineColor> line_palette();

}  // namespace hypersynth
