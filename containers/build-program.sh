#!/usr/bin/env bash
# build-program.sh [LIBTORCH]: the first step of both recipes, in the source tree of the image that
# builds. Installs the program into /opt/hypersynth, with a list of the Debian packages that it needs
# and what finish-image.sh wants. LIBTORCH is a folder with PyTorch's libtorch, for CUDA say, which is
# taken instead of Debian's and installed too.
set -euo pipefail

root=/opt/hypersynth
libtorch=${1:-}
if [[ -n $libtorch ]]; then
  HYPERSYNTH_LIBTORCH=$(realpath "$libtorch")
  export HYPERSYNTH_LIBTORCH
fi
./setup.sh install --no-packages --prefix $root
if [[ -n $libtorch ]]; then
  mkdir $root/lib/libtorch
  cp -a "$libtorch"/lib/*.so* $root/lib/libtorch
  cat "$libtorch"/include/torch/{headeronly,csrc/api/include/torch}/version.h 2>/dev/null |
    sed -n 's/.*TORCH_VERSION_\(MAJOR\|MINOR\|PATCH\) \([0-9]*\)$/\2/p' | paste -sd . >$root/lib/libtorch/version
fi
containers/list-runtime-packages.sh $root >$root/packages.txt
cp containers/write-sbom.sh containers/finish-image.sh $root
