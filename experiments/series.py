"""What the experiments run: for every series its arms, each a name and the options of hypersynth-train.

An arm's options come after those of its preset and so win over them.
"""

# 2-D slices of 2 mm. Dice counts structures of every size (a smoothing of 0.2 % of the patch), and the network normalises
# each image; without the two, networks of this size never find the ventricles.
PRESETS = {
    "cpu": "--network resize-unet --levels 3 --features 8 --norm instance --patch 64x64 --batch-size 8 --steps 3000"
    " --learning-rate 3e-3 --schedule cosine --gradient-clip 10 --average-decay 0.99 --dice-smoothing 0.002"
    " --skull-strip-probability 1 --isotropic-mm 4 --slice-mm 4 --velocity-std 2 --validation-every 250",
    "gpu": "--network resize-unet --levels 4 --features 24 --norm instance --patch 96x96 --batch-size 32 --steps 20000"
    " --learning-rate 1e-3 --schedule cosine --gradient-clip 10 --average-decay 0.999 --dice-smoothing 0.002"
    " --skull-strip-probability 1 --isotropic-mm 4 --slice-mm 4 --velocity-std 2 --validation-every 1000 --device cuda",
}

STATISTICS = "--method learn2synth --theta-from-real"
STILL = " --theta-delay 1000000"
# Parameters move at every second step, from step 300 on, in steps measured by their priors.
LEARNED = (
    " --theta-rate-by-prior --theta-learning-rate 1e-2 --theta-gradient-clip 1 --theta-delay 300 --theta-every 2"
    " --outer-decay 0.9 --theta-significance 2"
)
PUBLISHED = (
    " --theta-rate-by-prior --theta-learning-rate 1e-2 --theta-gradient-clip 1 --theta-delay 300 --theta-every 2"
    " --outer-decay 0 --theta-significance 0 --baseline-batches 0"
)

PRIOR = " --augmentation intensity-prior"
SCANNER = " --augmentation intensity-prior+artefact-strength"

METHODS = {
    "synthseg": "--method synthseg",
    "statistics": STATISTICS + PRIOR + STILL,
    "published": STATISTICS + PRIOR + PUBLISHED,
    "intensity-prior": STATISTICS + PRIOR + LEARNED,
    "scanner": STATISTICS + SCANNER + LEARNED,
    "noise": "--method learn2synth --augmentation noise" + LEARNED,
    "noise-bias": "--method learn2synth --augmentation noise-bias" + LEARNED,
    "unet": "--method learn2synth --augmentation unet --theta-learning-rate 1e-3 --theta-delay 300" + " --outer-decay 0.9",
    "mixed": "--method mixed",
    "supervised": "--method supervised",
    "finetune": "--method finetune --learning-rate 1e-3 --steps 1000 --initial-model {synthseg}",
}

PEOPLE = [1, 2, 4, 8, 12]


def arms(series):
    """Arms of a series: name, pack (see prepare.py), options."""
    if series in ("methods", "structures"):
        pack = "tissue" if series == "methods" else "brain33"
        return [(name, pack, options) for name, options in METHODS.items()]
    if series == "people":
        chosen = ("statistics", "scanner", "supervised", "finetune")
        return [
            (f"{name}-{people}", f"tissue-{people}", METHODS[name]) for people in PEOPLE for name in chosen
        ]
    raise SystemExit(f"unknown series '{series}': choose methods, structures or people")
