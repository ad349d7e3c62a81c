"""Draws the figures and prints the tables of docs/experiments.md.

    python3 experiments/figures.py bias BIAS.jsonl FIGURE.svg
    python3 experiments/figures.py signal BIAS.jsonl
    python3 experiments/figures.py drift FIGURE.svg NAME=RUN... --truth NAME=VALUE... [--show NAME...]
    python3 experiments/figures.py progress FIGURE.svg RUN
    python3 experiments/figures.py series RESULTS/SERIES FIGURE.svg

BIAS.jsonl is what experiment_bias wrote, RUN the folder of a run of hypersynth-train, RESULTS/SERIES what run.py made.
Needs matplotlib.
"""

import argparse
import collections
import json
import math
import pathlib
import statistics

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "hypersynth"
from matplotlib import pyplot  # noqa: E402

# Student's t, two-sided 95 %, by degrees of freedom.
T_975 = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262}
WINDOW = 100  # hypergradients, as --theta-patience counts them
# Okabe and Ito's colours, which colour-blind readers tell apart.
COLOURS = ["#000000", "#E69F00", "#56B4E9", "#009E73", "#D55E00", "#0072B2", "#CC79A7", "#999999"]


def interval(values):
    """Mean and half width of its 95 % interval."""
    half = math.nan
    if len(values) > 1:
        half = T_975[len(values) - 1] * statistics.stdev(values) / math.sqrt(len(values))
    return statistics.mean(values), half


def save(figure, path):
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def bias(options):
    lines = [json.loads(line) for line in options.input.read_text().splitlines()]
    rms = collections.defaultdict(dict)
    cost = {}
    for line in lines:
        z = [line["mean"][name] / line["standard_error"][name] for name in line["mean"]]
        rms[line["estimator"]][line["step"]] = math.sqrt(statistics.mean(value * value for value in z))
        cost.setdefault(line["estimator"], []).append(line["cpu_s"])
    steps = sorted({line["step"] for line in lines})
    number = len(lines[0]["mean"])
    print("| estimator | " + " | ".join(f"step {step}" for step in steps) + " | CPU ms |")
    print("|---|" + "---|" * (len(steps) + 1))
    for name, values in rms.items():
        shown = " | ".join(f"{values[step]:.1f}" for step in steps)
        print(f"| {name} | {shown} | {1000 * statistics.mean(cost[name]):.0f} |")
    figure, panels = pyplot.subplots(1, 2, figsize=(9, 3.6), sharey=True)
    # 95 % of the root mean square of so many independent standard normal numbers (Wilson and Hilferty).
    band = [math.sqrt((1 - 2 / (9 * number) + z * math.sqrt(2 / (9 * number))) ** 3) for z in (-1.96, 1.96)]
    for panel, title in zip(panels, ("real loss alone", "real loss less that of synthetic images")):
        panel.axhspan(*band, color="#dddddd", label="no bias (95 %)")
        panel.set_title(title)
        panel.set_xscale("log")
        panel.set_xlabel("training steps of the network")
        chosen = [name for name in rms if name.endswith(" - baseline") == (panel is panels[1])]
        for colour, marker, name in zip(COLOURS, "os^Dvx", chosen):
            panel.plot(
                steps, [rms[name][step] for step in steps], marker=marker, color=colour, label=name.removesuffix(" - baseline")
            )
    panels[0].set_yscale("log")
    panels[0].set_ylabel("mean hypergradient / standard error,\nroot mean square of the parameters")
    panels[0].legend(fontsize=7)
    save(figure, options.figure)


def signal(options):
    """Signal-to-noise ratio of one hypergradient, and how many would be needed for a ratio of 2."""
    lines = [json.loads(line) for line in options.input.read_text().splitlines()]
    print("| step | estimator | signal to noise of one | CPU ms of one | CPU s to a ratio of 2 |")
    print("|---|---|---|---|---|")
    for line in lines:
        z = [line["mean"][name] / line["standard_error"][name] for name in line["mean"]]
        # The mean square of z is 1 without any signal.
        power = max(statistics.mean(value * value for value in z) - 1, 0) / line["repeats"]
        needed = f"{4 / power * line['cpu_s']:.0f}" if power > 0 else "-"
        print(f"| {line['step']} | {line['estimator']} | {math.sqrt(power):.2f} | {1000 * line['cpu_s']:.0f} | {needed} |")


