"""Times training steps of engine_training_bench beside the same steps in PyTorch (the peer), each in a process of its
own, and prints CPU seconds, peak memory and the ratios to the plain step.

    python3 engine_training.py PATH/engine_training_bench [SIDES ...]
"""

import resource
import subprocess
import sys
import time

CLASSES = 33


def peer(sides, mode, steps):
    import torch
    import torch.nn as nn
    import torch.nn.functional as F

    torch.manual_seed(1)
    d = len(sides)
    Conv, Norm = (nn.Conv3d, nn.BatchNorm3d) if d == 3 else (nn.Conv2d, nn.BatchNorm2d)
    pool = F.max_pool3d if d == 3 else F.max_pool2d

    def block(i, o):
        return [Conv(i, o, 3, padding=1), nn.ELU(), Norm(o)]

    class Net(nn.Module):
        def __init__(self, features=(16, 32, 64)):
            super().__init__()
            self.down, self.up, i = nn.ModuleList(), nn.ModuleList(), 1
            for f in features:
                self.down.append(nn.Sequential(*block(i, f), *block(f, f)))
                i = f
            for f in reversed(features[:-1]):
                self.up.append(nn.Sequential(*block(3 * f, f), *block(f, f)))
            self.head = Conv(features[0], CLASSES, 1)

        def forward(self, x):
            skips = []
            for level, stage in enumerate(self.down):
                x = stage(x)
                if level + 1 < len(self.down):
                    skips.append(x)
                    x = pool(x, 2)
            for stage in self.up:
                x = stage(torch.cat([F.interpolate(x, scale_factor=2, mode="nearest"), skips.pop()], 1))
            return self.head(x)

    def loss(logits, y):
        p = logits.softmax(1)
        target = F.one_hot(y, CLASSES).movedim(-1, 1)
        dims = tuple(range(2, 2 + d))
        e = y[0].numel() / CLASSES
        overlap = (p * target).sum(dims)
        dice = (2 * overlap + e) / (p.square().sum(dims) + target.sum(dims) + e)
        return 1 - dice.mean() + 0.2 * F.cross_entropy(logits, y)

    net = Net()
    parameters = list(net.parameters())
    sigma = torch.tensor(0.05, requires_grad=True)
    x, real, noise = (torch.rand(1, 1, *sides) for _ in range(3))
    y, z = (torch.randint(0, CLASSES, (1, *sides)) for _ in range(2))
    optimiser = torch.optim.Adam(parameters, 1e-3)
    moments = [(torch.zeros_like(p), torch.zeros_like(p)) for p in parameters]

    def plain():
        optimiser.zero_grad(set_to_none=True)
        loss(net(x + sigma.detach() * noise), y).backward()
        optimiser.step()

    def exact():
        # Adam written out, so that autograd can go through it.
        gradients = torch.autograd.grad(loss(net(x + sigma * noise), y), parameters, create_graph=True)
        updated = []
        for p, g, (m, v) in zip(parameters, gradients, moments):
            m1, v1 = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
            updated.append(p.detach() - 1e-3 * m1 / (v1.sqrt() + 1e-8))
        names = [name for name, _ in net.named_parameters()]
        stateless = torch.nn.utils.stateless.functional_call
        real_loss = loss(stateless(net, dict(zip(names, updated)), (real,)), z)
        torch.autograd.grad(real_loss, [sigma])
        with torch.no_grad():
            for p, q in zip(parameters, updated):
                p.copy_(q)

    run = plain if mode == "plain" else exact
    run()
    start, wall = time.process_time(), time.time()
    for _ in range(steps):
        run()
    print((time.process_time() - start) / steps, (time.time() - wall) / steps,
          resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def measured(command):
    cpu, wall, memory = map(float, subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())
    return cpu, memory


def main():
    program = sys.argv[1]
    print("size         step                 engine: CPU s  peak MB   ratio (time, memory)   PyTorch: CPU s  peak MB")
    for size in sys.argv[2:] or ["256x256", "64x64x64", "96x96x96"]:
        steps = "3" if size.count("x") == 2 else "10"
        base = None
        for mode in ("plain", "exact", "central-difference", "synthesis"):
            cpu, memory = measured([program, size, mode, steps])
            base = base or (cpu, memory)
            line = f"{size:12s} {mode:20s} {cpu:14.3f} {memory:8.0f} {cpu / base[0]:11.2f} {memory / base[1]:9.2f}"
            if mode in ("plain", "exact"):
                cpu, memory = measured([sys.executable, __file__, "--peer", size, mode, steps])
                line += f" {cpu:23.3f} {memory:8.0f}"
            print(line, flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "--peer":
        peer([int(s) for s in sys.argv[2].split("x")], sys.argv[3], int(sys.argv[4]))
    else:
        main()
