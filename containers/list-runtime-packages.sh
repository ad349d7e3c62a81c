#!/usr/bin/env bash
# list-runtime-packages.sh PREFIX: the Debian packages that own the shared libraries which the
# programs and libraries below PREFIX name themselves (apt brings what those need in turn). Libraries
# in PREFIX/lib/libtorch are there already.
set -euo pipefail

needed_libraries() {
  find "$1" -path "$1/lib/libtorch" -prune -o -type f \( -path '*/bin/*' -o -name '*.so*' \) -exec readelf -d {} + 2>/dev/null |
    sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort -u
}

while read -r library; do
  case $library in
    libhypersynth_*) continue ;;
  esac
  [[ ! -e $1/lib/libtorch/$library ]] || continue
  owner=$(dpkg -S "*/$library" | head -n 1)
  printf '%s\n' "${owner%%:*}"
done < <(needed_libraries "$1") | sort -u
