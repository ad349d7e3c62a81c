#!/usr/bin/env bash
# check-image.sh ENGINE IMAGE [PROGRAM]: runs an image as users of clusters do and checks what they
# rely on. ENGINE: apptainer, podman or docker. IMAGE: a SIF, or the name of an image. PROGRAM: a
# hypersynth outside, whose labels of the demonstration have to be the same.
#
# Run as root, the checks run the image as an ordinary user of their own; otherwise as you. The brain
# comes from Debian's package mricron-data, as in `setup.sh demo`. Prints a line for each check and
# exits with 1 where one failed.
set -uo pipefail

ENGINE=${1:?usage: check-image.sh ENGINE IMAGE [PROGRAM]}
IMAGE=${2:-}
PROGRAM=${3:-}
if [[ -z $IMAGE ]]; then
  echo "skipped: no image is given (CTest: HYPERSYNTH_SIF, HYPERSYNTH_IMAGE)"
  exit 77
fi
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# A user whom the image has never heard of; Apptainer itself has to know its user, so nobody's.
USER_ID=54321
[[ $ENGINE != apptainer ]] || USER_ID=$(id -u nobody)
((EUID == 0)) || USER_ID=$EUID
FAILED=0

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

passed() { printf 'passed  %s\n' "$*"; }
failed() {
  printf 'FAILED  %s\n' "$*"
  FAILED=$((FAILED + 1))
}

# check WHAT COMMAND...
check() {
  local what=$1
  shift
  if "$@" >"$work/check.log" 2>&1; then
    passed "$what"
  else
    failed "$what"
    sed 's/^/        /' "$work/check.log" | tail -n 15
  fi
}

# as_user COMMAND...: as an ordinary user without HOME.
as_user() {
  if ((EUID == 0)); then
    setpriv --reuid "$USER_ID" --regid "$USER_ID" --clear-groups env -u HOME -- "$@"
  else
    env -u HOME -- "$@"
  fi
}

# run_image OUTPUT_FOLDER INPUT_FOLDER ARGUMENT...: the program in the image, which sees nothing of
# this machine but the two folders, INPUT_FOLDER read-only as "/the input", OUTPUT_FOLDER as
# "/the output", and has no network, no home and a read-only root.
run_image() {
  local output=$1 input=$2
  shift 2
  if [[ $ENGINE == apptainer ]]; then
    as_user unshare --map-current-user --net \
      "${apptainer_run[@]}" --containall --no-home --cleanenv \
      --bind "$input:/the input:ro" --bind "$output:/the output" "$IMAGE" "$@"
  else
    "$ENGINE" run --rm --read-only --tmpfs /tmp --network none --user "$USER_ID:$USER_ID" \
      --volume "$input:/the input:ro" --volume "$output:/the output" "$IMAGE" "$@"
  fi
}

participant() { run_image "$1" "$2" '/the input' '/the output' participant --fast "${@:3}"; }

# exits CODE COMMAND...
exits() {
  local expected=$1 status=0
  shift
  "$@" || status=$?
  ((status == expected)) || {
    printf 'expected exit code %s, found %s\n' "$expected" "$status"
    return 1
  }
}

new_folder() {
  mkdir -p "$work/$1"
  ((EUID != 0)) || chown "$USER_ID:$USER_ID" "$work/$1"
}

hashes() { (cd "$1" && find . -type f -exec sha256sum {} + | sort -k 2); }

# container_of OUTPUT_FOLDER KEY: what its description says of the container.
container_of() {
  sed -n "/\"Container\"/,/}/s/.*\"$2\": \"\(.*\)\".*/\1/p" "$1/dataset_description.json"
}

# same_labels FOLDER FOLDER: Dice of all structures at least 0.9999; other versions of oneDNN may
# round a voxel on a border otherwise.
same_labels() {
  new_folder compared
  run_outside "$work/compared" evaluate --reference "first=$1" --segmentations "$2" || return
  awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; ++i) if ($i == "dice") column = i; next }
               $column != "n/a" { ++count; if ($column < 0.9999) { print; bad = 1 } }
               END { exit bad || count < 30 }' "$work/compared/group_evaluation_scores.tsv"
}

run_outside() { "$PROGRAM" "$work/the data" "$@"; }

# shellcheck source=../../setup.sh
source "$ROOT/setup.sh"
make_demo_dataset "$work/the data"
chmod -R a+rX "$work"
hashes "$work/the data" >"$work/before"

# Where an ordinary user may not mount a SIF, each run unpacks it.
apptainer_run=(apptainer --quiet run)
as_user test -w /dev/fuse || apptainer_run+=(--unsquash)

# What the image says of itself.
new_folder first
version=$(run_image "$work/first" "$work/the data" --version 2>"$work/check.log")
check "--version prints the version ($version)" grep -Eq '^hypersynth [0-9]+\.[0-9]+\.[0-9]+$' <<<"$version"
if [[ $ENGINE == apptainer ]]; then
  check 'apptainer test' as_user apptainer --quiet test "$IMAGE"
  check 'apptainer inspect has the labels' bash -c \
    'apptainer inspect "$1" | grep -q "org.opencontainers.image.title: hypersynth"' _ "$IMAGE"
  check 'apptainer run-help tells how to run it' bash -c \
    'apptainer run-help "$1" | grep -q "BIDS_DIR OUTPUT_DIR"' _ "$IMAGE"
