#pragma once

#include <string_view>

namespace hypersynth::assets {

/// Style sheet and scripts of the pages: the files of src/report/assets, embedded by the build,
/// because a page needs no other files than its pictures. page_css and page_js belong to every
/// page, report_js to those of subjects and group_js to those of groups.
extern const std::string_view page_css;
extern const std::string_view page_js;
extern const std::string_view report_js;
extern const std::string_view group_js;

}  // namespace hypersynth::assets
