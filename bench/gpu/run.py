"""Everything of hypersynth that needs a GPU, in one call of a few minutes on a machine with one.

    python3 bench/gpu/run.py --carried FOLDER --output OUT [--device cuda] [--build BUILD] [--copies 64]

FOLDER is what bench/gpu/carry.sh gathered. Builds the engine against the libtorch of this Python, runs the tests of CTest's
label `gpu`, puts the engine into the portable program, compares the labels of the GPU with those of the CPU on every head of
FOLDER, and measures: the steps of one segmentation, images per second over many copies of the heads, and training steps
beside the same steps in PyTorch. OUT gets results.json, table.txt, the logs, and the engine that was built. What has not begun
after --minutes is left out, what runs then is stopped; both count as failed.

With --train-minutes the default model is then trained on, from label maps in FOLDER/maps. OUT gets the new model in 16-bit floats where
it is better than the one before on synthetic images of label maps that were set aside and, if there is FOLDER/scans.pack, on labelled scans.

`--dry` tries the script itself in a build tree, on the CPU and with tiny sizes; FOLDER then needs heads/ (and maps/) alone.
"""

import argparse
import collections
import gzip
import json
import os
import pathlib
import re
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import tarfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEFAULT_MODEL = ROOT / "models/brain33-unet16.safetensors"
STARTED = time.monotonic()


def with_16_bits(source, target):
    """Writes a model file with its float32 tensors in float16, as the default model is stored."""
    data = source.read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    tensors = bytearray()
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        values = data[begin:end]
        if entry["dtype"] == "F32":
            count = len(values) // 4
            values = struct.pack(f"<{count}e", *struct.unpack(f"<{count}f", values))
            entry["dtype"] = "F16"
        entry["data_offsets"] = [len(tensors), len(tensors) + len(values)]
        tensors += values
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    target.write_bytes(struct.pack("<Q", len(text)) + text + tensors)


