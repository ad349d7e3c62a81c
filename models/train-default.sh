#!/usr/bin/env bash
# Trains the default model again from label maps alone, as its card (models/README.md) describes.
set -euo pipefail

usage() {
  cat <<'USAGE'
Usage: models/train-default.sh LABEL_MAPS OUTPUT [--device cpu|cuda|cuda:N] [OPTION...]

LABEL_MAPS  folder of label maps (NIfTI) with their label table, labels.tsv
OUTPUT      folder for training.pack, checkpoint.safetensors, training.jsonl and model.safetensors

Every sixth label map, where there are so many, is set aside and scores the model while it trains.
Any further OPTION goes to hypersynth-train and wins over those here, for instance a small trial on
a CPU:

  models/train-default.sh maps trial --steps 20 --patch 48x48x48 --validation-every 10 --validation-images 1

The same command goes on where the last one was stopped.
USAGE
}

if [[ $# -lt 2 || $1 == -h || $1 == --help ]]; then
  usage
  [[ ${1:-} == -h || ${1:-} == --help ]] && exit 0
  exit 64
fi
maps=$1
output=$2
shift 2

bin=${HYPERSYNTH_BIN:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/build/release/bin}
if [[ ! -x $bin/hypersynth-train ]]; then
  echo "train-default.sh: expected hypersynth-train in $bin, found none: build the project with" \
    "libtorch (./setup.sh build), or name its folder in HYPERSYNTH_BIN" >&2
  exit 66
fi
if [[ ! -f $maps/labels.tsv ]]; then
  echo "train-default.sh: expected a label table $maps/labels.tsv, found none" >&2
  exit 66
fi

# Every sixth label map scores the model.
mapfile -t files < <(find -L "$maps" -maxdepth 1 \( -name '*.nii' -o -name '*.nii.gz' \) -printf '%f\n' | sort)
held_out=()
for ((i = 5; i < ${#files[@]}; i += 6)); do held_out+=("/${files[i]}"); done

mkdir -p "$output"
if [[ ! -f $output/training.pack ]]; then
  "$bin/hypersynth-pack" --label-table "$maps/labels.tsv" --label-maps "$maps" \
    ${held_out:+--validation "${held_out[@]}"} --output "$output/training.pack"
fi

# A GPU trains in bfloat16. On a CPU that is slower where the processor has no such instructions.
options=(--method synthseg --network pool-unet --levels 5 --features 16 --norm batch
  --patch 128x128x128 --batch-size 1 --loss 'dice+0.2*cross-entropy'
  --optimiser adamw --learning-rate 1e-3 --weight-decay 1e-4 --schedule cosine --warmup-steps 500
  --gradient-clip 1 --average-decay 0.999 --steps 24000 --checkpoint-every 500
  --validation-every 1000 --validation-images 6 --kept-weights last)
case " $* " in
  *" --device cuda"*) options+=(--precision bf16) ;;
esac

last=()
if ((${#held_out[@]} == 0)); then
  echo "train-default.sh: $maps has fewer than six label maps: no label map is set aside, and" \
    "nothing scores the model" >&2
  last=(--validation-every 0)
fi

exec "$bin/hypersynth-train" --data "$output/training.pack" --output "$output" \
  "${options[@]}" "$@" "${last[@]}"
