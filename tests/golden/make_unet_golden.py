"""Makes unet_golden.json: posteriors of the default model by plain PyTorch, an implementation that
shares no code with hypersynth. Usage: make_unet_golden.py MODEL.safetensors > unet_golden.json"""
import json, struct, sys
import numpy as np, torch, torch.nn.functional as F


def load(path):
    with open(path, "rb") as file:
        size, = struct.unpack("<Q", file.read(8))
        header, raw = json.loads(file.read(size)), file.read()
    header.pop("__metadata__")
    return {name: torch.from_numpy(np.frombuffer(raw[slice(*entry["data_offsets"])], "<f2")
                                   .reshape(entry["shape"]).astype(np.float32))
            for name, entry in header.items()}


def two_convolutions(x, weights, prefix):
    for i in "01":
        norm = f"{prefix}.norm{i}"
        x = F.elu(F.conv3d(x, weights[f"{prefix}.conv{i}.weight"],
                           weights[f"{prefix}.conv{i}.bias"], padding=1))
        x = F.batch_norm(x, weights[norm + ".running_mean"], weights[norm + ".running_var"],
                         weights[norm + ".weight"], weights[norm + ".bias"], eps=1e-5)
    return x


def forward(x, weights, levels=5):
    skips = []
    for level in range(levels):
        x = two_convolutions(x, weights, f"encoder.{level}")
        if level + 1 < levels:
            skips.append(x)
            x = F.max_pool3d(x, 2)
    for level in range(levels - 2, -1, -1):
        x = F.interpolate(x, scale_factor=2, mode="nearest")
        x = two_convolutions(torch.cat([x, skips.pop()], 1), weights, f"decoder.{level}")
    return F.conv3d(x, weights["head.weight"], weights["head.bias"])


def test_image(ni, nj, nk):
    """Any deterministic image will do; a ball with a wavy pattern looks a little like a head."""
    i, j, k = np.meshgrid(np.arange(ni), np.arange(nj), np.arange(nk), indexing="ij")
    r = np.sqrt(((i - ni / 2) / ni) ** 2 + ((j - nj / 2) / nj) ** 2 + ((k - nk / 2) / nk) ** 2)
    wave = 0.6 + 0.5 * np.sin(0.3 * i) * np.cos(0.2 * j + 0.1 * k)
    return np.where(r < 0.45, np.clip(wave, 0, 1.2), 0).astype(np.float32)


shape = (48, 32, 64)  # i, j, k
image = test_image(*shape)
with torch.inference_mode():
    posterior = forward(torch.from_numpy(image)[None, None], load(sys.argv[1])).softmax(1)[0].numpy()
rng = np.random.default_rng(1)
points = [[int(rng.integers(s)) for s in shape] for _ in range(60)]
points += [[0, 0, 0], [47, 31, 63], [0, 31, 0], [24, 16, 32]]
json.dump({"shape": shape,
           "channel_sums": [round(float(v), 3) for v in posterior.sum((1, 2, 3), dtype=np.float64)],
           "points": points,
           "posteriors": [[round(float(v), 6) for v in posterior[:, a, b, c]]
                          for a, b, c in points]}, sys.stdout)
