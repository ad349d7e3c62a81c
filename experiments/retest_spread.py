#!/usr/bin/env python3
"""Prints rows of models/retest-spread.tsv: how much volumes differ between two scans of one person.

    hypersynth DATASET OUTPUT participant --participant-label PEOPLE SCANNED TWICE
    experiments/retest_spread.py OUTPUT >> models/retest-spread.tsv

The dataset has two sessions of each person with nothing in between that changes a brain. The spread
of a structure is the root mean square of the symmetrised percent changes, 100 (second - first) /
mean of both, of its soft volume.
"""
import csv
import glob
import json
import math
import os
import sys


def main(output):
    changes = {}
    for table in sorted(glob.glob(os.path.join(output, "sub-*", "*_desc-hypersynth_longitudinal.tsv"))):
        with open(table, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                if row["change_percent"] != "n/a":
                    key = (row["series"], row["structure"])
                    changes.setdefault(key, []).append(float(row["change_percent"]))
    if not changes:
        sys.exit(output + ": expected tables of people with two sessions, found none")
    record = glob.glob(os.path.join(output, "sub-*", "ses-*", "anat", "*_iqms.json"))[0]
    with open(record, encoding="utf-8") as file:
        provenance = json.load(file)["provenance"]
    with open(os.path.join(output, "desc-hypersynth_dseg.tsv"), encoding="utf-8", newline="") as file:
        index = {row["name"]: row["index"] for row in csv.DictReader(file, delimiter="\t")}
    index["intracranial volume"] = "0"
    for (series, structure), values in changes.items():
        spread = math.sqrt(sum(value * value for value in values) / len(values))
        print("\t".join([provenance["model_xxh3"], "yes" if provenance["fast"] else "no",
                         series.split(" ")[-1], index[structure], structure, str(len(values)),
                         "%.4g" % spread]))


if __name__ == "__main__":
    main(*sys.argv[1:])
