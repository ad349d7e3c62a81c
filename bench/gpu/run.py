"""Everything of hypersynth that needs a GPU, in one call of a few minutes on a machine with one.

    python3 bench/gpu/run.py --carried FOLDER --output OUT [--device cuda] [--build BUILD] [--copies 64]

FOLDER is what bench/gpu/carry.sh gathered. Builds the engine against the libtorch of this Python, runs the tests of CTest's
label `gpu`, puts the engine into the portable program, compares the labels of the GPU with those of the CPU on every head of
FOLDER, and measures: the steps of one segmentation, images per second over many copies of the heads, and training steps
beside the same steps in PyTorch. OUT gets results.json, table.txt, the logs, and the engine that was built.

`--dry` tries the script itself in a build tree, on the CPU and with tiny sizes; FOLDER then needs heads/ alone.
"""

import argparse
import collections
import gzip
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tarfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
STARTED = time.monotonic()


class Run:
    def __init__(self, options):
        self.options = options
        self.results = collections.OrderedDict()
        self.failed = []
        options.output.mkdir(parents=True, exist_ok=True)
        self.log = open(options.output / "log.txt", "w")

    def step(self, name, function):
        """Keeps what `function` returns; where it fails the other steps go on."""
        start = time.monotonic()
        try:
            self.results[name] = function()
            state = "done"
        except Exception as error:
            self.failed.append(name)
            self.results[name] = {"error": str(error)}
            state = f"FAILED: {error}"
        seconds = time.monotonic() - start
        print(f"[{time.monotonic() - STARTED:6.1f} s] {name}: {state} ({seconds:.1f} s)", flush=True)
        self.results.setdefault("seconds", {})[name] = round(seconds, 1)
        (self.options.output / "results.json").write_text(json.dumps(self.results, indent=1))

    def call(self, *command, **environment):
        """Runs a command into the log; returns its standard output."""
        words = [str(word) for word in command]
        print("$", *words, file=self.log, flush=True)
        done = subprocess.run(words, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              errors="replace")
        print(done.stdout, done.stderr, file=self.log, flush=True)
        if done.returncode != 0:
            raise RuntimeError(
                f"{pathlib.Path(words[0]).name} ended with {done.returncode}: {(done.stdout + done.stderr)[-1500:]}"
            )
        return done.stdout

    # What is built.

    def build(self):
        options = self.options
        prefix = options.build / "prefix"
        for source, folder, *settings in (
            (options.carried / "googletest", options.build / "googletest", f"-DCMAKE_INSTALL_PREFIX={prefix}"),
            (ROOT, options.build / "engine", "-DHYPERSYNTH_ENGINE_ONLY=ON", f"-DHYPERSYNTH_LIBTORCH={self.libtorch()}",
             f"-DHYPERSYNTH_HEADERS_DIR={options.carried / 'headers'}", f"-DCMAKE_PREFIX_PATH={prefix}"),
        ):
            self.call("cmake", "-S", source, "-B", folder, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", *settings)
            if source == ROOT:
                self.call("ninja", "-C", folder, "hypersynth_engine", "device_test", "golden_test", "segmentation_bench",
                          "engine_training_bench", "hypersynth-train", "hypersynth-pack", "experiment_score")
                shutil.copy(folder / "lib/libhypersynth_engine.so", options.output)
            else:
                self.call("ninja", "-C", folder, "install")
        self.tree = options.build / "engine"
        return {}

    def libtorch(self):
        """The folder of this Python's torch, found without loading it."""
        import importlib.util

        return pathlib.Path(importlib.util.find_spec("torch").origin).parent

    def unpack(self):
        """The portable program, with the engine of this machine in it."""
        (archive,) = self.options.carried.glob("hypersynth-*.tar.xz")
        with tarfile.open(archive) as file:
            file.extractall(self.options.build, filter="data")
        (folder,) = self.options.build.glob("hypersynth-*")
        shutil.copy(self.tree / "lib/libhypersynth_engine.so", folder / "lib/hypersynth")
        # The engine needs the C++ library of the compiler that built it, which the other parts can use too.
        (folder / "lib/hypersynth/libstdc++.so.6").unlink()
        self.program = folder / "bin/hypersynth"
        return {"version": self.call(self.program, "--version").strip()}

    # What is tested.

    def test(self):
        where = {"HYPERSYNTH_TEST_DEVICE": self.options.device}
        if (self.options.carried / "golden").is_dir():
            where["HYPERSYNTH_GOLDEN_DIR"] = str(self.options.carried / "golden")
        results = {}
        for name in ("device_test", "golden_test"):
            report = self.options.output / f"{name}.json"
            try:
                self.call(self.tree / "bin" / name, f"--gtest_output=json:{report}", **where)
            finally:
                found = json.loads(report.read_text())
                results[name] = {key: found[key] for key in ("tests", "failures")}
                results[name]["skipped"] = report.read_text().count('"SKIPPED"')
        return results

    def dataset(self, name, copies):
        """A BIDS dataset of `copies` images, the heads in turn."""
        heads = sorted((self.options.carried / "heads").glob("*.nii.gz"))
        folder = self.options.build / name
        shutil.rmtree(folder, ignore_errors=True)
        for number in range(copies):
            anat = folder / f"sub-{number:03d}" / "anat"
            anat.mkdir(parents=True)
            shutil.copy(heads[number % len(heads)], anat / f"sub-{number:03d}_T1w.nii.gz")
        (folder / "dataset_description.json").write_text('{"Name": "heads", "BIDSVersion": "1.10.1", "DatasetType": "raw"}')
        return folder

    def segment(self, dataset, device, *more):
        output = dataset.with_name(f"{dataset.name}-{device}")
        shutil.rmtree(output, ignore_errors=True)
        shutil.rmtree(dataset.with_name("work"), ignore_errors=True)
        self.call(self.program, dataset, output, "participant", "--device", device, "--work-dir", dataset.with_name("work"), *more)
        return output

    def compare(self):
        """Voxels whose labels differ between GPU and CPU, as a share of those that either calls brain."""
        dataset = self.dataset("heads", len(list((self.options.carried / "heads").glob("*.nii.gz"))))
        # float32: a processor with AMX would take bfloat16
        found = {device: self.segment(dataset, device, *(("--precision", "full") if device == "cpu" else ()))
                 for device in ("cpu", self.options.device)}
        results = {}
        for path in sorted(found["cpu"].glob("sub-*/anat/*_dseg.nii.gz")):
            other = found[self.options.device] / path.relative_to(found["cpu"])
            a, b = (gzip.open(file).read()[352:] for file in (path, other))  # of one byte a voxel
            either = [pair for pair in zip(a, b) if pair != (0, 0)]
            results[path.name] = {"different_share_of_brain": sum(x != y for x, y in either) / max(1, len(either))}
        results["devices"] = [record["provenance"]["device"] for record in self.records(found[self.options.device])]
        return results

    def records(self, output):
        return [json.loads(path.read_text()) for path in sorted(output.glob("sub-*/anat/*_iqms.json"))]

    # What is measured.

    def stages(self):
        model = ROOT / "models/brain33-unet16.safetensors"
        head = sorted((self.options.carried / "heads").glob("*.nii.gz"))[0]
        runs = 1 if self.options.dry else 10
        pieces = 64**3 if self.options.dry else 128**3
        bench = self.tree / "bin/segmentation_bench"
        return {
            name: json.loads(self.call(bench, model, head, device, runs, *words))
            for name, device, words in (
                ("whole", self.options.device, ()),
                ("fast", self.options.device, ("fast",)),
                ("in pieces", self.options.device, ("fast", pieces)),
            )
        }

    def throughput(self):
        dataset = self.dataset("copies", self.options.copies)
        samples = []
        watched = None
        if self.options.device != "cpu":
            watched = subprocess.Popen(
                ["nvidia-smi", "--query-gpu=utilization.gpu,memory.used", "--format=csv,noheader,nounits", "-lms", "100"],
                stdout=subprocess.PIPE, text=True)
            threading.Thread(target=lambda: samples.extend(watched.stdout), daemon=True).start()
        start, wall, before = time.time(), time.monotonic(), os.times()
        try:
            output = self.segment(dataset, self.options.device)
        finally:
            seconds, after = time.monotonic() - wall, os.times()
            if watched:
                watched.terminate()
                watched.wait()
        written = sorted(path.stat().st_mtime - start for path in output.glob("sub-*/anat/*_dseg.nii.gz"))
        watched_values = [numbers for numbers in (re.findall(r"\d+", line) for line in samples) if len(numbers) >= 2]
        busy = [int(numbers[0]) for numbers in watched_values]
        records = self.records(output)
        steps = {step for record in records for step in record["timings_s"]}
        return {
            "images": len(written),
            "seconds": round(seconds, 2),
            "cpu_s_per_image": round(sum(after[2:4]) / len(written) - sum(before[2:4]) / len(written), 3),
            "images_per_s": round(len(written) / seconds, 3),
            "first_result_s": round(written[0], 2),
            "images_per_s_after_the_first": round((len(written) - 1) / max(1e-9, written[-1] - written[0]), 3),
            "gpu_busy_percent": round(statistics.mean(busy), 1) if busy else None,
            "gpu_peak_MB": max((int(numbers[1]) for numbers in watched_values), default=None),
            "cpus": os.cpu_count(),
            "devices": dict(collections.Counter(record["provenance"]["device"] for record in records)),
            "median_seconds_of_an_image": {
                step: round(statistics.median(record["timings_s"].get(step, 0) for record in records), 3) for step in sorted(steps)},
        }

    def training(self):
        """Training steps of the default network beside PyTorch, in float32 (with the GPU's tf32) and in bf16."""
        options = self.options
        size = "16x16x16" if options.dry else "128x128x128"
        bench = [sys.executable, ROOT / "bench/engine_training.py", self.tree / "bin/engine_training_bench", "--nets", "default",
                 "--sizes", size, "--rounds", 1, "--no-check", "--device", options.device]
        if options.dry:
            bench.append("--no-peer")
        results = []
        for precision, modes in (("full", "plain,central-difference,exact,synthesis"), ("bf16", "plain,central-difference")):
            file = options.output / f"training-{precision}.json"
            print(self.call(*bench, "--precision", precision, "--modes", modes, "--json", file))
            results += json.loads(file.read_text())
        return results


def table(results):
    lines = []
    for name in ("test", "compare", "stages", "throughput"):
        lines.append(name)
        for key, value in results.get(name, {}).items():
            lines.append(f"  {key}: {value}")
    lines.append("training")
    for row in results["training"] if isinstance(results.get("training"), list) else [results.get("training")]:
        lines.append(f"  {row}")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--carried", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/gpu", help="folder to build in; with --dry, one that is built")
    parser.add_argument("--copies", type=int, default=64)
    parser.add_argument("--only", nargs="+", help="these steps alone")
    parser.add_argument("--dry", action="store_true")
    options = parser.parse_args()
    options.carried, options.output, options.build = (path.absolute() for path in (options.carried, options.output, options.build))
    run = Run(options)
    run.tree = options.build / "engine"
    run.program = next(options.build.glob("hypersynth-*/bin/hypersynth"), None)
    steps = ["build", "unpack", "test", "compare", "stages", "throughput", "training"]
    if options.dry:
        options.device = "cpu"
        options.copies = 2
        run.tree = options.build
        run.program = options.build / "bin/hypersynth"
        options.build = options.output / "scratch"
        steps = steps[2:]
    for name in steps:
        if not options.only or name in options.only:
            run.step(name, getattr(run, name))
    text = table(run.results)
    (options.output / "table.txt").write_text(text)
    print(text)
    if run.failed:
        sys.exit(f"failed: {', '.join(run.failed)}")


if __name__ == "__main__":
    main()
