"""Writes the tables that examples_test.cpp compares with, without any code of the product.

Usage: python3 count_images.py FOLDER_OF_DATASETS FOLDER_OF_TABLES

A plain walk over the files and regular expressions decide what an image is and what a filter lets
through; sidecars are merged by comparing the sets of `_` separated parts of two names.
"""

import fnmatch
import json
import os
import re
import sys
import zlib

SUFFIXES = "T1w T2w PDw FLAIR T2starw inplaneT1 inplaneT2 UNIT1".split()
IMAGE = re.compile(r"sub-[^/]+/(ses-[^/]+/)?(?P<datatype>[a-z]+)/sub-[^/]*_(?P<suffix>[A-Za-z0-9]+)\.nii(\.gz)?")
DERIVED = re.compile("_(part-(phase|real|imag)|desc-|space-|res-|label-)")
FIND = "find sub-* -path '*anat/*_T1w.nii*' -not -name '*_desc-*' -not -name '*_space-*' | wc -l"
# Filter files and, in other words, what they leave of an image's path: suffix and a pattern that
# its name must have (or, with `not`, lack).
FILTERS = [
    ({"t1w": {"session": None}}, [("T1w", "not", "_ses-")]),
    ({"t1w": {"session": "*"}}, [("T1w", "has", "_ses-")]),
    ({"t1w": {"acquisition": None}}, [("T1w", "not", "_acq-")]),
    ({"t1w": {"acquisition": ["mprage", "highres"]}}, [("T1w", "has", "_acq-(mprage|highres)_")]),
    ({"t1w": {"run": [1, None]}}, [("T1w", "not", "_run-0*[^01_]")]),
    ({"t1w": {"run": "2"}, "inplanet2": {"run": "02"}},
     [("T1w", "has", "_run-0*2_"), ("inplaneT2", "has", "_run-0*2_")]),
    ({"t1w": {"subject": ["01", "sub-02", "003"]}}, [("T1w", "has", "/sub-(01|02|003)_")]),
    ({"t1w": {"extension": ".nii.gz"}}, [("T1w", "has", r"\.nii\.gz$")]),
    ({"t1w": {"session": ["01", "test", "mri"], "acquisition": None}},
     [("T1w", "has", "_ses-(01|test|mri)_"), ("T1w", "not", "_acq-")]),
    ({"inplanet2": {"suffix": "T1w"}, "bold": {"task": "rest"}}, [("inplaneT2", "has", "^$")]),
]


def files_of(dataset):
    found = []
    for folder, _, names in os.walk(dataset):
        found += [os.path.relpath(os.path.join(folder, name), dataset) for name in names]
    ignore = os.path.join(dataset, ".bidsignore")
    patterns = open(ignore).read().split() if os.path.exists(ignore) else []
    return sorted(path for path in found
                  if not any(fnmatch.fnmatch(os.path.basename(path), pattern.split("/")[-1])
                             for pattern in patterns if not pattern.endswith("/")))


class Dataset:
    def __init__(self, folder):
        self.folder = folder
        files = files_of(folder)
        self.sidecars = {}
        for path in files:
            if path.endswith(".json") and path != "dataset_description.json":
                self.sidecars.setdefault(os.path.dirname(path), []).append(path)
        self.images = [path for path in files if IMAGE.fullmatch(path)]
        self.anatomical = [path for path in self.images
                           if IMAGE.fullmatch(path)["datatype"] == "anat" and suffix_of(path) in SUFFIXES
                           and not DERIVED.search(path)]

    def metadata(self, image):
        """Key -> (value, path of the sidecar that gave it)."""
        parts = os.path.basename(image).split(".")[0].split("_")
        values = {}
        folder = os.path.dirname(image)
        while True:
            names = {path: os.path.basename(path)[:-len(".json")].split("_")
                     for path in self.sidecars.get(folder, [])}
            applicable = [path for path, name in names.items()
                          if name[-1] == parts[-1] and set(name) <= set(parts)]
            own = [path for path in applicable if set(names[path]) == set(parts)]
            for path in own or applicable:
                with open(os.path.join(self.folder, path), encoding="utf-8-sig") as stream:
                    for key, value in json.load(stream).items():
                        values.setdefault(key, (value, path))
            if not folder:
                return values
            folder = os.path.dirname(folder)


def suffix_of(path):
    return IMAGE.fullmatch(path)["suffix"]


def count(dataset):
    suffixes = [suffix_of(path) for path in dataset.anatomical]
    keys = sum(len(dataset.metadata(path)) for path in dataset.images)
    counts = [suffixes.count(suffix) for suffix in SUFFIXES] + [len(dataset.images), keys]
    return [counts + ["count_images.py; T1w also by " + FIND]]


def count_sessions(dataset):
    sessions = sorted({match[1] for path in dataset.anatomical
                       if (match := re.match("sub-[^/]+/ses-([^/]+)/", path))})
    for session in sessions:
        images = [path for path in dataset.anatomical if f"/ses-{session}/" in path]
        yield [session, sum(suffix_of(path) == "T1w" for path in images), len(images)]


def lets_through(rules, path):
    return all((re.search(pattern, path) is not None) == (kind == "has")
               for suffix, kind, pattern in rules if suffix == suffix_of(path))


def count_filtered(dataset):
    if dataset.anatomical:
        yield [sum(lets_through(rules, path) for path in dataset.anatomical) for _, rules in FILTERS]


def count_metadata(dataset):
    """For every sidecar: images it gives keys to, keys given, checksum of what they are."""
    given = {}
    for image in dataset.anatomical:
        for key, (value, sidecar) in dataset.metadata(image).items():
            text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            given.setdefault(sidecar, []).append((image, f"{image} {key} {text}\n"))
    for sidecar, rows in sorted(given.items()):
        text = "".join(sorted(line for _, line in rows))
        yield [sidecar, len({image for image, _ in rows}), len(rows), zlib.crc32(text.encode())]


TABLES = {
    "expected_counts.tsv": (SUFFIXES + ["nifti", "metadata_keys", "established_by"], count),
    "expected_sessions.tsv": (["session", "T1w", "images"], count_sessions),
    "expected_filters.tsv": ([json.dumps(text) for text, _ in FILTERS], count_filtered),
    "expected_metadata.tsv": (["sidecar", "images", "keys", "crc32"], count_metadata),
}

if __name__ == "__main__":
    folder, tables = sys.argv[1:]
    names = [name for name in sorted(os.listdir(folder)) if os.path.isdir(os.path.join(folder, name))]
    datasets = {name: Dataset(os.path.join(folder, name)) for name in names}
    for table, (columns, rows_of) in TABLES.items():
        with open(os.path.join(tables, table), "w") as stream:
            print("dataset", *columns, sep="\t", file=stream)
            for name, dataset in datasets.items():
                for row in rows_of(dataset):
                    print(name, *row, sep="\t", file=stream)
