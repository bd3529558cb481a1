"""Decode many image files in parallel and in bounded memory, collecting what cannot be read."""

from __future__ import annotations

import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from helpers.data.decoding import FACTS, Decoded, decode
from helpers.data.listing import first_of
from helpers.data.unreadable import UnreadableError
from helpers.runtime import InputError

BAR_FROM = 500  # fewer images are read before a bar would be looked at
BIT_DEPTHS = (8, 10, 12, 14, 16)  # of cameras and scanners that store their values in 16 bit
PIECE_BYTES = 2**24  # decoded at once: bounds the memory, whatever the number of files


@dataclass(frozen=True)
class Decoding:
    """What is known after all files were decoded.

    Attributes:
        facts: (files, 4) int64, columns :data:`FACTS`; zeros for unreadable files.
        problems: number of each unreadable file, why, and the kind of reason.
    """

    facts: np.ndarray
    problems: tuple[tuple[int, str, str], ...]


def decode_into(target: Path, files: Sequence[Path], frames: np.ndarray, size: int, progress: bool = True) -> Decoding:
    """Decode files into one array file on disk: gray (ITU-R 601), padded to a square, resized with antialiasing.

    Images of 16 bit are scaled by the smallest common bit depth (8, 10, 12, 14, 16) that holds the brightest pixel of
    all of them: cameras of 12 bit write 16-bit files, and images that are each scaled by their own maximum cannot be
    compared. DICOM files say themselves what is black and white. Memory does not grow with the number of files.

    Args:
        target: becomes a .npy file of (rows, size, size, 1) uint8; the rows of unreadable files stay 0.
        files: anything that has a length and gives paths.
        frames: (files,) rows that each file fills.
        size: pixels of the result.
    """
    starts = np.concatenate([[0], np.cumsum(frames)])
    facts = np.zeros((len(files), len(FACTS)), dtype=np.int64)
    problems, deep_rows, brightest = [], [], 0
    row_bytes = size * size
    at_once = max(2 * (os.cpu_count() or 1), int(PIECE_BYTES // (row_bytes * max(1, frames.max(initial=1)))))
    with target.open("wb") as file, tempfile.TemporaryFile(dir=target.parent) as deep:
        shape = (int(starts[-1]), size, size, 1)
        np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})
        begin = file.tell()
        file.truncate(begin + shape[0] * row_bytes)

        def work(number: int) -> Decoded:
            return decode(files[number], size, int(frames[number]))

        for number, result in enumerate(iterate_files(work, range(len(files)), progress, at_once)):
            if isinstance(result, UnreadableError):
                problems.append((number, str(result), result.kind))
                continue
            facts[number] = result.facts
            if result.images.dtype == np.uint8:
                file.seek(begin + int(starts[number]) * row_bytes)
                file.write(result.images.tobytes())
            else:
                deep.write(result.images.tobytes())
                deep_rows.append(int(starts[number]))
                brightest = max(brightest, result.brightest)
        # Only now is the common bit depth known; until here these images waited unrounded beside the others.
        bits = next(depth for depth in BIT_DEPTHS if brightest < 2**depth)
        deep.seek(0)
        for row in deep_rows:
            values = np.frombuffer(deep.read(4 * row_bytes), dtype=np.float32)
            file.seek(begin + row * row_bytes)
            file.write(np.clip(np.rint(values * (255 / (2**bits - 1))), 0, 255).astype(np.uint8).tobytes())
    return Decoding(facts, tuple(problems))


def map_files(work: Callable, files: Sequence[Path], progress: bool = True) -> list:
    """``work`` on every file in threads, in order; see :func:`iterate_files`."""
    return list(iterate_files(work, files, progress, len(files)))


def iterate_files(work: Callable, files: Sequence, progress: bool, at_once: int) -> Iterator:
    """``work`` on every file in threads (Pillow decodes without the interpreter lock), in order.

    An :class:`UnreadableError` becomes the result of its file, so that all bad files are known at once. At most
    ``at_once`` results wait to be taken.
    """

    def guarded(file):
        try:
            return work(file)
        except UnreadableError as error:
            return error

    shown = progress and len(files) > BAR_FROM and sys.stderr.isatty()
    with ThreadPoolExecutor() as pool, warnings.catch_warnings():
        # Warnings about odd metadata on stderr would quote it; whether the pixels can be read is said at the end.
        warnings.filterwarnings("ignore", module="PIL")
        warnings.filterwarnings("ignore", module="pydicom")
        bar = tqdm(total=len(files), desc="reading images", unit="", file=sys.stderr, leave=False, disable=not shown)
        with bar:
            for start in range(0, len(files), max(1, at_once)):
                for result in pool.map(guarded, files[start : start + at_once]):
                    bar.update()
                    yield result


def complain_about(files: Sequence[Path], results: Sequence, root: Path) -> None:
    """Raise one line for all results that are :class:`UnreadableError`."""
    bad = [
        (path.relative_to(root).as_posix(), str(result))
        for path, result in zip(files, results, strict=True)
        if isinstance(result, UnreadableError)
    ]
    if bad:
        raise InputError(f"{unreadable_line(bad, len(files))}; repair or remove them")


def unreadable_line(bad: Sequence[tuple[str, str]], total: int) -> str:
    """``2 of 9 images cannot be read: a.png (corrupt or truncated), …`` for names and reasons."""
    return f"{len(bad)} of {total} images cannot be read: {first_of(f'{name} ({why})' for name, why in bad)}"
