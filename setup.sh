#!/usr/bin/env bash
# Sets hypersynth up on Debian 12, Debian 13 or Ubuntu 24.04: packages, build, demonstration, tests.
set -euo pipefail

usage() {
  cat <<'USAGE'
Usage: ./setup.sh COMMAND [--no-packages]

  demo                  build, then segment a real brain (Colin27) and print where the report is
  test                  build with the tests and run them all
  build                 build the program: build/release/bin/hypersynth
  install [--prefix P]  build, then install below P (/usr/local for root, ~/.local otherwise)
  package [--images]    build, then make a .deb, a portable .tar.xz and SHA256SUMS in build/release/package;
                        with --images also an OCI archive (by podman or docker) and a SIF (by apptainer)

Missing Debian packages are installed first (as root, or through sudo). With --no-packages nothing
is installed: for other distributions, where you provide the libraries yourself.
USAGE
}

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LOG=$ROOT/build/setup.log
BUILD=$ROOT/build/release

PACKAGES=(
  g++ cmake ninja-build git ca-certificates
  libdnnl-dev libinsighttoolkit5-dev nlohmann-json3-dev libboost-filesystem-dev
  libcli11-dev libxxhash-dev libpng-dev zlib1g-dev
)
# Installed where the distribution has them: Ubuntu 24.04 has no libtorch, which training and GPUs
# need and segmentation on a CPU does not.
OPTIONAL_PACKAGES=(libtorch-dev ccache mold)
TEST_PACKAGES=(libgtest-dev libgmock-dev librapidcheck-dev)

say() { printf '%s\n' "$*"; }

fail() {
  printf 'setup.sh: %s\n' "$*" >&2
  exit 1
}

# step WHAT COMMAND...: runs COMMAND into the log; on failure shows the end of the log. A function
# given as COMMAND has to chain its commands by &&: `set -e` does not reach into it.
step() {
  local what=$1 start=$SECONDS status=0
  shift
  mkdir -p "$ROOT/build"
  printf '\n=== %s: %s\n' "$what" "$*" >>"$LOG"
  say "$what ..."
  "$@" >>"$LOG" 2>&1 </dev/null || status=$?
  if ((status != 0)); then
    printf '\n%s\n\n' "--- the last lines of $LOG" >&2
    tail -n 25 "$LOG" >&2
    printf '\n' >&2
    fail "$what failed (exit $status). The whole log: $LOG"
  fi
  say "$what: done ($((SECONDS - start)) s)"
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  else
    sudo "$@"
  fi
}

other_distribution() {
  cat >&2 <<'NEEDS'
setup.sh installs packages on Debian 12, Debian 13 and Ubuntu 24.04 only. Elsewhere, please install

  to build   a C++20 compiler (g++ >= 12), CMake >= 3.23, Ninja, git
             oneDNN >= 2.6, ITK >= 5.2, Boost.Filesystem >= 1.74, nlohmann_json >= 3.11,
             CLI11 >= 2.1, xxHash, libpng, zlib
  to test    GoogleTest >= 1.12 with GoogleMock, RapidCheck
  optional   libtorch >= 1.13, ccache, mold; npm for the viewer of the reports

where CMake finds them (CMAKE_PREFIX_PATH), and run this command again with --no-packages.
A container needs none of this: see containers/.
NEEDS
  exit 1
}

# The release the packages come from must be recent enough: older ones have ITK 4 or libtorch < 1.13.
check_distribution() {
  local id='' version='' name='this system'
  if [[ -r /etc/os-release ]]; then
    # shellcheck disable=SC1091
    { read -r id && read -r version && read -r name; } < <(
      . /etc/os-release
      printf '%s\n' "${ID:-}" "${VERSION_ID:-}" "${PRETTY_NAME:-}"
    )
  fi
  if command -v apt-get >/dev/null; then
    case $id in
      debian) [[ -z $version || ${version%%.*} -ge 12 ]] && return ;;
      ubuntu) [[ ${version%%.*} -ge 24 ]] && return ;;
    esac
  fi
  say "Found $name." >&2
  other_distribution
}

# missing_packages NAME...: prints those that are not installed, one a line.
missing_packages() {
  local name
  for name in "$@"; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null) == installed ]] || say "$name"
  done
}

apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 "$@"; }

# Package lists are fetched only where a wanted package is not to be had from those present.
update_package_lists() {
  local name
  for name in "$@"; do
    if ! apt-cache show "$name" >/dev/null 2>&1; then
      step 'Updating the package lists' apt -q update
      return
    fi
  done
}

install_or_update_and_install() {
  apt -q install -y --no-install-recommends "$@" && return
  apt -q update
  apt -q install -y --no-install-recommends "$@"
}

