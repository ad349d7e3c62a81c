"""Counts what expected_counts.tsv holds, without any code of the product.

Usage: python3 count_images.py FOLDER_OF_DATASETS > expected_counts.tsv

A plain walk over the files and one regular expression decide what an image is; sidecars are merged
by comparing the sets of `_` separated parts of two names.
"""

import fnmatch
import json
import os
import re
import sys

SUFFIXES = "T1w T2w PDw FLAIR T2starw inplaneT1 inplaneT2 UNIT1".split()
IMAGE = re.compile(r"sub-[^/]+/(ses-[^/]+/)?(?P<datatype>[a-z]+)/sub-[^/]*_(?P<suffix>[A-Za-z0-9]+)\.nii(\.gz)?")


def files_of(dataset):
    found = []
    for folder, _, names in os.walk(dataset):
        found += [os.path.relpath(os.path.join(folder, name), dataset) for name in names]
    ignore = os.path.join(dataset, ".bidsignore")
    patterns = open(ignore).read().split() if os.path.exists(ignore) else []
    return sorted(path for path in found
                  if not any(fnmatch.fnmatch(os.path.basename(path), pattern.split("/")[-1])
                             for pattern in patterns if not pattern.endswith("/")))


def merged(dataset, image, sidecars):
    parts = os.path.basename(image).split(".")[0].split("_")
    values = {}
    folder = os.path.dirname(image)
    while True:
        names = {path: os.path.basename(path)[:-len(".json")].split("_")
                 for path in sidecars.get(folder, [])}
        applicable = [path for path, name in names.items()
                      if name[-1] == parts[-1] and set(name) <= set(parts)]
        own = [path for path in applicable if set(names[path]) == set(parts)]
        for path in own or applicable:
            with open(os.path.join(dataset, path), encoding="utf-8-sig") as stream:
                values = {**json.load(stream), **values}
        if not folder:
            return values
        folder = os.path.dirname(folder)


def count(dataset):
    files = files_of(dataset)
    sidecars = {}
    for path in files:
        if path.endswith(".json") and path != "dataset_description.json":
            sidecars.setdefault(os.path.dirname(path), []).append(path)
    images = [path for path in files if IMAGE.fullmatch(path)]
    anatomical = [path for path in images if IMAGE.fullmatch(path)["datatype"] == "anat" and
                  not re.search("_(part-(phase|real|imag)|desc-|space-|res-|label-)", path)]
    suffixes = [IMAGE.fullmatch(path)["suffix"] for path in anatomical]
    keys = sum(len(merged(dataset, path, sidecars)) for path in images)
    return [suffixes.count(suffix) for suffix in SUFFIXES] + [len(images), keys]


print("dataset", *SUFFIXES, "nifti", "metadata_keys", sep="\t")
for name in sorted(os.listdir(sys.argv[1])):
    path = os.path.join(sys.argv[1], name)
    if os.path.isdir(path):
        print(name, *count(path), sep="\t")