class Run:
    def __init__(self, options):
        self.options = options
        self.results = collections.OrderedDict()
        self.failed = []
        self.deadline = STARTED + 60 * options.minutes
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
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise RuntimeError("no time left")
        program = subprocess.Popen(words, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   errors="replace", start_new_session=True)
        try:
            out, err = program.communicate(timeout=left)
        except subprocess.TimeoutExpired:
            os.killpg(program.pid, signal.SIGKILL)  # what it has started, too
            out, err = program.communicate()
            err += "\nstopped: no time left"
        print(out, err, file=self.log, flush=True)
        if program.returncode != 0:
            raise RuntimeError(f"{pathlib.Path(words[0]).name} ended with {program.returncode}: {(out + err)[-1500:]}")
        return out

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
            report.unlink(missing_ok=True)
            failure = None
            try:
                self.call(self.tree / "bin" / name, f"--gtest_output=json:{report}", **where)
            except RuntimeError as error:
                failure = error
            if report.exists():
                found = json.loads(report.read_text())
                results[name] = {key: found[key] for key in ("tests", "failures")}
                results[name]["skipped"] = report.read_text().count('"SKIPPED"')
            if failure:
                raise RuntimeError(f"{results}: {failure}")
        if self.options.device != "cpu" and results["device_test"]["skipped"]:
            raise RuntimeError(f"tests were skipped: libtorch finds no device {self.options.device}")
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
        head = sorted((self.options.carried / "heads").glob("*.nii.gz"))[0]
        runs = 1 if self.options.dry else 10
        pieces = 64**3 if self.options.dry else 128**3
        bench = self.tree / "bin/segmentation_bench"
        return {
            name: json.loads(self.call(bench, DEFAULT_MODEL, head, device, runs, *words))
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
        if self.options.device != "cpu" and shutil.which("nvidia-smi"):
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
        for precision, modes in (
            ("full", "plain,central-difference,exact,difference-hessian-vector,exact-hessian-vector,synthesis"),
            ("bf16", "plain,central-difference"),
        ):
            file = options.output / f"training-{precision}.json"
            print(self.call(*bench, "--precision", precision, "--modes", modes, "--json", file))
            results += json.loads(file.read_text())
        return results

    def step_s(self, step, precision, who="engine", column="wall_s"):
        """A figure of the training steps, or nothing where they failed."""
        rows = self.results.get("training")
        for row in rows if isinstance(rows, list) else []:
            if (row["step"], row["precision"], row["who"]) == (step, precision, who):
                return row[column]
        return None

    def checks(self):
        """What is measured beside what is to be reached on an H100 with 16 processors."""
        ratio = lambda a, b: round(a / b, 3) if a and b else None
        plain, synthesis = self.step_s("plain", "bf16"), self.step_s("synthesis", "full")
        full = lambda step, **which: self.step_s(step, "full", **which)
        throughput = self.results.get("throughput", {})
        different = [found["different_share_of_brain"] for found in self.results.get("compare", {}).values()
                     if isinstance(found, dict) and "different_share_of_brain" in found]
        table = {
            "images per second": (throughput.get("images_per_s"), ">=", 5),
            "seconds to the first result": (throughput.get("first_result_s"), "<=", 5),
            "voxels of the brain with other labels than on the CPU": (max(different, default=None), "<=", 1e-3),
            "central difference / plain step, time": (ratio(full("central-difference"), full("plain")), "<=", 3.5),
            "central difference / plain step, memory": (
                ratio(full("central-difference", column="MB"), full("plain", column="MB")), "<=", 1.2),
            "synthesis / (synthesis + plain step)": (ratio(synthesis, synthesis and plain and synthesis + plain), "<=", 0.25),
            "plain step / the same in PyTorch": (ratio(plain, self.step_s("plain", "bf16", who="PyTorch")), "<=", 1),
        }
        met = lambda value, sign, limit: None if value is None else (value >= limit if sign == ">=" else value <= limit)
        return {name: {"found": value, "wanted": f"{sign} {limit}", "met": met(value, sign, limit)}
                for name, (value, sign, limit) in table.items()}

    # The default model.

    def scores(self, model):
        """Mean Dice on synthetic images of label maps set aside, and on labelled scans where there are some."""
        program = self.tree / "bin/experiment_score"
        images, device = (1, "cpu") if self.options.dry else (24, self.options.device)
        pack = self.options.build / "model/training.pack"
        found = {"synthetic": float(self.call(program, model, pack, device, images).split()[-1])}
        scans = self.options.carried / "scans.pack"
        if scans.exists():
            rows = [line.split("\t") for line in self.call(program, model, scans, device, 0).splitlines()[1:]]
            found["scans"] = statistics.mean(float(row[3]) for row in rows)
        return found

    def model(self):
        maps, trained = self.options.carried / "maps", self.options.build / "model"
        seconds = 60 * self.options.train_minutes
        self.deadline = time.monotonic() + seconds
        step_s = (self.step_s("plain", "bf16") or 0.1) + (self.step_s("synthesis", "full") or 0.05)
        small = ["--patch", "32x32x32", "--validation-every", 0] if self.options.dry else []
        steps = 2 if self.options.dry else max(1000, int(0.6 * seconds / step_s))
        # From weights that are good already: the rate rises again, to less than it was at first.
        self.call(ROOT / "models/train-default.sh", maps, trained, "--device", self.options.device, "--steps", steps,
                  "--time-limit-s", int(0.6 * seconds), "--initial-model", DEFAULT_MODEL, "--learning-rate", "3e-4", *small,
                  HYPERSYNTH_BIN=str(self.tree / "bin"))
        unscored = self.options.output / "unscored.safetensors"  # left where the time ends before the scores are there
        with_16_bits(trained / "model.safetensors", unscored)
        before, after = self.scores(DEFAULT_MODEL), self.scores(unscored)
        better = all(after[what] > before[what] for what in before)
        if better:
            unscored.replace(self.options.output / DEFAULT_MODEL.name)
        else:
            unscored.unlink()
        return {"steps": steps, "before": before, "after": after, "kept": better}


def table(results):
    lines = []
    for name in ("test", "compare", "stages", "throughput", "model", "checks"):
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
    parser.add_argument("--minutes", type=float, default=8, help="for all but the model")
    parser.add_argument("--train-minutes", type=float, default=0, help="for the model")
    parser.add_argument("--dry", action="store_true")
    options = parser.parse_args()
    options.carried, options.output, options.build = (path.absolute() for path in (options.carried, options.output, options.build))
    run = Run(options)
    run.tree = options.build / "engine"
    run.program = next(options.build.glob("hypersynth-*/bin/hypersynth"), None)
    steps = ["build", "unpack", "test", "compare", "stages", "throughput", "training", "checks"]
    if options.train_minutes > 0:
        steps.append("model")
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