fi

start=$(date +%s%N)
run_image "$work/first" "$work/the data" --help >/dev/null 2>&1
printf '        %s ms from the start to the last line of --help\n' $((($(date +%s%N) - start) / 1000000))

# The demonstration.
check 'the demonstration is segmented by an unknown user without home, network or environment' \
  participant "$work/first" "$work/the data"
check 'the group level' run_image "$work/first" "$work/the data" '/the input' '/the output' group
check 'the report is there' test -s "$work/first/sub-colin27.html"
check 'the input is as it was' diff "$work/before" <(hashes "$work/the data")
check "dataset_description.json names the container ($(container_of "$work/first" Type), $(container_of "$work/first" Tag))" \
  test "$(container_of "$work/first" Type)" = "$ENGINE"
new_folder again
cp -r "$work/first/." "$work/again"
((EUID != 0)) || chown -R "$USER_ID:$USER_ID" "$work/again"
touch "$work/now"
check 'a second run' participant "$work/again" "$work/the data"
check 'it segments nothing again' test -z \
  "$(find "$work/again" -name '*_dseg.nii.gz' -newer "$work/now")"
if [[ -n $PROGRAM ]]; then
  new_folder outside
  check 'the same, outside' run_outside "$work/outside" participant --fast
  check 'outside no container is named' test -z "$(container_of "$work/outside" Type)"
  check 'the labels are those of the program outside' same_labels "$work/outside" "$work/first"
fi

# Exit codes.
mkdir -p "$work/not bids" "$work/broken/sub-01/anat"
printf '{"Name": "broken", "BIDSVersion": "1.10.0"}' >"$work/broken/dataset_description.json"
printf 'no image' >"$work/broken/sub-01/anat/sub-01_T1w.nii.gz"
chmod -R a+rX "$work/not bids" "$work/broken"
new_folder codes
code() { check "exit code $1: $2" exits "$1" "${@:3}"; }
code 16 'no BIDS dataset' participant "$work/codes" "$work/not bids"
code 17 'unknown level' run_image "$work/codes" "$work/the data" '/the input' '/the output' subject
code 18 'no image selected' participant "$work/codes" "$work/the data" -m FLAIR
code 64 'unknown option' participant "$work/codes" "$work/the data" --no-such-option
code 65 'an image that cannot be read' participant "$work/codes" "$work/broken"
code 66 'no input' run_image "$work/codes" "$work/the data" '/no input' '/the output' participant
code 73 'the output cannot be created' run_image "$work/codes" "$work/the data" '/the input' /opt/out participant

# A time limit, and the next run.
new_folder limited
limited() {
  participant "$work/limited" "$work/the data" &
  local run=$! status=0
  local tries=0
  until [[ -n $(find "$work/limited" -path '*logs*' -print -quit) ]] || ((++tries > 100)); do sleep 0.1; done
  sleep 1
  pkill -TERM -u "$USER_ID" -x hypersynth || kill -TERM "$run"
  wait "$run" || status=$?
  ((status == 143 || status == 130)) || {
    printf 'expected exit code 143 or 130, found %s\n' "$status"
    return 1
  }
  ! find "$work/limited" -name '*_dseg.nii.gz' | grep -q .
}
check 'SIGTERM ends a run, and leaves no half of a result' limited
check 'the next run goes on' participant "$work/limited" "$work/the data"
check 'and has the same labels' diff \
  <(find "$work/first" -name '*_dseg.nii.gz' -exec zcat {} + | sha256sum) \
  <(find "$work/limited" -name '*_dseg.nii.gz' -exec zcat {} + | sha256sum)

# Where it writes.
if [[ $ENGINE == apptainer ]] && command -v strace >/dev/null; then
  mkdir "$work/traced"
  traced() {
    local trace=$work/trace
    strace -f -qq -o "$trace" -e trace=openat,open,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat \
      "${apptainer_run[@]}" --containall --no-home --cleanenv \
      --bind "$work/the data:/the input:ro" --bind "$work/traced:/the output" \
      "$IMAGE" '/the input' '/the output' participant --fast || return
    # Of the program alone, which opens its model.
    local first
    first=$(grep -n 'brain33' "$trace" | head -n 1 | cut -d : -f 1)
    [[ -n $first ]] || return
    # (The path of a call that was interrupted stands where it began.)
    ! tail -n "+$first" "$trace" | grep -v -e ' = -1 ' -e 'resumed>' |
      grep -E 'O_WRONLY|O_RDWR|O_CREAT|mkdir|rename|unlink|creat\(' |
      grep -vE '"/the output|"/tmp/|"/dev/|"/proc/|AT_FDCWD, "[^/]|[0-9], "'
  }
  check 'nothing is written but in the output and temporary folders' traced
fi

printf '%s checks failed\n' "$FAILED"
exit $((FAILED > 0))
