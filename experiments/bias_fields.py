"""What bias fields of given weights look like: moments of log(field) over many draws, for docs/experiments.md.

    python3 experiments/bias_fields.py 1.5,-1.5,-3 3.17,-3.98,-2.77 [--side 32] [--draws 20000]

The weights are those of the fields with 2, 4 and 8 knots of the augmentation `noise-bias`; their sigmoids are the fields' exponents.
"""

import argparse

import numpy

KNOTS = (2, 4, 8)


def enlarging(knots, side):
    """Matrix of linear interpolation with aligned borders, [side, knots]."""
    at = numpy.clip((numpy.arange(side) + 0.5) * knots / side - 0.5, 0, knots - 1)
    return numpy.clip(1 - numpy.abs(at[:, None] - numpy.arange(knots)), 0, None)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", nargs="+")
    parser.add_argument("--side", type=int, default=32, help="voxels")
    parser.add_argument("--draws", type=int, default=20000)
    options = parser.parse_args()
    random = numpy.random.default_rng(1)
    logs = []
    for knots in KNOTS:
        matrix = enlarging(knots, options.side)
        logs.append(numpy.log(matrix @ random.uniform(0.5, 2, (options.draws, knots, knots)) @ matrix.T))
    print("| weights | sum of exponents | mean of log | its deviation between images | inside one |")
    print("|---|---|---|---|---|")
    for weights in options.weights:
        exponents = 1 / (1 + numpy.exp(-numpy.array([float(word) for word in weights.split(",")])))
        field = sum(exponent * log for exponent, log in zip(exponents, logs))
        means = field.mean((1, 2))
        inside = numpy.sqrt(((field - means[:, None, None]) ** 2).mean())
        print(f"| {weights} | {exponents.sum():.3f} | {field.mean():.3f} | {means.std():.3f} | {inside:.3f} |")


if __name__ == "__main__":
    main()
