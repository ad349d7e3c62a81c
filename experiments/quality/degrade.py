#!/usr/bin/env python3
"""Degraded copies of scans, for choosing and testing the limits of the verdict.

    degrade.py --bids DATASET --output FOLDER [--heads N] [--grades 0 3 2 1]

Each scan (one per person) is put into a field of view of 176 x 240 mm with air above and beside the
head, gets Rician noise of 1.5 % of the median of its brain, and is then written as it is (clean) and
with each artefact in three grades. The result is a BIDS dataset: sub-X_acq-<artefact><grade>_T1w.nii.
Scans are expected upright (axes along left-right, back-front, down-up, in either direction).
"""
import argparse
import json
import pathlib
import zlib

import nibabel
import numpy
import scipy.fft
import scipy.ndimage

BASE_NOISE = 0.015
FIELD_OF_VIEW = (176, 240)
ABOVE_MM = 24

GRADES = {  # mild, moderate, strong
    "noise": (0.04, 0.08, 0.15),  # standard deviation of the noise / median of the brain
    "ghost": (0.05, 0.10, 0.15),  # of a copy shifted by half the field of view, back-front
    "motion": (1, 2.5, 5),  # mm, largest shift, of lines of k-space away from the centre
    "blur": (1.5, 2.5, 4),  # mm, full width at half maximum of a Gaussian
    "bias": (1.6, 2.4, 4),  # largest / smallest value of the field in the brain
    "wrap": (10, 20, 35),  # mm of the back of the head folded over to the front
    "deface": (10, 20, 35),  # mm of the frontal lobe that are set to zero
    "crop": (5, 15, 30),  # mm of the top of the brain outside the image
}


def upright(path):
    """Intensities in RAS order, the affine, and the brain (what is not zero)."""
    image = nibabel.as_closest_canonical(nibabel.load(path))
    return numpy.asarray(image.dataobj, dtype=numpy.float32), image.affine