def element(line, name):
    """Value of "mean[2]" or "sigma" in a line of training.jsonl."""
    parameter, _, index = name.partition("[")
    value = line["theta"][parameter]
    return value[int(index[:-1])] if index else value


def drift(options):
    truth = {name: float(value) for name, value in (pair.split("=") for pair in options.truth)}
    runs = collections.defaultdict(list)
    for pair in options.runs:
        label, folder = pair.split("=", 1)
        lines = [json.loads(line) for line in (pathlib.Path(folder) / "training.jsonl").read_text().splitlines()]
        runs[label].append([line for line in lines if "theta" in line])
    print("| parameter | true | " + " | ".join(runs) + " |")
    print("|---|---|" + "---|" * len(runs))
    for name, true in truth.items():
        cells = []
        for seeds in runs.values():
            mean, half = interval([statistics.mean(element(line, name) for line in lines[-200:]) for lines in seeds])
            cells.append(f"{mean:.3f} ± {half:.3f}" + ("" if abs(mean - true) <= half else " (off)"))
        print(f"| {name} | {true} | " + " | ".join(cells) + " |")
    shown = options.show or list(truth)
    figure, panels = pyplot.subplots(1, len(shown), figsize=(3 * len(shown), 3.2), squeeze=False)
    for panel, name in zip(panels[0], shown):
        for colour, (label, seeds) in zip(COLOURS, runs.items()):
            for lines in seeds:
                panel.plot(
                    [line["step"] for line in lines[::20]], [element(line, name) for line in lines[::20]], color=colour,
                    linewidth=1, label=label if lines is seeds[0] else None,
                )  # fmt: skip
        panel.axhline(truth[name], color="#888888", linestyle="--", label="true")
        panel.set_title(name)
        panel.set_xlabel("step")
    panels[0][0].legend(fontsize=7)
    save(figure, options.figure)


def mean_dice(result, shift):
    """Mean over images and labels."""
    return statistics.mean(
        dice for images in result["dice"][shift].values() for dice in images.values()
    )


def points(value, half):
    return f"{value:.1f} ± {half:.1f}" if half == half else f"{value:.1f}"


def print_differences(results, seeds, reference, shifts):
    """Of every arm to the reference, in domain seed by seed, and the 95 % interval of the mean for every shift."""
    print(f"| method | points above {reference} in domain, seed by seed | mean | " + " | ".join(shifts[1:]) + " |")
    print("|---|---|---|" + "---|" * (len(shifts) - 1))
    for arm, runs in results.items():
        if arm == reference:
            continue
        found = {}
        for shift in shifts:
            base = {seed: 100 * mean_dice(run, shift) for seed, run in zip(seeds[reference], results[reference])}
            found[shift] = [100 * mean_dice(run, shift) - base[seed] for seed, run in zip(seeds[arm], runs) if seed in base]
        if found[shifts[0]]:
            print(f"| {arm} | " + " ".join(f"{d:.1f}" for d in found[shifts[0]]) + " | "
                  + " | ".join(points(*interval(values)) for values in found.values()) + " |")  # fmt: skip
    print()


