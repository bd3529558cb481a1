"""Images that stay on disk: an array to read from, block by block, so that memory does not grow with their number."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from helpers.runtime import InputError

BLOCK_BYTES = 2**24  # read at once where everything is passed through

Step = Callable[[np.ndarray], np.ndarray]


class StoredImages:
    """A selection of the rows of a ``.npy`` file of images, (n, height, width, 1).

    Indexing reads, as with NumPy: ``images[3]``, ``images[10:20]``, ``images[mask]`` and ``images[numbers]`` are arrays,
    so what was large before is large after. :meth:`select` and :meth:`map` read nothing. Blocks are read with plain
    reads, because the touched pages of a memory map would count as memory of this process.

    The file stays open, so images that were opened stay as they are even if another process replaces the file.
    """

    ndim = 4

    def __init__(self, path: Path) -> None:
        """Open a ``.npy`` file of (n, height, width, 1) uint8.

        Raises:
            InputError: the file is none, or holds something else.
        """
        self._file = _File(path)
        self._rows: np.ndarray | None = None  # None: all, in order
        self._steps: tuple[Step, ...] = ()
        self.shape: tuple[int, ...] = self._file.shape
        self.dtype = np.dtype(np.uint8)

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def size(self) -> int:
        """Number of values."""
        return int(np.prod(self.shape))

    @property
    def stored_bytes(self) -> int:
        """Bytes of one image on disk."""
        return int(np.prod(self._file.shape[1:]))

    @property
    def nbytes(self) -> int:
        """Bytes that :func:`numpy.asarray` of it would take."""
        return self.size * self.dtype.itemsize

    def select(self, rows: np.ndarray | slice) -> StoredImages:
        """The images at ``rows`` (a boolean mask, numbers or a slice), still on disk."""
        numbers = np.arange(self._file.shape[0]) if self._rows is None else self._rows
        return self._with(rows=numbers[rows], shape=(len(numbers[rows]), *self.shape[1:]))

    def map(self, step: Step, side: int | None = None, dtype: type = np.uint8) -> StoredImages:
        """The images as ``step`` makes them when they are read.

        Args:
            step: from a block (k, height, width, 1) to a block of k images, each by itself.
            side: height and width of its images; None where they stay as they are.
            dtype: type of its values.
        """
        sides = self.shape[1:3] if side is None else (side, side)
        return self._with(steps=(*self._steps, step), shape=(len(self), *sides, 1), dtype=np.dtype(dtype))

    def stored(self, rows: np.ndarray | slice) -> np.ndarray:
        """The images at ``rows`` as they lie on disk, (k, height, width, 1) uint8, before any step of :meth:`map`."""
        if self._rows is None and isinstance(rows, slice):
            # A range asks the file for one piece without a list of all row numbers.
            return self._file.read(np.arange(*rows.indices(self._file.shape[0])))
        numbers = np.arange(self._file.shape[0]) if self._rows is None else self._rows
        return self._file.read(numbers[rows])

    def prepared(self, block: np.ndarray) -> np.ndarray:
        """What the steps of :meth:`map` make of images as they lie on disk."""
        for step in self._steps:
            block = step(block)
        return block

    def blocks(self, rows: int = 0) -> Iterator[np.ndarray]:
        """All images in order as arrays of ``rows`` images each; by default as many as 16 MB hold."""
        rows = rows or max(1, BLOCK_BYTES // max(1, self.nbytes // max(1, len(self))))
        for start in range(0, len(self), rows):
            yield self[start : start + rows]

    def min(self) -> float:
        """Smallest value of all images."""
        return min(float(block.min()) for block in self.blocks())

    def max(self) -> float:
        """Largest value of all images."""
        return max(float(block.max()) for block in self.blocks())

    def mean(self) -> float:
        """Mean over all values, added up in double precision."""
        return sum(float(block.sum(dtype=np.float64)) for block in self.blocks()) / self.size

    def std(self) -> float:
        """Standard deviation over all values; reads the images twice, so that nothing is lost in differences of squares."""
        mean = self.mean()
        squares = (float(np.square(block - mean, dtype=np.float64).sum()) for block in self.blocks())
        return float(np.sqrt(sum(squares) / self.size))

    def __getitem__(self, key) -> np.ndarray:
        rows, rest = (key[0], key[1:]) if isinstance(key, tuple) else (key, ())
        if rows is Ellipsis:
            return np.asarray(self)[key]
        single = isinstance(rows, (int, np.integer))
        if single:
            if not -len(self) <= rows < len(self):
                raise IndexError(f"image {rows} of {len(self)}")
            rows = [rows]
        images = self._read(rows)
        return images[(0 if single else slice(None), *rest)]

    def __iter__(self) -> Iterator[np.ndarray]:
        for block in self.blocks():
            yield from block

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        if copy is False:
            raise ValueError("images on disk become an array only by a copy")
        return self._read(slice(None)).astype(dtype or self.dtype, copy=False)

    def _read(self, rows) -> np.ndarray:
        return self.prepared(self.stored(rows))

    def _with(self, **changes) -> StoredImages:
        other = object.__new__(StoredImages)
        state = {"rows": self._rows, "steps": self._steps, "shape": self.shape, "dtype": self.dtype} | changes
        other._file, other._rows, other._steps = self._file, state["rows"], state["steps"]
        other.shape, other.dtype = state["shape"], state["dtype"]
        return other


class _File:
    """An open ``.npy`` file of uint8 images; closed when nobody uses it any more."""

    def __init__(self, path: Path) -> None:
        self._handle = path.open("rb", buffering=0)
        weakref.finalize(self, self._handle.close)
        self._lock = threading.Lock()
        try:
            np.lib.format.read_magic(self._handle)
            self.shape, column_major, dtype = np.lib.format.read_array_header_1_0(self._handle)
        except ValueError as error:
            raise InputError("a file of stored images is broken: remove it, it is made again") from error
        self._begin = self._handle.tell()
        self._image_bytes = int(np.prod(self.shape[1:]))
        expected = self._begin + self.shape[0] * self._image_bytes if self.shape else -1
        fits = len(self.shape) == 4 and self.shape[3] == 1 and dtype == np.uint8 and not column_major
        if not fits or path.stat().st_size != expected:
            raise InputError("a file of stored images is broken: remove it, it is made again")

    def read(self, numbers: np.ndarray) -> np.ndarray:
        """The images with these numbers, in this order; neighbors are read in one piece."""
        images = np.empty((len(numbers), *self.shape[1:]), dtype=np.uint8)
        if not len(numbers):
            return images
        order = np.argsort(numbers, kind="stable")
        ascending = numbers[order]
        ends = np.flatnonzero(np.diff(ascending) != 1) + 1
        for first, last in zip([0, *ends], [*ends, len(numbers)], strict=True):
            place = order[first:last]
            in_place = place[-1] - place[0] == last - first - 1 and (np.diff(place) == 1).all()
            piece = images[place[0] : place[0] + last - first] if in_place else np.empty_like(images[: last - first])
            self._read_into(piece, int(ascending[first]))
            if not in_place:
                images[place] = piece
        return images

    def _read_into(self, piece: np.ndarray, number: int) -> None:
        view, done = memoryview(piece).cast("B"), 0
        with self._lock:
            self._handle.seek(self._begin + number * self._image_bytes)
            while done < len(view):
                read = self._handle.readinto(view[done:])
                if not read:
                    raise InputError("a file of stored images ended early: remove it, it is made again")
                done += read
