"""The peer of engine_training_bench: the same networks, loss, optimiser and steps, as they are written in PyTorch."""

import contextlib

import torch
import torch.nn as nn
import torch.nn.functional as F

try:
    from torch.func import functional_call
except ImportError:  # before PyTorch 2
    from torch.nn.utils.stateless import functional_call

CLASSES = 33
RATE, BETA1, BETA2, EPSILON = 1e-3, 0.9, 0.999, 1e-8  # Adam
DIFFERENCE_NORM = 1e-3


class PoolUnet(nn.Module):
    """The U-Net of the default model."""

    def __init__(self, dimensions, levels=5, base=16):
        super().__init__()
        Conv, Norm = (nn.Conv3d, nn.BatchNorm3d) if dimensions == 3 else (nn.Conv2d, nn.BatchNorm2d)
        self.pool = F.max_pool3d if dimensions == 3 else F.max_pool2d

        def level(i, o):
            return nn.Sequential(Conv(i, o, 3, padding=1), nn.ELU(), Norm(o), Conv(o, o, 3, padding=1), nn.ELU(), Norm(o))

        features = [base << l for l in range(levels)]
        self.encoder = nn.ModuleList(level(i, o) for i, o in zip([1] + features, features))
        self.decoder = nn.ModuleList(level(3 * f, f) for f in features[:-1])
        self.head = Conv(base, CLASSES, 1)

    def forward(self, x):
        skips = []
        for level in self.encoder[:-1]:
            skips.append(level(x))
            x = self.pool(skips[-1], 2)
        x = self.encoder[-1](x)
        for level in reversed(self.decoder):
            x = level(torch.cat([F.interpolate(x, scale_factor=2, mode="nearest"), skips.pop()], 1))
        return self.head(x)


