#!/usr/bin/env python3
"""Limits of the verdict from measures of degraded scans, tested on other people.

    limits.py MEASURES.tsv... [--thresholds thresholds.json]

MEASURES.tsv is what experiment_quality prints for the scans of degrade.py. The limit of a measure is
halfway (geometric mean) between the worst clean scan and the mildest strong copy with an artefact that
the measure is for, among half of the people; where clean scans have 0, a tenth of that copy. Prints
the limits of both halves and of all people, and how many scans of the other half are beyond them:
specificity on clean scans, sensitivity for each artefact and grade. --thresholds, the `thresholds` of a
record, counts the scans that are beyond these instead.
"""
import argparse
import collections
import csv
import json
import math
import re

# Which side is bad, and the artefacts that the measure is for.
MEASURES = {"cjv": (1, ("noise", "motion", "blur")), "snr_wm": (-1, ("noise",)),
            "snrd_total": (-1, ("noise",)), "qi_1": (1, ("ghost",)), "qc_air_signal": (1, ("ghost",)),
            "inu_range": (1, ("bias",)), "qc_fwhm": (1, ("blur",)),
            "qc_edge_snr": (-1, ("noise", "motion", "blur")), "qc_cut_area": (1, ("deface",)),
            "qc_border_area": (1, ("wrap", "crop"))}


def read(paths):
    scans = []
    for path in paths:
        with open(path) as file:
            for row in csv.DictReader(file, delimiter="\t"):
                if row["qc_edge_snr"] is None:  # a line that is still being written
                    continue
                found = re.search(r"(sub-[0-9A-Za-z]+)_acq-([a-z]+)(\d)_", row["image"])
                values = {name: float(row[name]) for name in row
                          if name != "image" and row[name] != "n/a"}
                scans.append((found[1], found[2], int(found[3]), values))
    return scans


def limit_of(name, scans):
    side, artefacts = MEASURES[name]
    clean = [v[name] for _, artefact, _, v in scans if artefact == "clean" and name in v]
    strong = [v[name] for _, artefact, grade, v in scans
              if artefact in artefacts and grade == 3 and name in v]
    if not clean or not strong:
        return math.nan
    worst, mildest = (max(clean), min(strong)) if side > 0 else (min(clean), max(strong))
    return math.sqrt(worst * mildest) if worst > 0 else mildest / 10


def print_table(flagged):
    print("artefact\tgrade\tscans\tflagged\t" + "\t".join(MEASURES))
    for (artefact, grade), flags in sorted(flagged.items()):
        by_measure = [str(sum(name in f for f in flags)) for name in MEASURES]
        print(artefact, grade, len(flags), sum(bool(f) for f in flags), *by_measure, sep="\t")


def thresholds_of(path):
    with open(path) as file:
        entries = json.load(file)
    sides = {}
    for name, entry in entries.items():
        for key, side in (("warning_above", 1), ("warning_below", -1)):
            if key in entry:
                sides.setdefault(name, []).append((side, entry[key]))
    return sides


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="+")
    parser.add_argument("--thresholds")
    options = parser.parse_args()
    scans = read(options.tables)
    people = sorted({scan[0] for scan in scans})
    flagged = collections.defaultdict(list)
    if options.thresholds:
        sides = thresholds_of(options.thresholds)
        for _, artefact, grade, values in scans:
            flagged[artefact, grade].append({name for name in sides for side, limit in sides[name]
                                             if name in values and side * (values[name] - limit) > 0})
        print_table(flagged)
        return
    halves = [people[0::2], people[1::2]]
    for half, other in (halves, halves[::-1], (people, [])):
        limits = {name: limit_of(name, [scan for scan in scans if scan[0] in half])
                  for name in MEASURES}
        print(len(half), "people:", ", ".join(f"{n} {limit:.3g}" for n, limit in limits.items()))
        for subject, artefact, grade, values in scans:
            if subject in other:
                flagged[artefact, grade].append(
                    {name for name, (side, _) in MEASURES.items()
                     if name in values and side * (values[name] - limits[name]) > 0})
    print("\nscans of the half that the limits are not from, both ways")
    print_table(flagged)


if __name__ == "__main__":
    main()
