#pragma once

#include <string>

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/zeros.h>

#include "engine/bilevel/hypergradient.h"
#include "engine/small_head.h"
#include "engine/synthesis/generative_model.h"

namespace hypersynth {

/// A generator of its own on the CPU.
inline at::Generator seeded(std::uint64_t seed) {
  auto generator = at::globalContext().defaultGenerator(at::kCPU).clone();
  generator.set_current_seed(seed);
  return generator;
}

/// A 24^3 map of the small table: shell of extracerebral tissue, two halves, a box in the middle.
inline DeviceLabelMap small_map() {
  auto rows = at::zeros({kSmallSide, kSmallSide, kSmallSide}, at::TensorOptions(at::kByte));
  for (const auto& [x0, x1, low, high, row] : kSmallBoxes)
    rows.slice(0, x0, x1).slice(1, low, high).slice(2, low, high).fill_(row);
  return {rows, {{{5, 19}, {5, 19}, {5, 19}}}};
}

/// Options of a small patch (two sides: 2-D).
inline SynthesisOptions small_options(std::vector<std::int64_t> patch) {
  SynthesisOptions options;
  options.patch = std::move(patch);
  return options;
}

/// The batch in float64.
inline SyntheticBatch in_double(SyntheticBatch batch) {
  batch.image = batch.image.to(at::kDouble);
  batch.painted = batch.painted.to(at::kDouble);
  auto& artefacts = batch.artefacts;
  artefacts.log_bias = artefacts.log_bias.to(at::kDouble);
  artefacts.gamma = artefacts.gamma.to(at::kDouble);
  for (auto& filter : artefacts.filters) filter = filter.to(at::kDouble);
  return batch;
}

inline double value(const at::Tensor& scalar) { return scalar.item<double>(); }

inline double relative_error(const at::Tensor& a, const at::Tensor& b) {
  return value((a - b).norm()) / std::max(value(b.norm()), 1e-300);
}

}  // namespace hypersynth
