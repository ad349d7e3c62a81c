#pragma once

#include <cstdlib>
#include <string>

#include <ATen/Context.h>
#include <ATen/core/Tensor.h>
#include <gtest/gtest.h>

namespace hypersynth {

/// The device of the tests that run on any: HYPERSYNTH_TEST_DEVICE ("cuda"), or the CPU.
inline at::Device test_device() {
  const char* named = std::getenv("HYPERSYNTH_TEST_DEVICE");
  return at::Device(named == nullptr || *named == '\0' ? "cpu" : named);
}

}  // namespace hypersynth

/// Skips the running test with a message where the device it is to run on is not there.
#define HYPERSYNTH_NEED_TEST_DEVICE()                                        \
  if (hypersynth::test_device().is_cuda() && !at::globalContext().hasCUDA()) \
  GTEST_SKIP() << "no CUDA device on this machine, or a libtorch without CUDA"
