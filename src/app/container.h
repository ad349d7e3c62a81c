#pragma once

#include <string>

#include <boost/filesystem/path.hpp>

namespace hypersynth {

/// The container that this process runs in, as BIDS' GeneratedBy describes it.
struct Container {
  std::string type;  ///< "apptainer", "docker" or "podman"; empty: none
  std::string tag;   ///< as in "hypersynth:0.1.0", or an image file's name; empty: not known
  std::string uri;   ///< where the image is to be had; empty: not known
};

/// Looks for the marks that each of these leaves, two of them each, since one alone also lies on
/// plain machines that were made from an image: Apptainer's variable and its folder
/// /.singularity.d; the files /.dockerenv or /run/.containerenv and a mount of a file in /etc over
/// the image's own. Tag and URI are those that the image was built with (container.json in
/// `share_folder`, see containers/Dockerfile); else the name that Podman gives, or the name of
/// Apptainer's image file. `root` is where the marks are looked for.
Container find_container(const boost::filesystem::path& share_folder,
                         const boost::filesystem::path& root = "/");

}  // namespace hypersynth
