#!/usr/bin/env python3
"""How a segmentation changes with contrast and geometry of the scan.

    variants.py make   BIDS_DIR FOLDER --subjects LABEL... [--only NAME...]
    variants.py run    FOLDER --program build/release/bin/hypersynth
    variants.py table  FOLDER

`make` takes T1w scans with manual labels (derivatives/manual) and writes variants of each as a BIDS dataset, FOLDER/scans, where
every variant is an acquisition (`acq-`), and the labels of each as FOLDER/labels. CT goes to FOLDER/scans-ct and FOLDER/labels-ct.
`run` segments them (`participant --fast`) and scores them (`evaluate`). `table` compares Dice, and the volumes of structures above
1 ml, with those of the unchanged scan. Needs numpy, scipy and nibabel.
"""

import argparse
import csv
import itertools
import json
import pathlib
import statistics
import subprocess
import sys

import nibabel as nib
import numpy as np
from scipy import interpolate, ndimage

WHITE = [2, 41]
GREY = [3, 42]
FLUID = [4, 43]
LAYERS_MM = (3, 6, 6)  # fluid, skull, scalp
VOLUME_BAR = 2.0  # percent
SMALLEST_MM3 = 1000


class Scan:
    """Voxels, labels and affine; float voxels, air is 0."""

    def __init__(self, voxels, labels, affine):
        self.voxels, self.labels, self.affine = voxels, labels, affine

    def with_voxels(self, voxels):
        return Scan(voxels, self.labels, self.affine)

    def padded(self, before, after, value=0):
        pads = list(zip(before, after))
        affine = self.affine.copy()
        affine[:3, 3] -= affine[:3, :3] @ np.array(before)
        return Scan(np.pad(self.voxels, pads, constant_values=value), np.pad(self.labels, pads), affine)

    def cut(self, slices):
        affine = self.affine.copy()
        affine[:3, 3] += affine[:3, :3] @ np.array([s.start for s in slices])
        return Scan(self.voxels[slices], self.labels[slices], affine)

    def on_grid(self, shape, affine, order=3):
        """The scan where another grid has its voxels: cubic splines, labels by nearest neighbours."""
        to_own = np.linalg.inv(self.affine) @ affine
        place = dict(matrix=to_own[:3, :3], offset=to_own[:3, 3], output_shape=shape)
        voxels = ndimage.affine_transform(self.voxels, order=order, **place)
        labels = ndimage.affine_transform(self.labels, order=0, **place)
        return Scan(np.clip(voxels, 0, self.voxels.max()), labels, affine)


# Contrasts: every voxel's intensity x goes through one smooth function f(x), a monotone cubic (PCHIP) between these points: air (0),
# the median intensities of cerebrospinal fluid, cortex and white matter in the scan's own labels, and 1.3 times that of white
# matter. So noise and partial volume stay in the image, and no border is drawn that the scan does not have.
#                 air  CSF   grey white  above
CURVES = {
    "t2like":     (0, 1.00, 0.55, 0.35, 0.25),
    "pdlike":     (0, 0.70, 1.00, 0.80, 0.75),
    "flairlike":  (0, 0.10, 0.90, 0.65, 0.60),
    "t2starlike": (0, 1.00, 0.60, 0.50, 0.15),
    "irlike":     (0, 0.95, 0.55, 0.08, 0.00),
}
SUFFIXES = {"t2like": "T2w", "pdlike": "PDw", "flairlike": "FLAIR", "t2starlike": "T2starw"}


def remapped(scan, targets, top=1000.0):
    medians = [np.median(scan.voxels[np.isin(scan.labels, of)]) for of in (FLUID, GREY, WHITE)]
    points = [0, *medians, 1.3 * medians[2]]
    curve = interpolate.PchipInterpolator(points, targets, extrapolate=False)
    return top * np.nan_to_num(curve(np.clip(scan.voxels, 0, points[-1])))


def brain_of(scan):
    return ndimage.binary_fill_holes(ndimage.binary_closing(scan.voxels > 0, iterations=2))


def distance_from_brain(scan):
    return ndimage.distance_transform_edt(~brain_of(scan), sampling=nib.affines.voxel_sizes(scan.affine))


