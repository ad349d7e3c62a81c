"""What the experiments run: for every series its arms, each a name, the pack of prepare.py that it reads, and the options
of hypersynth-train. An arm's options come after those of its preset and so win over them.
"""

# Slices of 2 mm. Dice is that of the whole batch with little smoothing: many patches have no ventricle, and with the sums of
# single patches the loss hardly sees them (see docs/experiments.md).
TASK = (
    "--network resize-unet --norm instance --loss dice+0.2*cross-entropy --dice-over-batch --dice-smoothing 0.0005"
    " --skull-strip-probability 1 --isotropic-mm 4 --slice-mm 4 --velocity-std 2 --schedule cosine --gradient-clip 10 --kept-weights last"
)
PRESETS = {
    "cpu": TASK + " --levels 3 --features 8 --patch 64x64 --batch-size 8 --steps 3000 --learning-rate 3e-3"
    " --average-decay 0.99 --validation-every 250",
    "gpu": TASK + " --levels 4 --features 24 --patch 96x96 --batch-size 32 --steps 20000 --learning-rate 1e-3"
    " --average-decay 0.999 --validation-every 1000 --device cuda",
}

# In series of 3,000 steps the parameters move to the end.
LEARN = "--method learn2synth --theta-gradient-clip 1 --theta-delay 300 --theta-every 2 --theta-patience 0 --augmentation "
PUBLISHED = " --outer-decay 0 --baseline-batches 0"
# The inner step goes along g / |g|: a clip that always acts, so that all steps weigh alike in Adam's moments too.
DIRECTION = " --gradient-clip 1e-3"
STILL = " --theta-delay 1000000"
SCANNER = "intensity-prior+artefact-strength"

METHODS = {
    "synthseg": "--method synthseg",
    # The intensity prior read off the scans, and never moved.
    "statistics": LEARN + "intensity-prior" + STILL,
    # Moved by hypergradients as published: the real loss alone.
    "published": LEARN + SCANNER + PUBLISHED,
    "direction": LEARN + SCANNER + DIRECTION + " --baseline-batches 0",
    "intensity-prior": LEARN + "intensity-prior",
    "scanner": LEARN + SCANNER,
    # Half of the images stay as the generative model makes them.
    "scanner-half": LEARN + SCANNER + " --unchanged-share 0.5",
    "noise": LEARN + "noise",
    "noise-bias": LEARN + "noise-bias",
    "unet": LEARN + "unet",
    "mixed": "--method mixed",
    # The synthetic half with what `scanner` learned in a quarter of its images.
    "mixed-scanner": "--method mixed --augmentation " + SCANNER + " --unchanged-share 0.75 --theta-start {scanner-theta}",
    "supervised": "--method supervised",
    # What `scanner` learned, from the first step on, in a quarter of the images.
    "two-stage": LEARN + SCANNER + STILL + " --unchanged-share 0.75 --theta-start {scanner-theta}",
    # Its control: the statistics, never moved, in a quarter of the images.
    "statistics-quarter": LEARN + "intensity-prior" + STILL + " --unchanged-share 0.75",
    "finetune": "--method finetune --learning-rate 1e-3 --steps 1000 --initial-model {synthseg}",
}

PEOPLE = [1, 2, 4, 8, 12]


def arms(series):
    """Arms of a series: name, pack, options."""
    if series == "methods":
        return [(name, "tissue", options) for name, options in METHODS.items()]
    if series == "structures":
        # More structures need more features and steps; parameters move once the network knows most structures.
        larger = " --features 16 --steps 6000 --validation-every 500"
        late = lambda options: options.replace("--theta-delay 300 ", "--theta-delay 3000 ")
        return [(name, "brain33", late(METHODS[name]) + larger) for name in ("synthseg", "statistics", "scanner", "supervised", "mixed")]
    if series == "heart":
        chosen = ("synthseg", "statistics", "scanner", "supervised", "published", "direction")
        return [(name, "heart", METHODS[name] + " --steps 1500") for name in chosen]
    if series == "people":
        chosen = ("statistics", "scanner", "supervised", "mixed", "finetune")
        return [(f"{name}-{people}", f"tissue-{people}", METHODS[name]) for people in PEOPLE for name in chosen]
    if series == "long":
        # In long runs the parameters rest once they have passed their best.
        rest = " --theta-patience 3 --validation-every 1000 --steps "
        chosen = {"synthseg": 12000, "scanner-half": 12000, "two-stage": 24000, "statistics-quarter": 24000}
        return [(name, "tissue", METHODS[name] + rest + str(steps)) for name, steps in chosen.items()]
    raise SystemExit(f"unknown series '{series}': choose methods, structures, heart, people or long")
