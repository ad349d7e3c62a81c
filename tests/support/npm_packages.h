#pragma once

#include <string>

namespace hypersynth {

/// Installs the packages that package.json and package-lock.json in the folder `source` name into
/// the folder `target`, unless they are there; without scripts of their own. Returns why they
/// cannot be had; empty: they are there.
std::string install_npm_packages(const std::string& source, const std::string& target);

}  // namespace hypersynth
