"""Packs the label maps and labelled scans of the experiments, at 2 mm.

    python3 experiments/prepare.py --label-maps MAPS --bids DATASET --derivative manual --output PACKS

MAPS holds label maps in FreeSurfer's numbers and labels.tsv, a label table for all structures. DATASET is a BIDS dataset with
participants.tsv (column `split`: train or validation), T1w images and their label maps (_dseg) in derivatives/DERIVATIVE.
Makes tissue.pack (four tissue classes), brain33.pack (the structures of labels.tsv), tissue-N.pack with the first N
people of the training split for N = 1, 2, 4, 8, 12, and heart.pack of the hearts of heart.py.
"""

import argparse
import csv
import pathlib
import subprocess
import sys

PEOPLE = [1, 2, 4, 8, 12]
HERE = pathlib.Path(__file__).parent


def pairs(dataset, derivative, person):
    """Images of a person with their label maps."""
    found = []
    for image in sorted((dataset / person).rglob("*_T1w.nii.gz")):
        folder = dataset / "derivatives" / derivative / image.parent.relative_to(dataset)
        stem = image.name.removesuffix("_T1w.nii.gz")
        references = sorted(folder.glob(f"{stem}_*dseg.nii.gz"))
        if references:
            found.append((image, references[0]))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--label-maps", type=pathlib.Path, required=True)
    parser.add_argument("--bids", type=pathlib.Path, required=True)
    parser.add_argument("--derivative", default="manual")
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--bin", type=pathlib.Path, default=pathlib.Path("build/release/bin"))
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    with open(options.bids / "participants.tsv") as stream:
        people = {row["participant_id"]: row["split"] for row in csv.DictReader(stream, delimiter="\t")}
    train = [person for person, split in people.items() if split == "train"]
    validation = [person for person, split in people.items() if split == "validation"]

    def pack(name, table, label_maps, scans, held_out):
        command = [options.bin / "hypersynth-pack", "--label-table", table, "--label-maps", label_maps]
        command += ["--spacing-mm", "2", "--output", options.output / f"{name}.pack"]
        command += ["--real-images", *[image for image, _ in scans]]
        command += ["--real-references", *[reference for _, reference in scans]]
        command += ["--validation", *held_out]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)

    def pack_brains(name, table, chosen):
        scans = [pair for person in chosen + validation for pair in pairs(options.bids, options.derivative, person)]
        pack(name, table, options.label_maps, scans, [f"{person}_" for person in validation])

    tissue = HERE / "tissue-ventricles.tsv"
    pack_brains("tissue", tissue, train)
    pack_brains("brain33", options.label_maps / "labels.tsv", train)
    for number in PEOPLE:
        pack_brains(f"tissue-{number}", tissue, train[:number])
    hearts = options.output / "hearts"
    subprocess.run([sys.executable, HERE / "heart.py", hearts], check=True)
    scans = [(image, hearts / "references" / image.name) for image in sorted((hearts / "scans").iterdir())]
    pack("heart", hearts / "labels.tsv", hearts / "maps", scans, ["held-out"])


if __name__ == "__main__":
    main()