def in_a_head(scan, levels=(80, 40, 700), neck=True, seed=1):
    """The scan, which has no skull, inside layers of fluid, skull and scalp, and on a neck; 40 mm of air around."""
    scan = scan.padded([40] * 3, [40] * 3)
    if neck:
        scan = scan.padded([0, 0, 60], [0, 0, 0])
    distance = distance_from_brain(scan)
    rng = np.random.default_rng(seed)
    top = np.median(scan.voxels[np.isin(scan.labels, WHITE)]) / 1000
    out = scan.voxels.copy()
    outer = 0
    for level, thickness in zip(levels, LAYERS_MM):
        layer = (distance > outer) & (distance <= outer + thickness)
        out[layer] = level * top * rng.normal(1, 0.1, layer.sum())
        outer += thickness
    if neck:
        low = np.argwhere(brain_of(scan))[:, 2].min()
        middle = np.argwhere(scan.labels == 16)[:, :2].mean(axis=0)
        i, j = np.ogrid[:scan.voxels.shape[0], :scan.voxels.shape[1]]
        disc = (i - middle[0]) ** 2 + (j - middle[1]) ** 2
        column = np.zeros(scan.voxels.shape, bool)
        column[:, :, :low + 20] = (disc < 55 ** 2)[:, :, None]
        column &= distance > outer
        cord = np.zeros_like(column)
        cord[:, :, :low] = (disc < 7 ** 2)[:, :, None]
        out[column] = 500 * top * rng.normal(1, 0.15, column.sum())
        out[cord & (distance > 0)] = 900 * top
    return scan.with_voxels(np.clip(out, 0, None)), distance


def ct_like(scan):
    """Hounsfield units: fluid 8, cortex 38, white matter 30, in a skull of 900, scalp 40, air -1000; noise of 4."""
    units = remapped(scan, (0, 0.008, 0.038, 0.030, 0.028))
    inside = scan.with_voxels(np.where(scan.voxels > 0, np.clip(units, 1, None), 0))
    head, distance = in_a_head(inside, levels=(0, 0, 0), neck=False)
    units = np.where(distance > 0, -1000.0, head.voxels)
    units[(distance > 0) & (distance <= 3)] = 8
    units[(distance > 3) & (distance <= 9)] = 900
    units[(distance > 9) & (distance <= 15)] = 40
    return head.with_voxels(units + np.random.default_rng(2).normal(0, 4, units.shape))


def defaced(scan):
    """A head without everything 20 mm and more in front of the brain stem and below the level of the thalamus, but the brain."""
    head, distance = in_a_head(scan)
    stem = np.argwhere(head.labels == 16).mean(axis=0)
    thalamus = np.argwhere(np.isin(head.labels, [10, 49])).mean(axis=0)
    j, k = np.ogrid[:head.voxels.shape[1], :head.voxels.shape[2]]
    face = (j > stem[1] + 20) & (k < thalamus[2])
    out = head.voxels.copy()
    out[np.broadcast_to(face, out.shape) & (distance > 3)] = 0
    return head.with_voxels(out)


def post_contrast(scan):
    """Brighter at the surface of the brain, as enhanced meninges and vessels are, and in the choroid plexus of the ventricles."""
    depth = ndimage.distance_transform_edt(brain_of(scan))
    surface = (depth > 0) & (depth <= 1.5)
    vessels = ndimage.gaussian_filter(np.random.default_rng(3).normal(size=scan.voxels.shape), 2)
    white = np.median(scan.voxels[np.isin(scan.labels, WHITE)])
    ventricle = ndimage.binary_erosion(np.isin(scan.labels, FLUID), iterations=2)
    out = scan.voxels.copy()
    out[surface & (vessels > 0.02)] = 1.6 * white
    out[ventricle & (vessels > 0.05)] = 1.4 * white
    return scan.with_voxels(out)


def resampled(scan, spacing):
    affine = scan.affine.copy()
    affine[:3, :3] *= spacing
    affine[:3, 3] += scan.affine[:3, :3] @ np.full(3, (spacing - 1) / 2)
    shape = [int(round(n / spacing)) for n in scan.voxels.shape]
    return scan.on_grid(shape, affine)


