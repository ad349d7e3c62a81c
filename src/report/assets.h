#pragma once

#include <string_view>

namespace hypersynth::assets {

/// Files of src/report/assets, embedded at build time.
extern const std::string_view page_css;
extern const std::string_view page_js;
extern const std::string_view report_js;
extern const std::string_view group_js;

}  // namespace hypersynth::assets
