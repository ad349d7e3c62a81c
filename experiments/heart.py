"""Makes an anatomy that is no brain: short-axis hearts of 2 mm with their label table, as label maps to synthesise from and
as labelled scans of one contrast.

    python3 experiments/heart.py OUTPUT [--maps 12] [--people 8]

A heart is a left ventricle (blood and a ring of muscle), a right ventricle around a part of it, and the tissue around both,
of random size, place and shape. The scans have the grey values of cine MRI (blood bright, muscle dark), a bias field and
noise. OUTPUT gets maps/, scans/, references/ and labels.tsv; the last four people are named `held-out`.
"""

import argparse
import gzip
import pathlib
import struct

import numpy

TABLE = """index\tname\tcontralateral\tintensity_class\tsegmentation_index
0\tbackground\t0\t0\t0
1\tleft ventricle blood\t1\t1\t1
2\tmyocardium\t2\t2\t2
3\tright ventricle blood\t3\t3\t3
4\textracerebral body\t4\t4\t0
"""
SHAPE = (80, 80, 24)
# Mean of each label in a scan, of 0 to 1, and the standard deviation inside it.
CINE = [(0.03, 0.02), (0.85, 0.05), (0.3, 0.05), (0.8, 0.06), (0.45, 0.12)]


def nifti(path, values, code, bits):
    """Writes [X,Y,Z] as NIfTI-1 with voxels of 2 mm."""
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 3, *values.shape, 1, 1, 1, 1)
    struct.pack_into("<2h", header, 70, code, bits)
    struct.pack_into("<8f", header, 76, 1, 2, 2, 2, 0, 0, 0, 0)
    struct.pack_into("<f", header, 108, 352)
    struct.pack_into("<2f", header, 112, 1, 0)
    header[123] = 2  # millimetres
    struct.pack_into("<2h", header, 252, 0, 2)
    for row, line in enumerate(numpy.diag([2.0, 2.0, 2.0, 1.0])[:3]):
        struct.pack_into("<4f", header, 280 + 16 * row, *line)
    header[344:348] = b"n+1\0"
    path.write_bytes(gzip.compress(bytes(header) + values.tobytes(order="F"), mtime=0))


def heart(random):
    """Labels [X,Y,Z]."""
    x, y, z = numpy.meshgrid(*[numpy.arange(side, dtype=float) for side in SHAPE], indexing="ij")
    centre = numpy.array([40, 42]) + random.uniform(-6, 6, 2)
    height = 1 - 0.5 * ((z - 2) / SHAPE[2]) ** 2 * random.uniform(0.7, 1.3)  # narrower towards the apex
    angle = numpy.arctan2(y - centre[1], x - centre[0])
    wobble = 1 + sum(random.uniform(-0.05, 0.05) * numpy.cos(k * angle + random.uniform(0, 6.3)) for k in (2, 3))
    radius = numpy.hypot((x - centre[0]) * random.uniform(0.9, 1.1), y - centre[1]) / (height * wobble)
    blood, wall = random.uniform(9, 13), random.uniform(4, 6.5)
    right = centre + (blood + wall) * numpy.array([-0.9, -0.1]) + random.uniform(-2, 2, 2)
    beside = numpy.hypot((x - right[0]) * random.uniform(0.9, 1.2), (y - right[1]) * random.uniform(0.55, 0.75)) / height
    body = numpy.hypot((x - 40) / random.uniform(35, 39), (y - 40) / random.uniform(31, 38))
    labels = numpy.where(body < 1, 4, 0)
    labels = numpy.where(beside < random.uniform(12, 15), 3, labels)
    labels = numpy.where(radius < blood + wall, 2, labels)
    return numpy.where(radius < blood, 1, labels)


def scan(labels, random):
    mean, deviation = (numpy.array(column)[labels] for column in zip(*CINE))
    values = mean + deviation * random.standard_normal(labels.shape)
    x, y = numpy.meshgrid(*[numpy.linspace(-1, 1, side) for side in labels.shape[:2]], indexing="ij")
    bias = 1 + random.uniform(-0.2, 0.2) * x + random.uniform(-0.2, 0.2) * y
    return numpy.clip(values * bias[:, :, None] + 0.03 * random.standard_normal(labels.shape), 0, None)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--maps", type=int, default=12)
    parser.add_argument("--people", type=int, default=8)
    options = parser.parse_args()
    for folder in ("maps", "scans", "references"):
        (options.output / folder).mkdir(parents=True, exist_ok=True)
    (options.output / "labels.tsv").write_text(TABLE)
    random = numpy.random.default_rng(1)
    for number in range(options.maps):
        nifti(options.output / f"maps/heart{number:02d}.nii.gz", heart(random).astype("<i2"), 4, 16)
    for number in range(options.people):
        name = f"{'held-out' if number >= options.people - 4 else 'person'}{number:02d}.nii.gz"
        labels = heart(random)
        nifti(options.output / "scans" / name, scan(labels, random).astype("<f4"), 16, 32)
        nifti(options.output / "references" / name, labels.astype("<i2"), 4, 16)


if __name__ == "__main__":
    main()
