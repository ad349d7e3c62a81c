#!/usr/bin/env python3
"""What 8-bit convolutions would do to the default model's segmentations, without writing them.

    int8_trial.py MODEL.safetensors CALIBRATION_IMAGE MANUAL_LABELS IMAGE MANUAL_LABELS [IMAGE MANUAL_LABELS ...]

Runs the network (one pass) in float32 and with the inputs and weights of its convolutions rounded to 8 bits: weights symmetric with
a scale per output channel, inputs with a scale and zero point per tensor, from the 0.01st and 99.99th percentile on the calibration
image. The first and the last convolution stay float32. Sums are exact, so this is the best that 8-bit kernels could do. Prints a TSV:
image, mean Dice in float32 and in 8 bits, share of labels that differ, largest and mean difference of the volumes of structures in
percent. Images must be of about 1 mm. Needs numpy, nibabel and torch.
"""

import json
import struct
import sys

import nibabel as nib
import numpy as np
import torch
import torch.nn.functional as F


def read_model(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        body = file.read()
    meta = header.pop("__metadata__")
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        kind = {"F16": np.float16, "F32": np.float32}[entry["dtype"]]
        values = np.frombuffer(body[begin:end], kind).astype(np.float32).reshape(entry["shape"])
        tensors[name] = torch.from_numpy(values)
    return meta, tensors


class Rounding:
    """Rounds the inputs and weights of convolutions, with the ranges that it saw while it calibrated."""

    def __init__(self):
        self.ranges, self.mode = {}, "float"

    def input(self, name, x):
        if self.mode == "calibrate":
            sample = x.flatten()[:: max(1, x.numel() // 2000000)].numpy()
            self.ranges[name] = tuple(float(v) for v in np.percentile(sample, [0.01, 99.99]))
        if self.mode != "int8":
            return x
        low, high = self.ranges[name]
        step = (high - low) / 255
        zero = round(-low / step)
        return (torch.clamp(torch.round(x / step) + zero, 0, 255) - zero) * step

    def weight(self, weight):
        if self.mode != "int8":
            return weight
        step = weight.abs().amax(dim=(1, 2, 3, 4), keepdim=True) / 127
        return torch.round(weight / step) * step


class Network:
    def __init__(self, tensors):
        self.t, self.rounding = tensors, Rounding()
        self.levels = sum(1 for name in tensors if name.startswith("encoder.") and name.endswith("conv0.weight"))

    def conv(self, name, x, exact=False):
        weight = self.t[name + ".weight"]
        if not exact:
            x, weight = self.rounding.input(name, x), self.rounding.weight(weight)
        return F.conv3d(x, weight, self.t[name + ".bias"], padding=weight.shape[-1] // 2)

    def level(self, name, x):
        for n in (0, 1):
            x = F.elu(self.conv(f"{name}.conv{n}", x, exact=name == "encoder.0" and n == 0))
            norm = f"{name}.norm{n}."
            x = F.batch_norm(x, *(self.t[norm + key] for key in ("running_mean", "running_var", "weight", "bias")))
        return x

    def __call__(self, x):
        skips = []
        for n in range(self.levels):
            x = self.level(f"encoder.{n}", x)
            if n + 1 < self.levels:
                skips.append(x)
                x = F.max_pool3d(x, 2)
        for n in reversed(range(self.levels - 1)):
            skip = skips.pop()
            x = self.level(f"decoder.{n}", torch.cat([F.interpolate(x, size=skip.shape[2:]), skip], 1))
        head = next(name for name in self.t if name.endswith(".weight") and "coder" not in name)
        return torch.softmax(self.conv(head[: -len(".weight")], x, exact=True)[0], 0)


def read_scan(image, labels):
    scan = nib.as_closest_canonical(nib.load(image))
    voxels = np.asarray(scan.dataobj, np.float32)
    low, high = np.percentile(voxels, [0.5, 99.5])
    voxels = np.clip((voxels - low) / (high - low), 0, 1.2)
    manual = np.asarray(nib.as_closest_canonical(nib.load(labels)).dataobj).astype(int)
    pads = [((-n % 16) // 2, -n % 16 - (-n % 16) // 2) for n in voxels.shape]
    x = torch.from_numpy(np.pad(voxels, pads))[None, None]
    crop = tuple(slice(before, before + n) for (before, _), n in zip(pads, voxels.shape))
    return x, manual, crop


def run(network, mode, scan):
    x, _, crop = scan
    network.rounding.mode = mode
    with torch.no_grad():
        posteriors = network(x)
    labels = posteriors.argmax(0).numpy()[crop]
    return labels, posteriors.sum(dim=(1, 2, 3)).numpy()


def dice_of(found, manual, indices):
    scores = []
    for channel, index in enumerate(indices):
        theirs = manual == index
        if index == 0 or not theirs.any():
            continue
        mine = found == channel
        scores.append(2 * (mine & theirs).sum() / (mine.sum() + theirs.sum()))
    return float(np.mean(scores))


def main():
    if len(sys.argv) < 6:
        sys.exit(__doc__)
    meta, tensors = read_model(sys.argv[1])
    labels = json.loads(meta["labels"])
    indices = [label["index"] if isinstance(label, dict) else label for label in labels]
    network = Network(tensors)
    files = sys.argv[2:]
    run(network, "calibrate", read_scan(files[0], files[1]))
    print("image\tdice_float32\tdice_int8\tlabels_differ\tlargest_volume_percent\tmean_volume_percent", flush=True)
    for n in range(2, len(files), 2):
        scan = read_scan(files[n], files[n + 1])
        exact, exact_volumes = run(network, "float", scan)
        rounded, rounded_volumes = run(network, "int8", scan)
        off = 100 * np.abs(rounded_volumes - exact_volumes)[1:] / exact_volumes[1:]
        print(f"{files[n].rsplit('/', 1)[-1]}\t{dice_of(exact, scan[1], indices):.5f}\t{dice_of(rounded, scan[1], indices):.5f}"
              f"\t{(exact != rounded).mean():.6f}\t{off.max():.2f}\t{off.mean():.2f}", flush=True)


if __name__ == "__main__":
    main()
