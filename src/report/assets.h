#pragma once

#include <string_view>

namespace hypersynth::assets {

/// Style sheet and scripts of the pages: the files of src/report/assets, embedded by the build,
/// because a page needs no other files than its pictures. page_css and page_js belong to every
/// page; those of subjects have ratings_js and report_js, viewer_js where there is a viewer and
/// sessions_js where sessions are compared, those of groups ratings_js, filter_js and those whose
/// names begin with group.
extern const std::string_view page_css;
extern const std::string_view page_js;
extern const std::string_view ratings_js;
extern const std::string_view report_js;
extern const std::string_view viewer_js;
extern const std::string_view sessions_js;
extern const std::string_view filter_js;
extern const std::string_view group_js;
extern const std::string_view group_table_js;
extern const std::string_view group_strips_js;
extern const std::string_view group_wall_js;
extern const std::string_view group_review_js;

}  // namespace hypersynth::assets
