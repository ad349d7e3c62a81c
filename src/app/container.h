#pragma once

#include <string>

#include <boost/filesystem/path.hpp>

namespace hypersynth {

/// The container that this process runs in, as BIDS' GeneratedBy describes it.
struct Container {
  std::string type;  ///< "apptainer", "docker", "podman", or "oci" for others; empty: none
  std::string tag;   ///< as in "hypersynth:0.1.0", or an image file's name; empty: not known
  std::string uri;   ///< where the image is to be had; empty: not known
};

/// Looks for the marks of containers, two at least, since one alone also lies on plain machines
/// that were made from an image. Apptainer's are its variable and its folder /.singularity.d. All
/// others mount files in /etc over the image's own; their second mark is /.dockerenv,
/// /run/.containerenv or `container=podman` (read-only containers hide that file), or the file
/// container.json with which our images are built (containers/Dockerfile). Tag and URI are those of
/// container.json in `share_folder`; without it the tag is the name that Podman gives, or that of
/// Apptainer's image file. `root` is where the marks are looked for.
Container find_container(const boost::filesystem::path& share_folder,
                         const boost::filesystem::path& root = "/");

}  // namespace hypersynth
