#!/usr/bin/env python3
"""MRIQC's measures by their published formulas, in numpy, for mriqc_formulas_test.cpp:

    mkdir masks; HYPERSYNTH_MASKS=masks quality_test --gtest_filter='MriqcFormulas*'
    python3 tests/quality/mriqc_formulas.py masks

Definitions: Esteban et al. 2017 (doi:10.1371/journal.pone.0184661) and MRIQC's documentation.
"""
import sys

import nibabel
import numpy


def load(folder, name):
    return numpy.asarray(nibabel.load(f"{folder}/{name}.nii").dataobj)


def mad(values):
    return numpy.median(numpy.abs(values - numpy.median(values))) / 0.6744897501960817


def summary(values):
    deviation = values - values.mean()
    return {"mean": values.mean(), "median": numpy.median(values),
            "p05": numpy.percentile(values, 5), "p95": numpy.percentile(values, 95),
            "mad": mad(values), "stdv": values.std(), "n": values.size,
            "k": (deviation**4).mean() / (deviation**2).mean() ** 2 - 3}


def main():
    folder = sys.argv[1]
    image = load(folder, "image").astype(float)
    labels, head, air = (load(folder, name) for name in ("labels", "head", "air"))
    image *= 1000 / numpy.median(image[numpy.isin(labels, (2, 41))])
    masks = {"bg": air == 1, "csf": labels == 24, "gm": numpy.isin(labels, (3, 42)),
             "wm": numpy.isin(labels, (2, 41))}
    s = {key: summary(image[mask]) for key, mask in masks.items()}
    measures = {f"summary_{key}_{name}": value for key in s for name, value in s[key].items()}
    contrast = abs(s["wm"]["median"] - s["gm"]["median"])
    measures["cjv"] = (s["wm"]["mad"] + s["gm"]["mad"]) / contrast
    measures["cnr"] = contrast / numpy.sqrt(sum(s[key]["stdv"] ** 2 for key in ("bg", "gm", "wm")))
    for key in ("csf", "gm", "wm"):
        n = s[key]["n"]
        measures[f"snr_{key}"] = s[key]["median"] / (s[key]["stdv"] * numpy.sqrt(n / (n - 1)))
        measures[f"snrd_{key}"] = s[key]["median"] / (numpy.sqrt(2 / (4 - numpy.pi)) * s["bg"]["mad"])
    for family in ("snr", "snrd"):
        measures[f"{family}_total"] = sum(measures[f"{family}_{key}"] for key in s if key != "bg") / 3
    measures["fber"] = numpy.median(image[head > 0] ** 2) / numpy.median(image[head == 0] ** 2)
    largest = numpy.sqrt(image.size) * numpy.log(1 / numpy.sqrt(image.size))
    energy = numpy.sqrt((image**2).sum())
    measures["efc"] = (image / energy * numpy.log((image + 1e-16) / energy)).sum() / largest
    measures["wm2max"] = s["wm"]["median"] / numpy.percentile(image, 99.95)
    measures["qi_1"] = (air == 2).sum() / ((air == 2).sum() + (air == 1).sum())
    for name, value in measures.items():
        print(f'    {{"{name}", {value:.9g}}},')


if __name__ == "__main__":
    main()