install_packages() {
  check_distribution
  local missing
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]} > 0)) || return 0
  if ((EUID != 0)) && ! command -v sudo >/dev/null; then
    fail "these packages are missing and there is no sudo; as root, run
  apt-get update && apt-get install --no-install-recommends ${missing[*]}"
  fi
  if ((EUID != 0)); then
    sudo -v || fail 'sudo refused: packages cannot be installed'
  fi
  # Slim images leave manual pages out; a JDK that ITK's packages pull in fails without the folder.
  as_root mkdir -p /usr/share/man/man1
  update_package_lists "${missing[@]}"
  step "Installing ${#missing[@]} packages" install_or_update_and_install "${missing[@]}"
}

# install_build_packages NAME...: what every build needs, what it likes to have, and NAME...
install_build_packages() {
  local name
  install_packages "${PACKAGES[@]}" "$@"
  for name in "${OPTIONAL_PACKAGES[@]}"; do
    if apt-cache show "$name" >/dev/null 2>&1; then install_packages "$name"; fi
  done
}

# Memory in KiB that a build may use: what is available, or less where a control group says so.
memory_kib() {
  local available limit
  available=$(awk '/^MemAvailable:/ {print $2}' /proc/meminfo)
  limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || true)
  if [[ $limit =~ ^[0-9]+$ ]] && ((limit / 1024 < available)); then
    available=$((limit / 1024))
  fi
  say "$available"
}

# Compilers at once: one per core, and 1.5 GB of memory for each.
build_jobs() {
  local cores by_memory
  cores=$(nproc)
  by_memory=$(($(memory_kib) / 1572864))
  say $((by_memory < 1 ? 1 : by_memory < cores ? by_memory : cores))
}

# build_release CMAKE_ARGUMENT...: configures and builds the preset `release`.
build_release() {
  local jobs
  jobs=$(build_jobs)
  cd "$ROOT"
  command -v npm >/dev/null || say 'npm was not found: the reports will be without the three-plane viewer'
  step 'Configuring' cmake --preset release -DHYPERSYNTH_WERROR=OFF \
    "-DHYPERSYNTH_LIBTORCH=${HYPERSYNTH_LIBTORCH:-}" "$@"
  step "Building with $jobs jobs (minutes the first time)" cmake --build --preset release -j "$jobs"
}

build_program() {
  ((INSTALL_PACKAGES == 0)) || install_build_packages
  build_release -DBUILD_TESTING=OFF -DHYPERSYNTH_BENCH=OFF
}

# build_tests CMAKE_ARGUMENT...
build_tests() {
  ((INSTALL_PACKAGES == 0)) || install_build_packages "${TEST_PACKAGES[@]}"
  build_release -DBUILD_TESTING=ON "$@"
}

run_tests() {
  cd "$ROOT"
  command -v npm >/dev/null ||
    say 'npm was not found: the check of the outputs by the BIDS validator will be skipped'
  { command -v npm && command -v chromium; } >/dev/null ||
    say 'npm or chromium was not found: the tests of the reports in a browser will be skipped'
  ctest --preset release --parallel "$(build_jobs)" </dev/null
}

# fetch_brain DESTINATION: the T1w average of Colin Holmes' head from Debian's package mricron-data.
fetch_brain() {
  local file=usr/share/mricron/templates/ch2.nii.gz download
  if [[ -r /$file ]]; then
    cp "/$file" "$1"
    return
  fi
  download=$(mktemp -d) &&
    (cd "$download" && apt-get -q -o APT::Sandbox::User="$(id -un)" download mricron-data) &&
    dpkg-deb -x "$download"/mricron-data_*.deb "$download" &&
    cp "$download/$file" "$1" &&
    rm -r "$download"
}

make_demo_dataset() {
  local anat=$1/sub-colin27/anat
  mkdir -p "$anat"
  if [[ ! -s $anat/sub-colin27_T1w.nii.gz ]]; then
    command -v apt-get >/dev/null || fail "the demonstration's brain comes from Debian's package
  mricron-data: extract ch2.nii.gz from it as $anat/sub-colin27_T1w.nii.gz"
    update_package_lists mricron-data
    step 'Fetching a brain (Colin27)' fetch_brain "$anat/sub-colin27_T1w.nii.gz.part"
    mv "$anat/sub-colin27_T1w.nii.gz.part" "$anat/sub-colin27_T1w.nii.gz"
  fi
  cat >"$1/dataset_description.json" <<'JSON'
{
  "Name": "Colin27, the average of 27 T1-weighted scans of one head",
  "BIDSVersion": "1.10.0",
  "DatasetType": "raw",
  "Authors": ["Colin J. Holmes", "Rick Hoge", "Louis Collins", "Alan C. Evans"],
  "ReferencesAndLinks": ["https://doi.org/10.1097/00004728-199803000-00032"]
}
JSON
  cat >"$1/README" <<'TEXT'
Colin27 (Holmes et al., Journal of Computer Assisted Tomography 1998): the average of 27 T1-weighted
scans of one person, 181 x 217 x 181 voxels of 1 mm, as ch2.nii.gz of Debian's package mricron-data.
TEXT
}

