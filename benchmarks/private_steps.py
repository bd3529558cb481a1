"""What a differentially private training step costs beside a plain one: the network of the case study, CPU time.

Both networks are trained in one process on the same images, in turn, so that whatever else the machine does hits both.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

CASES = {  # networks of 06_tumor_diagnosis, profile full
    "28 px, group normalization": {"size": 28, "filters": (16, 32, 64), "convolutions": 2, "normalization": "group"},
    "28 px, no normalization": {"size": 28, "filters": (16, 32, 64), "convolutions": 2, "normalization": "none"},
    "64 px, group normalization": {
        "size": 64,
        "filters": (16, 32, 48, 64),
        "convolutions": 1,
        "normalization": "group",
    },
    "64 px, no normalization": {"size": 64, "filters": (16, 32, 48, 64), "convolutions": 1, "normalization": "none"},
}


def measure(case: dict, batch_size: int, microbatch_size: int, repetitions: int) -> tuple[np.ndarray, np.ndarray]:
    """CPU seconds of plain and of private steps, (repetitions,) each, measured in turn."""
    import keras
    import tensorflow as tf

    from helpers.models import cnn
    from helpers.training.private_model import PrivateModel

    generator = np.random.default_rng(0)
    side = case["size"]
    images = tf.constant(generator.normal(size=(batch_size, side, side, 1)).astype("float32"))
    targets = tf.constant((generator.random((batch_size, 1)) < 0.5).astype("float32"))
    plain = cnn.tumor_cnn(**case)
    private = PrivateModel(cnn.tumor_cnn(**case), 1.0, 1.0, batch_size, seed=0, microbatch_size=microbatch_size)
    steps = []
    for model in (plain, private):
        model.compile(keras.optimizers.SGD(0.01), "binary_crossentropy")
        steps.append(tf.function(lambda model=model: model.train_step((images, targets)), autograph=False))
    seconds = np.empty((repetitions + 1, 2))
    for repetition in range(repetitions + 1):  # the first one compiles
        for column, step in enumerate(steps):
            begin = time.process_time()
            step()
            seconds[repetition, column] = time.process_time() - begin
    return seconds[1:, 0], seconds[1:, 1]


def main() -> None:
    """Measure every network; print a table."""
    from helpers import runtime

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch-size", type=int, default=256)
    parser.add_argument("--microbatch-size", type=int, default=32)
    parser.add_argument("--repetitions", type=int, default=15)
    options = parser.parse_args()
    runtime.configure(0)
    print("| network | plain, ms | private, ms | ratio (middle half) |\n| --- | --- | --- | --- |")
    for name, case in CASES.items():
        plain, private = measure(case, options.batch_size, options.microbatch_size, options.repetitions)
        low, middle, high = np.quantile(private / plain, [0.25, 0.5, 0.75])
        print(
            f"| {name} | {1e3 * np.median(plain):.0f} | {1e3 * np.median(private):.0f} | "
            f"{middle:.2f} ({low:.2f} to {high:.2f}) |",
            flush=True,
        )


if __name__ == "__main__":
    main()
