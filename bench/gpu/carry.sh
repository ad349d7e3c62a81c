#!/usr/bin/env bash
# Gathers in one folder what bench/gpu/run.py needs on a GPU machine that has a Python with torch, a C++
# compiler, CMake and Ninja, and no network: headers, GoogleTest, recorded runs, images, and the program
# as `./setup.sh package` made it.
#
#   bench/gpu/carry.sh FOLDER GOLDEN_DIR IMAGE.nii.gz...
#
# To train the default model on there, copy label maps with their labels.tsv into FOLDER/maps and, to
# score it, a packed file of labelled scans set aside for validation to FOLDER/scans.pack.
set -euo pipefail

if (($# < 3)); then
  sed -n '2,/^set/p' "$0" | sed '$d; s/^# \{0,1\}//' >&2
  exit 64
fi
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
folder=$1
golden=$2
shift 2
mkdir -p "$folder/headers" "$folder/heads"
cp -r /usr/include/nlohmann /usr/include/CLI /usr/include/zlib.h /usr/include/zconf.h "$folder/headers"
mkdir -p "$folder/googletest"
for part in googletest googlemock; do
  mkdir -p "$folder/googletest/$part"
  cp -r /usr/src/googletest/$part/{CMakeLists.txt,cmake,include,src} "$folder/googletest/$part"
done
cp /usr/src/googletest/CMakeLists.txt "$folder/googletest"
cp -rL --no-preserve=mode "$golden" "$folder/golden"
cp -L --no-preserve=mode "$@" "$folder/heads"
cp "$root"/build/release/package/hypersynth-*.tar.xz "$folder"
du -sh "$folder"