demo() {
  local data=$ROOT/demo/bids out=$ROOT/demo/hypersynth
  build_program
  make_demo_dataset "$data"
  say "Segmenting $data ..."
  "$BUILD/bin/hypersynth" "$data" "$out" participant </dev/null
  "$BUILD/bin/hypersynth" "$data" "$out" group </dev/null
  say ''
  say "The report:       $out/sub-colin27.html"
  say "The group report: $out/group_T1w.html"
}

install_program() {
  local prefix=$1
  build_program
  step "Installing below $prefix" cmake --install "$BUILD" --prefix "$prefix" --strip
  say "Installed: $prefix/bin/hypersynth"
}

project_version() { sed -n 's/^project(hypersynth VERSION \([0-9.]*\).*/\1/p' "$ROOT/CMakeLists.txt"; }

# image_archive ENGINE NAME FILE: builds the Dockerfile and saves the image. PODMAN_BUILD_ARGS are more
# words for `ENGINE build`, such as those that name a mirror of packages.
image_archive() {
  local engine=$1 name=$2 file=$3
  local -a more timestamp=()
  read -ra more <<<"${PODMAN_BUILD_ARGS:-}"
  [[ $engine != podman ]] || timestamp=(--timestamp "$SOURCE_DATE_EPOCH")
  "$engine" build "${timestamp[@]}" "${more[@]}" -f "$ROOT/containers/Dockerfile" -t "$name" \
    --build-arg "TAG=$name" --build-arg "SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH" "$ROOT" &&
    if [[ $engine == podman ]]; then
      rm -f "$file" && podman save --format oci-archive -o "$file" "$name"
    else
      docker save -o "$file" "$name"
    fi
}

# image_sif NAME FILE: builds the definition file. APPTAINER_BUILD_ARGS as above.
image_sif() {
  local -a more
  read -ra more <<<"${APPTAINER_BUILD_ARGS:-}"
  (cd "$ROOT" && apptainer build --force "${more[@]}" --build-arg "TAG=$1" \
    --build-arg "SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH" "$2" containers/hypersynth.def)
}

package_images() {
  local packages=$1 engine version
  version=$(project_version)
  local name=hypersynth:$version
  engine=$(command -v podman || command -v docker || true)
  engine=${engine##*/}
  [[ -n $engine ]] || fail '--images needs podman or docker'
  command -v apptainer >/dev/null || fail '--images needs apptainer'
  step "Building the image $name with $engine" \
    image_archive "$engine" "$name" "$packages/hypersynth-$version.oci.tar"
  step 'Building the SIF with apptainer' image_sif "$name" "$packages/hypersynth-$version.sif"
  "$engine" run --rm --entrypoint cat "$name" /opt/hypersynth/share/hypersynth/sbom.spdx.json \
    >"$packages/hypersynth-$version.spdx.json"
}

# The time of the last commit: so two builds of one version have the same bytes.
package() {
  local images=$1 packages=$BUILD/package epoch=${SOURCE_DATE_EPOCH:-}
  ((INSTALL_PACKAGES == 0)) || install_packages dpkg-dev npm
  [[ -n $epoch ]] || epoch=$(git -C "$ROOT" log -1 --format=%ct 2>/dev/null || date +%s)
  export SOURCE_DATE_EPOCH=$epoch
  build_program
  rm -rf "$packages"
  (cd "$BUILD" && step 'Packaging' cpack)
  rm -rf "$packages/_CPack_Packages"
  ((images == 0)) || package_images "$packages"
  (cd "$packages" && sha256sum hypersynth* >SHA256SUMS && ls -sh)
  say "The packages: $packages"
}

main() {
  local command=${1:-help} prefix=$HOME/.local images=0
  ((EUID != 0)) || prefix=/usr/local
  (($# == 0)) || shift
  while (($# > 0)); do
    case $1 in
      --no-packages) INSTALL_PACKAGES=0 ;;
      --images) images=1 ;;
      --prefix)
        (($# > 1)) || fail '--prefix needs a folder'
        prefix=$2
        shift
        ;;
      --prefix=*) prefix=${1#--prefix=} ;;
      *) fail "unknown option '$1' (./setup.sh --help lists them)" ;;
    esac
    shift
  done
  case $command in
    demo) demo ;;
    test)
      build_tests -DHYPERSYNTH_BENCH=OFF
      run_tests
      ;;
    build)
      build_program
      say "Built: $BUILD/bin/hypersynth"
      ;;
    install) install_program "$prefix" ;;
    package) package "$images" ;;
    help | -h | --help) usage ;;
    *)
      usage >&2
      fail "unknown command '$command'"
      ;;
  esac
}

INSTALL_PACKAGES=1
if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
