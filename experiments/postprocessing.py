#!/usr/bin/env python3
"""The table of experiment_postprocessing: postprocessing.py RESULTS.tsv

Mean over scans of the mean Dice over labels, and its difference from the usual way with the 95 % interval of a paired t-test.
"""

import collections
import csv
import math
import statistics
import sys

# Two-sided 97.5 % point of Student's t by degrees of freedom.
STUDENT = {9: 2.262, 10: 2.228, 11: 2.201, 12: 2.179, 13: 2.160, 14: 2.145, 19: 2.093, 24: 2.064}


def main():
    dice = collections.defaultdict(lambda: collections.defaultdict(list))
    with open(sys.argv[1], encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            dice[row["variant"]][row["image"]].append(float(row["dice"]))
    usual = {image: statistics.fmean(values) for image, values in dice["usual"].items()}
    print("| variant | scans | mean Dice | difference | 95 % |\n|---|---|---|---|---|")
    for variant, by_image in dice.items():
        means = {image: statistics.fmean(values) for image, values in by_image.items()}
        gains = [100 * (means[image] - usual[image]) for image in means]
        half = STUDENT.get(len(gains) - 1, 2) * statistics.stdev(gains) / math.sqrt(len(gains)) if len(gains) > 1 else math.nan
        gain = statistics.fmean(gains)
        interval = "" if variant == "usual" else f"{gain - half:+.2f} to {gain + half:+.2f}"
        print(f"| {variant} | {len(means)} | {100 * statistics.fmean(means.values()):.2f} | {gain:+.2f} | {interval} |")


if __name__ == "__main__":
    main()
