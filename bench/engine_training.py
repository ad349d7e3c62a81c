"""Training steps of engine_training_bench beside the same steps in PyTorch (engine_peer.py).

    python3 engine_training.py PATH/engine_training_bench [--nets default,small] [--sizes 256x256,64x64x64,96x96x96]
                               [--modes plain,exact,central-difference,exact-hessian-vector,synthesis] [--rounds 3] [--no-check]
                               [--device cpu] [--precision full] [--json FILE] [--no-peer]

First checks, on small images, that both compute the same from the same weights. Then every round runs
each step of the engine and of PyTorch in turn, each in a process of its own, so that the largest resident memory is its
own. Printed are medians over the rounds. `CPU s` counts all threads and stays meaningful beside other work on the
machine; waiting threads sleep (OMP_WAIT_POLICY=passive). On a GPU (`--device cuda`) ratios are of the wall time and memory is
the GPU's. `--precision` bf16 or fp16 is that of the convolutions; difference passes stay in float32."""

import argparse
import json
import math
import os
import resource
import statistics
import struct
import subprocess
import sys
import tempfile
import time

MODES = ("plain", "exact", "central-difference")
PRODUCTS = ("exact-hessian-vector", "difference-hessian-vector")
# float64 leaves the finite difference as the only error; float32 in 3-D, where float64 is slow.
CHECKS = {"default": (("64x32", "float64"), ("32x32x32", "float32")), "small": (("24x20", "float64"), ("12x20x16", "float64"))}


def read_tensors(path):
    import torch

    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = bytearray(file.read())
    types = {"F32": torch.float32, "F64": torch.float64, "I64": torch.int64}
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            tensors[name] = torch.frombuffer(data[begin:end], dtype=types[entry["dtype"]]).reshape(entry["shape"])
    return tensors


def difference(found, expected):
    return ((found - expected).norm() / expected.norm()).item()