def thick(scan, axis, thickness):
    """Means of `thickness` slices; the labels are those of the middle slice."""
    n = scan.voxels.shape[axis] // thickness * thickness
    cut = scan.cut(tuple(slice(0, n if a == axis else s) for a, s in enumerate(scan.voxels.shape)))
    shape = list(cut.voxels.shape)
    shape[axis:axis + 1] = [n // thickness, thickness]
    affine = cut.affine.copy()
    affine[:3, 3] += affine[:3, axis] * (thickness - 1) / 2
    affine[:3, axis] *= thickness
    labels = np.take(cut.labels.reshape(shape), thickness // 2, axis=axis + 1)
    return Scan(cut.voxels.reshape(shape).mean(axis=axis + 1), labels, affine)


def rotated(scan, degrees):
    """The same head on a grid that is turned about all three axes: what an oblique acquisition gives."""
    axis = np.array([1, 1, 1]) / np.sqrt(3)
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    cross = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    turn = c * np.eye(3) + s * cross + (1 - c) * np.outer(axis, axis)
    shape = np.array(scan.voxels.shape)
    larger = shape + 2 * int(20 + degrees)
    affine = np.eye(4)
    affine[:3, :3] = turn @ scan.affine[:3, :3]
    centre = scan.affine @ np.append((shape - 1) / 2, 1)
    affine[:3, 3] = centre[:3] - affine[:3, :3] @ ((larger - 1) / 2)
    return scan.on_grid(larger, affine)


def field_of_view(scan, millimetres):
    missing = np.maximum(millimetres - np.array(scan.voxels.shape), 0)
    return scan.padded(missing // 2, missing - missing // 2)


def cropped(scan):
    found = np.argwhere(scan.labels > 0)
    return scan.cut(tuple(slice(a, b + 1) for a, b in zip(found.min(axis=0), found.max(axis=0))))


def bright(scan, where, factor):
    out = scan.voxels.copy()
    out[where] = factor * out.max()
    return scan.with_voxels(out)


def variants(scan):
    """Name -> (suffix, function that makes the scan, how it is stored)."""
    same = lambda: scan
    table = {"unchanged": ("T1w", same, {})}
    for name, curve in CURVES.items():
        table[name] = (SUFFIXES.get(name, "T1w"), lambda c=curve: scan.with_voxels(remapped(scan, c)), {})
    table["postcontrast"] = ("T1w", lambda: post_contrast(scan), {})
    table["head"] = ("T1w", lambda: in_a_head(scan, neck=False)[0], {})
    table["headandneck"] = ("T1w", lambda: in_a_head(scan)[0], {})
    table["defaced"] = ("T1w", lambda: defaced(scan), {})
    table["ct"] = ("T1w", lambda: ct_like(scan), {"clip": False})
    table["0p8mm"] = ("T1w", lambda: resampled(scan, 0.8), {})
    table["0p4mm"] = ("T1w", lambda: resampled(scan, 0.4), {})
    for thickness, (axis, letter) in itertools.product((5, 10), enumerate("xyz")):
        table[f"thick{thickness}{letter}"] = ("T1w", lambda a=axis, t=thickness: thick(scan, a, t), {})
    for degrees in (10, 30):
        table[f"oblique{degrees}"] = ("T1w", lambda d=degrees: rotated(scan, d), {})
    for order in ("RAS", "PSR", "IPL"):
        table[f"order{order}"] = ("T1w", same, {"order": order})
    table["pad300"] = ("T1w", lambda: field_of_view(scan, 300), {})
    table["cropped"] = ("T1w", lambda: cropped(scan), {})
    table["frame4d"] = ("T1w", same, {"frames": True})
    table["times10"] = ("T1w", lambda: scan.with_voxels(10 * scan.voxels), {"dtype": np.int32})
    table["brightvoxel"] = ("T1w", lambda: bright(scan, (2, 2, 2), 1000), {"dtype": np.float32})
    table["brightslab"] = ("T1w", lambda: bright(scan.padded([8, 0, 0], [0] * 3), slice(0, 5), 10), {"dtype": np.float32})
    table["uint8"] = ("T1w", lambda: scan.with_voxels(scan.voxels * 255 / scan.voxels.max()), {"dtype": np.uint8})
    table["float64"] = ("T1w", same, {"dtype": np.float64})
    table["bigendian"] = ("T1w", same, {"dtype": np.dtype(">i2")})
    return table


def store(path, scan, voxels, dtype=np.int16, order=None, frames=False, clip=True):
    voxels = np.round(voxels) if np.issubdtype(dtype, np.integer) else voxels
    image = nib.Nifti1Image(voxels.astype(dtype), scan.affine)
    if np.dtype(dtype).byteorder == ">":
        image = nib.Nifti1Image(voxels.astype(dtype), scan.affine, nib.Nifti1Header(endianness=">"))
    image.set_data_dtype(dtype)
    image.header.set_xyzt_units("mm")
    if order:
        now = nib.orientations.io_orientation(scan.affine)
        image = image.as_reoriented(nib.orientations.ornt_transform(now, nib.orientations.axcodes2ornt(order)))
    if frames:
        image = nib.Nifti1Image(np.asanyarray(image.dataobj)[..., None], image.affine, image.header)
    path.parent.mkdir(parents=True, exist_ok=True)
    nib.save(image, path)


def write_dataset(folder, name, derivative):
    folder.mkdir(parents=True, exist_ok=True)
    about = {"Name": name, "BIDSVersion": "1.10.1"}
    if derivative:
        about.update(DatasetType="derivative", GeneratedBy=[{"Name": "manual"}])
    (folder / "dataset_description.json").write_text(json.dumps(about))


def make(args):
    source = pathlib.Path(args.bids)
    for subject in args.subjects:
        image = next(source.glob(f"sub-{subject}/**/*_T1w.nii.gz"))
        labels = next((source / "derivatives/manual").glob(f"sub-{subject}/**/*_dseg.nii.gz"))
        loaded = nib.as_closest_canonical(nib.load(image))
        scan = Scan(np.asarray(loaded.dataobj, float), np.asarray(nib.as_closest_canonical(nib.load(labels)).dataobj, np.int16),
                    loaded.affine)
        for name, (suffix, build, how) in variants(scan).items():
            if args.only and name not in args.only:
                continue
            kind = "-ct" if name == "ct" else ""
            scans, references = args.folder / f"scans{kind}", args.folder / f"labels{kind}"
            write_dataset(scans, "variants", False)
            write_dataset(references, "manual labels", True)
            for table in (source / "derivatives/manual").glob("*_dseg.tsv"):
                (references / table.name).write_text(table.read_text())
            made = build()
            stem = f"sub-{subject}_acq-{name}"
            store(scans / f"sub-{subject}/anat/{stem}_{suffix}.nii.gz", made, made.voxels, **how)
            store(references / f"sub-{subject}/anat/{stem}_desc-manual_dseg.nii.gz", made, made.labels, np.int16)
            print(subject, name, made.voxels.shape, flush=True)


def run(args):
    for kind, more in (("", []), ("-ct", ["--ct"])):
        scans, out = args.folder / f"scans{kind}", args.folder / f"out{kind}"
        if not scans.exists():
            continue
        common = [args.program, scans, out]
        subprocess.run([*common, "participant", "--fast", "--no-viewer", "--nprocs", str(args.nprocs), *more])
        subprocess.run([*common, "evaluate", "--reference", args.folder / f"labels{kind}", "--ignore-labels", "24",
                        "--nprocs", str(args.nprocs)])


def read_tsv(path):
    with open(path) as file:
        return list(csv.DictReader(file, delimiter="\t"))


def acquisition(name):
    return next(part[4:] for part in name.split("_") if part.startswith("acq-"))


def results(folder):
    """(subject, variant) -> mean Dice and the soft volumes in mm3."""
    found = {}
    for out in sorted(folder.glob("out*")):
        dice = {}
        for row in read_tsv(out / "group_evaluation_images.tsv"):
            dice[row["bids_name"].rsplit("_", 1)[0]] = float(row["dice"]) if row["dice"] != "n/a" else float("nan")
        for table in out.glob("sub-*/**/*_morph.tsv"):
            stem = table.name.split("_space-")[0]
            volumes = {row["name"]: float(row["volume_soft_mm3"]) for row in read_tsv(table) if row["index"] != "n/a"}
            found[stem.split("_")[0], acquisition(stem)] = dice.get(stem, float("nan")), volumes
    return found


def table(args):
    found = results(args.folder)
    subjects = sorted({subject for subject, _ in found})
    order = list(dict.fromkeys(name for _, name in found))
    if "unchanged" in order:
        order.insert(0, order.pop(order.index("unchanged")))
    print("| variant | heads | Dice | less than unchanged | volumes, median difference | largest | structure |")
    print("|---|---|---|---|---|---|---|")
    for name in order:
        dice, lost, differences = [], [], []
        for subject in subjects:
            if (subject, name) not in found or (subject, "unchanged") not in found:
                continue
            value, volumes = found[subject, name]
            base, unchanged = found[subject, "unchanged"]
            dice.append(value)
            lost.append(base - value)
            differences += [(100 * (volumes[s] - v) / v, s) for s, v in unchanged.items() if v > SMALLEST_MM3 and s in volumes
                            and s != "CSF"]
        if not dice:
            continue
        worst = max(differences, key=lambda d: abs(d[0]))
        mark = "" if abs(worst[0]) <= VOLUME_BAR else " *"
        print(f"| {name} | {len(dice)} | {statistics.mean(dice):.3f} | {statistics.mean(lost):+.3f} | "
              f"{statistics.median(abs(d) for d, _ in differences):.2f} % | {worst[0]:+.1f} %{mark} | {worst[1]} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("make")
    command.add_argument("bids")
    command.add_argument("folder", type=pathlib.Path)
    command.add_argument("--subjects", nargs="+", required=True)
    command.add_argument("--only", nargs="+")
    command.set_defaults(do=make)
    command = commands.add_parser("run")
    command.add_argument("folder", type=pathlib.Path)
    command.add_argument("--program", default="build/release/bin/hypersynth")
    command.add_argument("--nprocs", type=int, default=1)
    command.set_defaults(do=run)
    command = commands.add_parser("table")
    command.add_argument("folder", type=pathlib.Path)
    command.set_defaults(do=table)
    args = parser.parse_args()
    args.do(args)


if __name__ == "__main__":
    sys.exit(main())
