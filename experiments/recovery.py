"""Recovers known augmentation parameters with hypersynth-train, several seeds each, and prints for every parameter the
mean of the last 500 steps: seed by seed, over the seeds, and its 95 % confidence interval (Student's t).

    python3 experiments/recovery.py PATH/hypersynth-train DATA.pack {2d,3d,noise-bias} [--truth 0.05 0.1 0.15] [--seeds 1 2 3]
        [--estimator published|corrected] [--steps N]

The published estimator is the default here. The corrected one is the default of hypersynth-train: it subtracts the mean loss of synthetic
batches, so that parameters that are right stay.

The real images are synthetic ones with noise of the true parameters; the run sees these only through the
hypergradient. The sign of sigma has no meaning (the noise is symmetric): its magnitude is reported.
"""

import argparse
import json
import math
import pathlib
import resource
import statistics
import subprocess
import tempfile

# Contrast alone: every image has random class means, and nothing but the noise (and bias) is random inside a class.
PLAIN = (
    "--class-deviation 0 --bias-std 0 --gamma-std 0 --isotropic-probability 0 --native-probability 1 --velocity-std 0"
)
# The network learns faster than theta moves; both rates fall to a twentieth.
ESTIMATORS = {"published": "--outer-decay 0 --baseline-batches 0", "corrected": ""}
RATES = "--theta-patience 0 --theta-rate-unit one --optimiser adam --learning-rate 2e-2 --gradient-clip 30 --theta-gradient-clip 1 --schedule cosine --final-rate 0.05"
SETTINGS = {
    "2d": "--patch 32x32 --batch-size 8 --steps 6000 --theta-delay 1000 --augmentation noise --theta-learning-rate 1e-3",
    "3d": "--patch 16x16x16 --batch-size 4 --steps 4000 --theta-delay 800 --augmentation noise --theta-learning-rate 1e-3",
    "noise-bias": "--patch 32x32 --batch-size 8 --steps 8000 --theta-delay 1000 --augmentation noise-bias"
    " --theta-learning-rate 1e-2 --theta-rate-unit prior",
}
BIAS_TRUTH = {"weight_low": 1.5, "weight_middle": -1.5, "weight_high": -3.0}
T_975 = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365, 9: 2.306, 10: 2.262}


def pairs(values):
    return [f"{name}={value}" for name, value in values.items()]


def recover(train, data, setting, estimator, steps, truth, seed, folder):
    start = {name: 0.3 if name == "sigma" else 0.0 for name in truth}
    command = [train, "--method", "learn2synth", "--data", data, "--output", folder, "--network", "dilated"]
    command += ["--features", "8", "--loss", "logit-mse", "--random-seed", str(seed), "--checkpoint-every", "1000000"]
    command += PLAIN.split() + RATES.split() + ESTIMATORS[estimator].split() + SETTINGS[setting].split()
    if steps:
        command += ["--steps", str(steps)]
    command += ["--theta-start", *pairs(start), "--simulate-real", *pairs(truth)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    lines = [json.loads(line) for line in (pathlib.Path(folder) / "training.jsonl").read_text().splitlines()]
    learned = {}
    for name in truth:
        mean = statistics.mean(line["theta"][name] for line in lines[-500:])
        learned[name] = abs(mean) if name == "sigma" else mean
    return learned, cpu


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train")
    parser.add_argument("data")
    parser.add_argument("setting", choices=SETTINGS)
    parser.add_argument("--truth", type=float, nargs="+", default=[0.05, 0.1, 0.15], help="true sigmas")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--estimator", choices=ESTIMATORS, default="published")
    parser.add_argument("--steps", type=int, help="instead of those of the setting")
    options = parser.parse_args()
    print("parameter      true   by seed                                  mean   95 % interval     CPU s a run", flush=True)
    for sigma in options.truth:
        truth = {"sigma": sigma, **(BIAS_TRUTH if options.setting == "noise-bias" else {})}
        with tempfile.TemporaryDirectory() as folder:
            runs = [
                recover(options.train, options.data, options.setting, options.estimator, options.steps, truth, seed, f"{folder}/{seed}")
                for seed in options.seeds
            ]
        for name, true in truth.items():
            values = [learned[name] for learned, _ in runs]
            mean = statistics.mean(values)
            half = math.nan
            if len(values) in T_975:
                half = T_975[len(values)] * statistics.stdev(values) / math.sqrt(len(values))
            shown = " ".join(f"{value:.3f}" for value in values)
            cpu = statistics.mean(seconds for _, seconds in runs)
            print(f"{name:14s} {true:<6g} {shown:40s} {mean:.3f}  {mean - half:.3f} to {mean + half:.3f}    {cpu:.0f}", flush=True)


if __name__ == "__main__":
    main()