def check(program, net, size, precision):
    """Exits where the engine and PyTorch differ in the logits, or in the losses, weights and hypergradients of steps."""
    import torch
    from engine_peer import TrainingCase, make_net
    from torch.nn.utils import parameters_to_vector, vector_to_parameters

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "check.safetensors")
        subprocess.run([program, net, size, "check", path, precision], check=True)
        engine = read_tensors(path)
    torch.set_default_dtype(getattr(torch, precision))
    differences = {}
    for mode in MODES:
        module = make_net(net, size.count("x") + 1)
        count = sum(p.numel() for p in module.parameters())
        if count != engine["phi"].numel():
            sys.exit(f"{net} {size}: the engine has {engine['phi'].numel()} parameters, PyTorch {count}")
        vector_to_parameters(engine["phi"].clone(), module.parameters())  # they share its memory
        case = TrainingCase(module, engine, engine["theta"][0])
        differences["logits"] = difference(module(engine["image"]).detach(), engine["logits"])
        case.step(mode)
        loss, hypergradient = case.step(mode)
        differences[mode + ".loss"] = difference(loss, engine[mode + ".loss"][0])
        differences[mode + ".phi"] = difference(parameters_to_vector(module.parameters()).detach(), engine[mode + ".phi"])
        if hypergradient is not None:
            differences[mode + ".hypergradient"] = difference(hypergradient, engine[mode + ".hypergradient"][0])
    module = make_net(net, size.count("x") + 1)
    vector_to_parameters(engine["phi"].clone(), module.parameters())
    _, product = TrainingCase(module, engine, engine["theta"][0]).step("exact-hessian-vector")
    differences["hessian-vector"] = difference(product, engine["hessian-vector.phi"])
    exact = precision == "float64"
    for name, value in differences.items():
        # In float32 a hypergradient of random labels is mostly rounding.
        limit = {"logits": 1e-5, "loss": 1e-5, "phi": 1e-9 if exact else 1e-4, "hessian-vector": 1e-8 if exact else 1e-3}.get(
            name.split(".")[-1], 1e-8 if exact else math.inf)
        if not value < limit:
            sys.exit(f"{net} {size}: {name} differs by {value:.1e} of its size between the engine and PyTorch")
    shown = {name: value for name, value in differences.items() if exact or not name.endswith("hypergradient")}
    worst = max(shown, key=shown.get)
    print(f"{net:8s}{size:10s}{precision}: {count} parameters in both; logits, losses, weights"
          f"{' and hypergradients' if exact else ''} agree to {shown[worst]:.0e} ({worst})")


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def peak_mb():
    with open("/proc/self/status") as status:
        return next(float(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:"))


def time_peer(net, size, mode, steps, device="cpu", precision="full"):
    from engine_peer import random_case

    case = random_case(net, [int(side) for side in size.split("x")], device, precision)
    case.step(mode)
    cpu, wall = [], []
    for _ in range(int(steps)):
        start = cpu_seconds(), time.monotonic()
        case.step(mode)[0].item()  # waits for the device
        cpu.append(cpu_seconds() - start[0])
        wall.append(time.monotonic() - start[1])
    memory = peak_mb()
    if device != "cpu":
        import torch

        free, all_of_it = torch.cuda.mem_get_info()
        memory = (all_of_it - free) / 1048576
    print(statistics.median(cpu), statistics.median(wall), memory)


def measured(command):
    environment = {"OMP_NUM_THREADS": str(len(os.sched_getaffinity(0))), "OMP_WAIT_POLICY": "passive", **os.environ}
    result = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    return [float(word) for word in result.stdout.split()]


def medians(rows):
    return [statistics.median(column) for column in zip(*rows)]


def table(program, net, size, modes, rounds, device, precision, peer):
    on_gpu = device != "cpu"
    steps = "9" if on_gpu or size.count("x") == 1 else "1"
    rows = {}
    for _ in range(rounds):
        for mode in modes:
            commands = {"engine": [program], "PyTorch": [sys.executable, __file__, "--peer"]}
            if mode == "synthesis" or not peer:
                del commands["PyTorch"]
            for who, command in commands.items():
                rows.setdefault((mode, who), []).append(
                    measured([*command, net, size, mode, steps, device, precision]))
    plain = {who: medians(found) for (mode, who), found in rows.items() if mode == "plain"}
    timed = 1 if on_gpu else 0  # wall or CPU seconds
    results = []
    for mode in modes:
        line = f"{net:8s}{size:10s}{mode:26s}"
        for who in ("engine", "PyTorch"):
            if (mode, who) in rows:
                figures = medians(rows[mode, who])
                cpu, wall, peak = figures
                results.append(dict(net=net, size=size, step=mode, who=who, precision=precision, cpu_s=cpu, wall_s=wall, MB=peak))
                line += f"|{cpu:8.3f}{wall:8.3f}{peak:7.0f}"
                line += f"{figures[timed] / plain[who][timed]:7.2f}{peak / plain[who][2]:6.2f} "
        if (mode, "PyTorch") in rows:
            mine, peer = medians(rows[mode, "engine"]), medians(rows[mode, "PyTorch"])
            line += f"|{mine[timed] / peer[timed]:6.2f}{mine[2] / peer[2]:8.2f}"
        print(line, flush=True)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    words = lambda text: text.split(",")
    parser.add_argument("--nets", type=words, default=["default", "small"])
    parser.add_argument("--sizes", type=words, default=["256x256", "64x64x64", "96x96x96"])
    parser.add_argument("--modes", type=words, default=[*MODES, *PRODUCTS, "synthesis"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", default="full", choices=("full", "bf16", "fp16"))
    parser.add_argument("--json", help="also write all figures to this file")
    parser.add_argument("--no-peer", dest="peer", action="store_false", help="the engine alone, where Python has no torch")
    parser.add_argument("--no-check", dest="check", action="store_false", help="time alone")
    options = parser.parse_args()
    for net in options.nets:
        for size, precision in CHECKS[net] if options.check and options.peer else ():
            check(options.program, net, size, precision)
    group = "   CPU s  wall s     MB  x time x MB "
    print(f"\n{'':44s}|{'engine, ratios to its plain step':37s}|{'PyTorch':37s}|engine / PyTorch")
    print(f"{'net':8s}{'size':10s}{'step':26s}|{group}|{group}|  time  memory")
    results = []
    for net in options.nets:
        for size in options.sizes:
            results += table(options.program, net, size, options.modes, options.rounds, options.device,
                             options.precision, options.peer)
    if options.json:
        with open(options.json, "w") as file:
            json.dump(results, file, indent=1)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--peer"]:
        time_peer(*sys.argv[2:])
    else:
        main()