class ResizeUnet(nn.Module):
    """The U-Net of the Learn2Synth paper, without normalisation."""

    def __init__(self, dimensions, features=(16, 32, 64)):
        super().__init__()
        Conv = nn.Conv3d if dimensions == 3 else nn.Conv2d
        self.mode = "trilinear" if dimensions == 3 else "bilinear"

        def block(i, o, kernel=3):
            return nn.Sequential(Conv(i, o, kernel, padding=kernel // 2), nn.ELU())

        def group(i, o):
            return nn.Sequential(block(i, o), block(o, o))

        pairs = list(zip(features, features[1:]))
        self.first = nn.Sequential(Conv(1, features[0], 3, padding=1), group(features[0], features[0]))
        self.down = nn.ModuleList(
            nn.Sequential(block(i, o, 1), group(o, o) if o != features[-1] else nn.Identity()) for i, o in pairs)
        self.coarsest = group(features[-1], features[-1])
        self.up = nn.ModuleList(nn.ModuleList([block(o, i, 1), group(2 * i, i)]) for i, o in reversed(pairs))
        self.head = Conv(features[0], CLASSES, 1)

    def resize(self, x, size):
        return F.interpolate(x, size=size, mode=self.mode, align_corners=True)

    def forward(self, x):
        x = self.first(x)
        skips = []
        for down in self.down:
            skips.append(x)
            x = down(self.resize(x, [side // 2 for side in x.shape[2:]]))
        x = self.coarsest(x)
        for narrow, group in self.up:
            skip = skips.pop()
            x = group(torch.cat([self.resize(narrow(x), skip.shape[2:]), skip], 1))
        return self.head(x)


def make_net(name, dimensions):
    return {"default": PoolUnet, "small": ResizeUnet}[name](dimensions)


def segmentation_loss(logits, reference):
    """Dice (squares in the denominator, smoothing voxels / classes) + 0.2 cross-entropy."""
    p = logits.softmax(1)
    target = F.one_hot(reference, CLASSES).movedim(-1, 1).to(p.dtype)
    axes = tuple(range(2, p.dim()))
    smoothing = reference[0].numel() / CLASSES
    overlap = 2 * (p * target).sum(axes) + smoothing
    dice = overlap / (p.square().sum(axes) + target.sum(axes) + smoothing)
    return 1 - dice.mean() + 0.2 * F.cross_entropy(logits, reference)


class TrainingCase:
    """`inputs`: image, reference, noise, real_image, real_reference, direction. Each step returns its synthetic loss and its
    hypergradient (None for a plain step). `precision` (full, bf16, fp16) is that of plain steps."""

    def __init__(self, net, inputs, theta, precision="full"):
        self.net, self.inputs, self.precision = net, inputs, precision
        self.theta = theta.clone().requires_grad_()
        self.parameters = dict(net.named_parameters())
        self.optimiser = torch.optim.Adam(net.parameters(), RATE, (BETA1, BETA2), EPSILON)
        zeros = {name: torch.zeros_like(p) for name, p in self.parameters.items()}
        self.steps, self.first, self.second = 0, zeros, zeros

    def step(self, mode):
        steps = {
            "plain": self.plain,
            "exact": self.exact,
            "central-difference": self.central_difference,
            "exact-hessian-vector": self.exact_hessian_vector,
            "difference-hessian-vector": self.difference_hessian_vector,
        }
        return steps[mode]()

    def augmented(self):
        return self.inputs["image"] + self.theta * self.inputs["noise"]

    def synthetic_loss(self, parameters):
        return segmentation_loss(functional_call(self.net, parameters, (self.augmented(),)), self.inputs["reference"])

    def real_loss(self, parameters):
        return segmentation_loss(functional_call(self.net, parameters, (self.inputs["real_image"],)),
                                 self.inputs["real_reference"])

    def plain(self):
        self.optimiser.zero_grad(set_to_none=True)
        with torch.no_grad():
            image = self.augmented()
        with self.autocast():
            logits = self.net(image)
        loss = segmentation_loss(logits.float() if logits.element_size() < 4 else logits, self.inputs["reference"])
        loss.backward()
        self.optimiser.step()
        return loss.detach(), None

    def autocast(self):
        if self.precision == "full":
            return contextlib.nullcontext()
        types = {"bf16": torch.bfloat16, "fp16": torch.float16}
        return torch.autocast(self.theta.device.type, types[self.precision])

    def adam(self, gradients):
        """Adam written out, so that autograd can go through it: parameters, moments, denominators."""
        self.steps += 1
        c1, c2 = 1 - BETA1**self.steps, 1 - BETA2**self.steps
        updated, first, second, denominators = {}, {}, {}, {}
        for (name, p), g in zip(self.parameters.items(), gradients):
            first[name] = BETA1 * self.first[name] + (1 - BETA1) * g
            second[name] = BETA2 * self.second[name] + (1 - BETA2) * g * g
            denominators[name] = second[name].sqrt() / c2**0.5 + EPSILON
            updated[name] = p.detach() - RATE / c1 * first[name] / denominators[name]
        return updated, first, second, denominators

    def commit(self, updated, first, second):
        self.first = {name: m.detach() for name, m in first.items()}
        self.second = {name: v.detach() for name, v in second.items()}
        with torch.no_grad():
            for name, p in self.parameters.items():
                p.copy_(updated[name])

    def exact(self):
        loss = self.synthetic_loss(self.parameters)
        gradients = torch.autograd.grad(loss, list(self.parameters.values()), create_graph=True)
        updated, first, second, _ = self.adam(gradients)
        (hypergradient,) = torch.autograd.grad(self.real_loss(updated), [self.theta])
        self.commit(updated, first, second)
        return loss.detach(), hypergradient

    def central_difference(self):
        with torch.no_grad():
            image = self.augmented()
        loss = segmentation_loss(self.net(image), self.inputs["reference"])
        gradients = torch.autograd.grad(loss, list(self.parameters.values()))
        phi = {name: p.detach().clone() for name, p in self.parameters.items()}
        updated, first, second, denominators = self.adam(gradients)
        leaves = {name: p.requires_grad_() for name, p in updated.items()}
        by_phi = torch.autograd.grad(self.real_loss(leaves), list(leaves.values()))
        c1, c2 = 1 - BETA1**self.steps, 1 - BETA2**self.steps
        w = {}
        for (name, d), g, u in zip(denominators.items(), gradients, by_phi):
            slope = (1 - BETA1) / d - first[name] * (1 - BETA2) * g / (d * d * second[name].sqrt() * c2**0.5)
            w[name] = -RATE / c1 * slope * u
        e = DIFFERENCE_NORM / torch.sqrt(sum(x.square().sum() for x in w.values()))
        sides = []
        for sign in (1, -1):
            shifted = {name: phi[name] + sign * e * w[name] for name in phi}
            sides.append(torch.autograd.grad(self.synthetic_loss(shifted), [self.theta])[0])
        self.commit(updated, first, second)
        return loss.detach(), (sides[0] - sides[1]) / (2 * e)

    def direction(self):
        sizes = [p.numel() for p in self.parameters.values()]
        parts = self.inputs["direction"].split(sizes)
        return {name: part.view_as(p) for (name, p), part in zip(self.parameters.items(), parts)}

    def exact_hessian_vector(self):
        """The synthetic loss, and the product of its second derivatives by the parameters, and by theta, with `direction`."""
        leaves = list(self.parameters.values())
        loss = self.synthetic_loss(self.parameters)
        gradients = torch.autograd.grad(loss, leaves, create_graph=True)
        _, *product = torch.autograd.grad(gradients, [self.theta, *leaves], list(self.direction().values()))
        return loss.detach(), torch.cat([part.flatten() for part in product])

    def difference_hessian_vector(self):
        phi, direction = self.parameters, self.direction()
        e = DIFFERENCE_NORM / self.inputs["direction"].norm()
        sides = []
        for sign in (1, -1):
            shifted = {name: (p.detach() + sign * e * direction[name]).requires_grad_() for name, p in phi.items()}
            loss = self.synthetic_loss(shifted)
            sides.append(torch.autograd.grad(loss, [self.theta, *shifted.values()])[1:])
        return loss.detach(), torch.cat([(a - b).flatten() for a, b in zip(*sides)]) / (2 * e)


def random_case(name, sides, device="cpu", precision="full"):
    torch.manual_seed(1)
    torch.backends.cudnn.benchmark = True
    net = make_net(name, len(sides)).to(device)
    if device != "cpu":
        net = net.to(memory_format=torch.channels_last_3d if len(sides) == 3 else torch.channels_last)
    inputs = {key: torch.rand(1, 1, *sides, device=device) for key in ("image", "noise", "real_image")}
    for key in ("reference", "real_reference"):
        inputs[key] = torch.randint(0, CLASSES, (1, *sides), device=device)
    inputs["direction"] = torch.randn(sum(p.numel() for p in net.parameters()), device=device)
    return TrainingCase(net, inputs, torch.tensor(0.05, device=device), precision)