def pad(voxels, affine):
    """The field of view of a scan: air on all sides but below."""
    spacing = numpy.linalg.norm(affine[:3, :3], axis=0)
    before, after = [], []
    for axis in range(3):
        if axis < 2:
            missing = max(0, round(FIELD_OF_VIEW[axis] / spacing[axis]) - voxels.shape[axis])
            before.append(missing // 2)
            after.append(missing - missing // 2)
        else:
            before.append(0)
            after.append(round(ABOVE_MM / spacing[axis]))
    moved = affine.copy()
    moved[:3, 3] -= affine[:3, :3] @ before
    return numpy.pad(voxels, list(zip(before, after))), moved, spacing


def noisy(signal, sigma, random):
    """Magnitude of the signal with Gaussian noise on both channels."""
    real = signal + sigma * random.standard_normal(signal.shape, dtype=numpy.float32)
    return numpy.hypot(real, sigma * random.standard_normal(signal.shape, dtype=numpy.float32))


def smooth_field(shape, brain, ratio, random):
    """exp of a random polynomial of degree 2, with max / min = ratio in the brain."""
    axes = [numpy.linspace(-1, 1, n, dtype=numpy.float32) for n in shape]
    x, y, z = numpy.meshgrid(*axes, indexing="ij", sparse=True)
    a = random.normal(size=9)
    g = (a[0] * x + a[1] * y + a[2] * z
         + 0.5 * (a[3] * x * y + a[4] * x * z + a[5] * y * z
                  + a[6] * x * x + a[7] * y * y + a[8] * z * z))
    low, high = numpy.percentile(g[brain], [1, 99])
    return numpy.exp(numpy.log(ratio) * (g - (low + high) / 2) / (high - low)).astype(numpy.float32)


def moved_in_k_space(signal, largest_mm, spacing, random):
    """The head jumps between lines of k-space (back-front); the central tenth sees it at rest."""
    lines = signal.shape[1]
    spectrum = scipy.fft.fftn(signal.astype(numpy.complex64), axes=(1, 2))
    frequency = scipy.fft.fftfreq(lines)
    order = numpy.argsort(frequency)
    shift = numpy.zeros((lines, 2))
    bounds = numpy.sort(random.choice(lines, 6, replace=False))
    for begin, end in zip(bounds, list(bounds[1:]) + [lines]):
        shift[begin:end] = random.uniform(-1, 1, 2)
    shift *= largest_mm / max(1e-6, numpy.abs(shift).max())
    shift[numpy.abs(frequency[order]) < 0.05] = 0
    in_order = numpy.empty_like(shift)
    in_order[order] = shift
    kz = scipy.fft.fftfreq(signal.shape[2])
    phase = numpy.exp(-2j * numpy.pi * (frequency[:, None] * in_order[:, :1] / spacing[1]
                                        + kz[None, :] * in_order[:, 1:] / spacing[2]))
    spectrum *= phase.astype(numpy.complex64)[None]
    return numpy.abs(scipy.fft.ifftn(spectrum, axes=(1, 2))).astype(numpy.float32)


def degrade(signal, brain, affine, spacing, artefact, grade, random):
    """The image with an artefact, and its affine."""
    level = numpy.median(signal[brain])
    sigma = BASE_NOISE * level
    amount = GRADES[artefact][grade - 1] if grade else 0
    if artefact == "noise":
        return noisy(signal, amount * level, random), affine
    if artefact == "ghost":
        signal = signal + amount * numpy.roll(signal, signal.shape[1] // 2, axis=1)
    elif artefact == "motion":
        signal = moved_in_k_space(signal, amount, spacing, random)
    elif artefact == "blur":
        signal = scipy.ndimage.gaussian_filter(signal, amount / 2.3548 / spacing)
    elif artefact == "bias":
        signal = signal * smooth_field(signal.shape, brain, amount, random)
    rows = numpy.flatnonzero(brain.any(axis=(0, 2)))
    tops = numpy.flatnonzero(brain.any(axis=(0, 1)))
    if artefact == "wrap":
        cut = rows[0] + round(amount / spacing[1])
        kept = signal[:, cut:].copy()
        kept[:, -cut:] += signal[:, :cut]
        affine = affine.copy()
        affine[:3, 3] += affine[:3, 1] * cut
        signal = kept
    if artefact == "crop":
        signal = signal[:, :, : tops[-1] + 1 - round(amount / spacing[2])]
    image = noisy(signal, sigma, random)
    if artefact == "deface":
        # A plane that rises forwards, as tools for defacing cut it: its upper end at 60 % of the
        # height of the brain, `amount` mm behind the frontal pole there.
        y = numpy.arange(image.shape[1])[:, None] * spacing[1]
        z = numpy.arange(image.shape[2])[None, :] * spacing[2]
        height = (tops[0] + 0.6 * (tops[-1] - tops[0])) * spacing[2]
        front = rows[-1] * spacing[1] - amount
        image[:, (y - front > 0.5 * (z - height)) & (z < height + 2 * amount)] = 0
    return image, affine


def write(image, affine, path):
    scale = 2000 / numpy.percentile(image, 99.9)
    data = numpy.clip(numpy.rint(image * scale), 0, 32767).astype(numpy.int16)
    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(data, affine), path)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bids", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--heads", type=int, default=10)
    parser.add_argument("--grades", type=int, nargs="+", default=[0, 3, 2, 1])
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "dataset_description.json").write_text(
        json.dumps({"Name": "degraded heads", "BIDSVersion": "1.10.1"}))
    scans = []
    for subject in sorted(options.bids.glob("sub-*")):
        found = sorted(subject.rglob("*_T1w.nii*"))
        if found:
            scans.append((subject.name, found[0]))
    for grade in options.grades:
        for subject, path in scans[: options.heads]:
            voxels, affine = upright(path)
            signal, affine, spacing = pad(voxels, affine)
            brain = signal > 0
            for artefact in GRADES if grade else ["clean"]:
                # The same pattern in all grades of an artefact.
                random = numpy.random.default_rng(zlib.crc32(f"{subject} {artefact}".encode()))
                image, place = degrade(signal, brain, affine, spacing, artefact, grade, random)
                name = f"{subject}_acq-{artefact}{grade}_T1w.nii"
                write(image, place, options.output / subject / "anat" / name)


if __name__ == "__main__":
    main()