def progress(options):
    """Real loss of windows of hypergradients, and the validation score, over the steps of a run."""
    lines = [json.loads(line) for line in (options.run / "training.jsonl").read_text().splitlines()]
    steered = [line for line in lines if "real_loss" in line]
    windows = [steered[i : i + WINDOW] for i in range(0, len(steered) - WINDOW + 1, WINDOW)]
    steps = [statistics.mean(line["step"] for line in window) for window in windows]
    means = [statistics.mean(line["real_loss"] for line in window) for window in windows]
    errors = [statistics.stdev(line["real_loss"] for line in window) / math.sqrt(WINDOW) for window in windows]
    scores = [(line["step"], line["validation_score"]) for line in lines if "validation_score" in line]
    figure, panels = pyplot.subplots(1, 2, figsize=(9, 3.2))
    panels[0].errorbar(steps, means, yerr=errors, color=COLOURS[5], marker="o", markersize=3)
    panels[0].set_ylabel("loss of the labelled scans")
    panels[1].plot(*zip(*scores), color=COLOURS[4])
    panels[1].set_ylabel("Dice of held-out people")
    best = means.index(min(means))
    for panel in panels:
        panel.axvline(steps[best], color="#888888", linestyle="--", label="lowest loss")
        panel.set_xlabel("steps")
    panels[0].legend(fontsize=7)
    save(figure, options.figure)


def series(options):
    results = collections.defaultdict(list)
    seeds = collections.defaultdict(list)
    for path in sorted(options.input.glob("*.json")):
        arm, seed = path.stem.rsplit("-s", 1)
        results[arm].append(json.loads(path.read_text()))
        seeds[arm].append(seed)
    shifts = list(next(iter(results.values()))[0]["dice"])
    print("| method | seeds | " + " | ".join(shifts) + " | CPU s |")
    print("|---|---|" + "---|" * (len(shifts) + 1))
    for arm, runs in results.items():
        cells = []
        for shift in shifts:
            cells.append(points(*interval([100 * mean_dice(run, shift) for run in runs])))
        print(f"| {arm} | {len(runs)} | " + " | ".join(cells) + f" | {statistics.mean(run['cpu_s'] for run in runs):.0f} |")
    print()
    if options.reference in results:
        print_differences(results, seeds, options.reference, shifts)
    labels = list(next(iter(results.values()))[0]["dice"]["none"])
    if len(labels) <= 8:
        print("| method | " + " | ".join(labels) + " |")
        print("|---|" + "---|" * len(labels))
        for arm, runs in results.items():
            means = [
                statistics.mean(d for run in runs for d in run["dice"]["none"][label].values()) for label in labels
            ]
            print(f"| {arm} | " + " | ".join(f"{100 * mean:.1f}" for mean in means) + " |")
    figure, panels = pyplot.subplots(1, 2, figsize=(9, 3.6), sharey=True)
    for colour, (arm, runs) in zip(COLOURS * 2, results.items()):
        for run in runs:
            steps, seconds, scores = zip(*run["curve"])
            for panel, along in zip(panels, (steps, seconds)):
                if None in along:
                    continue
                panel.plot(along, scores, color=colour, linewidth=1, label=arm if run is runs[0] else None)
    panels[0].set_xlabel("steps")
    panels[1].set_xlabel("CPU seconds")
    panels[0].set_ylabel("Dice of held-out people")
    panels[0].legend(fontsize=7)
    save(figure, options.figure)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(required=True)
    for name, draw in (("bias", bias), ("series", series)):
        kind = kinds.add_parser(name)
        kind.add_argument("input", type=pathlib.Path)
        kind.add_argument("figure", type=pathlib.Path)
        kind.set_defaults(draw=draw)
    kind.add_argument("--reference", default="statistics", help="arm that the others are compared with")
    kind = kinds.add_parser("signal")
    kind.add_argument("input", type=pathlib.Path)
    kind.set_defaults(draw=signal)
    kind = kinds.add_parser("progress")
    kind.add_argument("figure", type=pathlib.Path)
    kind.add_argument("run", type=pathlib.Path)
    kind.set_defaults(draw=progress)
    kind = kinds.add_parser("drift")
    kind.add_argument("figure", type=pathlib.Path)
    kind.add_argument("runs", nargs="+", metavar="NAME=RUN")
    kind.add_argument("--truth", nargs="+", required=True, metavar="NAME=VALUE")
    kind.add_argument("--show", nargs="+", metavar="NAME", help="parameters of the figure")
    kind.set_defaults(draw=drift)
    options = parser.parse_args()
    options.draw(options)


if __name__ == "__main__":
    main()
