"""Runs a series of experiments (see series.py) and keeps what each run found.

    python3 experiments/run.py methods --packs PACKS --results RESULTS [--seeds 1 2 3] [--jobs 2] [--preset cpu]

Every run is a folder of RESULTS/SERIES; a run that is done is not done again, and one that was stopped goes on from its
checkpoint. A run of another command, or of a pack with other content, begins anew. RESULTS/SERIES/ARM-sSEED.json holds the command, the
SHA-256 of the pack, Dice of every shift, label and image, the learned parameters, the validation curve over steps and CPU seconds, and CPU
seconds in all.
"""

import argparse
import collections
import concurrent.futures
import csv
import functools
import hashlib
import io
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys

import series as definitions

THETA_STEPS = 300  # learned parameters are their mean over so many last steps


@functools.lru_cache(maxsize=None)
def sha256(path):
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def mean_theta(lines):
    last = [line["theta"] for line in lines if "theta" in line][-THETA_STEPS:]
    result = {}
    for name in last[0]:
        values = [theta[name] for theta in last]
        if isinstance(values[0], list):
            result[name] = [sum(column) / len(column) for column in zip(*values)]
        else:
            result[name] = sum(values) / len(values)
    return result


def as_start(theta):
    """Learned parameters as values of --theta-start, which must lie inside their bounds."""
    inside = lambda value: f"{max(value, 1e-3):.5f}"
    result = []
    for name, value in theta.items():
        if isinstance(value, list):
            result += [f"{name}[{i}]={inside(element)}" for i, element in enumerate(value)]
        else:
            result.append(f"{name}={inside(value)}")
    return " ".join(result)


def scores(program, model, pack):
    table = subprocess.run([program, model, pack], check=True, capture_output=True, text=True).stdout
    found = collections.defaultdict(lambda: collections.defaultdict(dict))
    for row in csv.DictReader(io.StringIO(table), delimiter="\t"):
        found[row["shift"]][row["label"]][row["image"]] = float(row["dice"])
    return found


def run(options, arm, pack, arguments, seed):
    name = f"{arm}-s{seed}"
    folder = options.results / options.series
    done = folder / f"{name}.json"
    data = options.packs / f"{pack}.pack"
    earlier = options.results / ("methods" if options.series in ("people", "long") else options.series)
    initial = pathlib.Path(earlier.name) / f"synthseg-s{seed}" / "model.safetensors"
    arguments = arguments.replace("{synthseg}", str(initial))
    if "{scanner-theta}" in arguments:
        learned = json.loads((earlier / f"scanner-s{seed}.json").read_text())["theta"]
        arguments = arguments.replace("{scanner-theta}", as_start(learned))
    given = shlex.split(definitions.PRESETS[options.preset]) + shlex.split(arguments)
    command = ["hypersynth-train", "--data", data.name, *given, "--random-seed", str(seed)]
    made_with = {"command": command, "pack_sha256": sha256(data)}
    if str(initial) in given:
        made_with["initial_model_sha256"] = sha256(options.results / initial)
    is_of_this = lambda path: path.exists() and made_with.items() <= json.loads(path.read_text()).items()
    if is_of_this(done):
        return name
    output = folder / name
    if output.exists() and not is_of_this(output / "made-with.json"):
        shutil.rmtree(output)
    output.mkdir(parents=True, exist_ok=True)
    (output / "made-with.json").write_text(json.dumps(made_with))
    environment = dict(os.environ, OMP_NUM_THREADS=str(options.threads), OMP_WAIT_POLICY="passive")
    # The command is kept without the folders of this machine.
    here = [str(options.results / word) if word == str(initial) else word for word in given]
    call = [options.bin / "hypersynth-train", "--data", data, "--output", output, *here, "--random-seed", str(seed)]
    with open(output / "log", "a") as log:
        status = subprocess.run(call, stdout=log, stderr=log, env=environment).returncode
    if status != 0:
        raise RuntimeError(f"{name}: hypersynth-train failed, see {output / 'log'}")
    lines = [json.loads(line) for line in (output / "training.jsonl").read_text().splitlines()]
    seconds = {line["step"]: line["cpu_seconds"] for line in lines if "cpu_seconds" in line}
    result = {
        **made_with,
        "cpu_s": max(seconds.values()),
        "curve": [
            [line["step"], round(seconds[line["step"]], 1), line["validation_score"]]
            for line in lines
            if "validation_score" in line
        ],
        "theta": mean_theta(lines),
        "dice": scores(options.bin / "experiment_score", output / "model.safetensors", data),
    }
    done.with_suffix(".new").write_text(json.dumps(result))
    done.with_suffix(".new").rename(done)
    return name


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("series")
    parser.add_argument("--packs", type=pathlib.Path, required=True, help="folder that prepare.py filled")
    parser.add_argument("--results", type=pathlib.Path, required=True)
    parser.add_argument("--bin", type=pathlib.Path, default=pathlib.Path("build/release/bin"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--arms", nargs="+", help="these alone")
    parser.add_argument("--preset", choices=definitions.PRESETS, default="cpu")
    parser.add_argument("--jobs", type=int, default=2, help="runs at a time")
    parser.add_argument("--threads", type=int, default=1, help="threads of a run")
    options = parser.parse_args()
    wanted = [arm for arm in definitions.arms(options.series) if not options.arms or arm[0] in options.arms]
    failed = []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        runs = [pool.submit(run, options, *arm, seed) for seed in options.seeds for arm in wanted]
        for future in concurrent.futures.as_completed(runs):
            try:
                print(future.result(), "done", flush=True)
            except Exception as error:  # the other runs go on
                failed.append(error)
                print(error, file=sys.stderr, flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
