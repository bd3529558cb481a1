"""Does memory stay flat when the images do not fit into it? Load, normalize, train one epoch, predict: 10^4 to 10^6 tiles.

Every size runs in a process of its own on generated tiles of 64 px, which lie in multi-frame DICOM files, so that
decoding, cache and streaming are all measured. Peak resident memory is the kernel's own (VmHWM of Linux); page cache
does not count, because the kernel gives it back. Run it with: python benchmarks/streaming_memory.py
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

SIDE = 64
FRAMES = 1000  # tiles per file
SIZES = (10_000, 100_000, 1_000_000)


def generate(folder: Path, tiles: int) -> None:
    """Write ``tiles`` tiles of noise in files of 1,000 frames; the diseased ones hold a brighter square."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

    generator = np.random.default_rng(0)
    for number in range(tiles // FRAMES):
        label = ("normal", "tumor")[number % 2]
        pixels = generator.integers(0, 200, (FRAMES, SIDE, SIDE), dtype=np.uint8)
        if label == "tumor":
            pixels[:, 20:40, 20:40] += 40
        header = Dataset()
        header.file_meta = FileMetaDataset()
        header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        header.SOPClassUID = SecondaryCaptureImageStorage
        header.SOPInstanceUID = generate_uid(entropy_srcs=[str(number)])
        header.Rows = header.Columns = SIDE
        header.NumberOfFrames = FRAMES
        header.SamplesPerPixel, header.PhotometricInterpretation = 1, "MONOCHROME2"
        header.BitsAllocated = header.BitsStored = 8
        header.HighBit, header.PixelRepresentation = 7, 0
        header.PixelData = pixels.tobytes()
        (folder / label).mkdir(exist_ok=True)
        header.save_as(folder / label / f"{number}.dcm", enforce_file_format=True)


def peak_megabytes() -> float:
    """Largest resident memory of this process so far."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    raise OSError("this system does not tell the peak memory of a process")


def dataset_bytes(dataset) -> int:
    """Bytes of everything in a dataset but its images."""
    arrays = [dataset.targets, dataset.groups, dataset.split, *dataset.truth.values(), *dataset.file_facts.values()]
    return sum(array.nbytes for array in arrays)


def measure(folder: Path) -> dict[str, float]:
    """Seconds and peak memory so far after every step, for the images in ``folder``."""
    from helpers import runtime

    runtime.configure(0)
    from helpers.data.own_images import read_own_images
    from helpers.data.preparation import Normalization
    from helpers.models import cnn
    from helpers.training import fit

    found: dict[str, float] = {"start, MB": peak_megabytes()}
    begin = time.perf_counter()

    def done(step: str) -> None:
        nonlocal begin
        found[f"{step}, s"] = time.perf_counter() - begin
        found[f"{step}, MB"] = peak_megabytes()
        begin = time.perf_counter()

    # On disk whatever the size, so that all sizes go the same way.
    data = read_own_images(folder, "tiles", SIDE, store_from=0)
    done("load")
    train, validation, test = (data.part(name) for name in ("train", "validation", "test"))
    normalization = Normalization.fit(train.inputs)
    done("normalize")
    model = cnn.tumor_cnn(SIDE, filters=(4, 8), convolutions=1, dense=8)
    recipe = fit.Recipe(epochs=1, batch_size=256)
    fit.fit_classifier(
        model,
        (normalization.apply(train.inputs), train.targets),
        (normalization.apply(validation.inputs), validation.targets),
        recipe,
        seed=0,
        status=False,
    )
    done("train")
    probability = fit.predict_probability(model, normalization.apply(test.inputs))
    done("predict")
    right = (probability >= 0.5) == test.targets
    found["accuracy"] = float(right.mean())
    # What has to grow: labels, groups, parts and facts of the samples, once for all and once for the parts.
    described = [dataset_bytes(part) for part in (data, train, validation, test)]
    found["labels and the like, MB"] = sum(described) / 2**20
    read_own_images(folder, "tiles", SIDE, store_from=0)
    done("load again")
    return found


def main() -> None:
    """Generate and measure every size; print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of tiles, multiples of 10,000")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure)))
        return
    for tiles in options.sizes:
        with tempfile.TemporaryDirectory(prefix="medlab-benchmark-") as place:
            images = Path(place) / "images"
            images.mkdir()
            generate(images, tiles)
            environment = os.environ | {"MEDLAB_DATA": str(Path(place) / "data")}
            command = [sys.executable, __file__, "--measure", str(images)]
            output = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
        found = json.loads(output.splitlines()[-1])
        print(f"{tiles:,} tiles, {tiles * SIDE**2 / 2**20:,.0f} MB: ", end="")
        print("; ".join(f"{name} {value:,.1f}" for name, value in found.items()), flush=True)


if __name__ == "__main__":
    main()
