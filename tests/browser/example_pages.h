#pragma once

#include <boost/filesystem/path.hpp>

namespace hypersynth {

/// Writes the pages of a small output dataset into `folder`, with all files that they link to:
/// group_T1w.html, and the page of every subject that it names. Two subjects have names that try to
/// break out of the page. Apart from these, group_large.html has 2000 images, without their pages.
void write_example_pages(const boost::filesystem::path& folder);

}  // namespace hypersynth
