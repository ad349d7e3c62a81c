// MRIQC's formulas on the masks of this program, computed by numpy (mriqc_formulas.py) and here.

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "image/nifti.h"
#include "quality/head_phantom.h"
#include "quality/quality.h"

namespace hypersynth {
namespace {

/// The phantom with a texture and a ghost that are the same everywhere: no random numbers.
HeadPhantom textured_phantom() {
  HeadPhantom phantom;
  const HeadPhantom still;
  for (std::int64_t k = 0; k < 64; ++k) {
    for (std::int64_t j = 0; j < 64; ++j) {
      for (std::int64_t i = 0; i < 64; ++i) {
        const auto hash =
            static_cast<float>((i * 7919 + j * 104729 + k * 1299709 + i * j * k) % 61);
        phantom.image.at(i, j, k) += 5 + hash + 0.15F * still.image.at(i, (j + 32) % 64, k);
      }
    }
  }
  return phantom;
}

struct Expected {
  const char* name;
  double value;
};

/// Printed by mriqc_formulas.py for the files that this test writes into $HYPERSYNTH_MASKS.
const Expected kExpected[] = {
    {"summary_bg_mean", 36.979654},
    {"summary_bg_median", 35.6798457},
    {"summary_bg_p05", 7.71456123},
    {"summary_bg_p95", 62.68081},
    {"summary_bg_mad", 22.8752512},
    {"summary_bg_stdv", 23.0391891},
    {"summary_bg_n", 84021},
    {"summary_bg_k", 5.71365144},
    {"summary_csf_mean", 349.689272},
    {"summary_csf_median", 331.726133},
    {"summary_csf_p05", 297.010608},
    {"summary_csf_p95", 501.44648},
    {"summary_csf_mad", 27.1643608},
    {"summary_csf_stdv", 59.6487202},
    {"summary_csf_n", 7208},
    {"summary_csf_k", 1.91669471},
    {"summary_gm_mean", 734.591032},
    {"summary_gm_median", 714.561234},
    {"summary_gm_p05", 682.738669},
    {"summary_gm_p95", 890.067502},
    {"summary_gm_mad", 25.7346576},
    {"summary_gm_stdv", 62.2798665},
    {"summary_gm_n", 10048},
    {"summary_gm_k", 1.86049028},
    {"summary_wm_mean", 1008.69306},
    {"summary_wm_median", 1000},
    {"summary_wm_p05", 972.034716},
    {"summary_wm_p95", 1154.29122},
    {"summary_wm_mad", 22.8752512},
    {"summary_wm_stdv", 45.0436183},
    {"summary_wm_n", 7208},
    {"summary_wm_k", 8.43621745},
    {"cjv", 0.170298903},
    {"cnr", 3.55729718},
    {"snr_csf", 5.5609428},
    {"snrd_csf", 9.50047959},
    {"snr_gm", 11.4728196},
    {"snrd_gm", 20.4646959},
    {"snr_wm", 22.1991631},
    {"snrd_wm", 28.6395271},
    {"snr_total", 13.0776419},
    {"snrd_total", 19.5349009},
    {"fber", 345.177285},
    {"efc", 0.466218847},
    {"wm2max", 0.719639139},
    {"qi_1", 0},
};

TEST(MriqcFormulasTest, MeasuresAreThoseOfNumpyOnTheSameMasks) {
  const HeadPhantom phantom = textured_phantom();
  QualityOptions options;
  options.correct_bias = false;  // the script has no N4
  QualityMaps maps;
  const auto measured = by_name(measure_quality(phantom.input(), options, &maps));
  if (const char* folder = std::getenv("HYPERSYNTH_MASKS")) {
    const auto write = [&](const char* name, std::vector<std::uint8_t> voxels) {
      Mask mask(phantom.image.grid);
      mask.voxels = std::move(voxels);
      write_mask(std::string(folder) + "/" + name + ".nii", mask);
    };
    write("head", maps.head);
    write("air", maps.air);
    write_labels(std::string(folder) + "/labels.nii", phantom.labels);
    write_image(std::string(folder) + "/image.nii", phantom.image);
  }
  for (const auto& [name, value] : kExpected)
    EXPECT_NEAR(measured.at(name).value, value, 1e-5 * std::abs(value)) << name;
}

}  // namespace
}  // namespace hypersynth
