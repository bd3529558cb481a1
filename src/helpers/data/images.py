"""Decode image files of any kind people have into gray squares, in parallel, collecting what cannot be read."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image, ImageOps, UnidentifiedImageError
from tqdm import tqdm

from helpers.data.preparation import resize_image
from helpers.runtime import InputError

BAR_FROM = 500  # fewer images are read before a bar would be looked at
NAMED = 3
BIT_DEPTHS = (8, 10, 12, 14, 16)  # of cameras and scanners that store their values in 16 bit


class UnreadableError(ValueError):
    """An image file that cannot be used; the message says why in a few words."""


def read_images(files: Sequence[Path], root: Path, size: int, progress: bool = True) -> np.ndarray:
    """Decode, turn gray (ITU-R 601), pad to a square, resize with antialiasing.

    Images of 16 bit are scaled by the smallest common bit depth (8, 10, 12, 14, 16) that holds the brightest pixel of
    all of them: cameras of 12 bit write 16-bit files, and images that are each scaled by their own maximum cannot be
    compared.

    Args:
        files: image files below ``root``; names in messages are relative to it.
        size: pixels of the result.

    Returns:
        (n, size, size, 1) uint8.

    Raises:
        InputError: files cannot be read; names the first three and counts the rest.
    """
    results = map_files(lambda path: _decode(path, size), files, progress)
    complain_about(files, results, root)
    depth_maximum = max((brightest for _, brightest in results if brightest), default=0)
    bits = next(depth for depth in BIT_DEPTHS if depth_maximum < 2**depth)
    images = np.empty((len(files), size, size, 1), dtype=np.uint8)
    for row, (image, _) in enumerate(results):
        if image.dtype != np.uint8:
            image = np.clip(np.rint(image * (255 / (2**bits - 1))), 0, 255).astype(np.uint8)
        images[row, :, :, 0] = image
    return images


def map_files(work: Callable, files: Sequence[Path], progress: bool = True) -> list:
    """``work`` on every file in threads (Pillow decodes without the interpreter lock), in order.

    An :class:`UnreadableError` becomes the result of its file, so that all bad files are known at once.
    """

    def guarded(path: Path):
        try:
            return work(path)
        except UnreadableError as error:
            return error

    shown = progress and len(files) > BAR_FROM and sys.stderr.isatty()
    with ThreadPoolExecutor() as pool, warnings.catch_warnings():
        # Pillow warns about odd metadata on stderr; whether the pixels can be read is said in one line at the end.
        warnings.filterwarnings("ignore", module="PIL")
        bar = tqdm(
            pool.map(guarded, files),
            total=len(files),
            desc="reading images",
            unit="",
            file=sys.stderr,
            leave=False,
            disable=not shown,
        )
        return list(bar)


def complain_about(files: Sequence[Path], results: Sequence, root: Path) -> None:
    """Raise one line for all results that are :class:`UnreadableError`."""
    bad = [
        f"{path.relative_to(root).as_posix()} ({result})"
        for path, result in zip(files, results, strict=True)
        if isinstance(result, UnreadableError)
    ]
    if bad:
        more = f" and {len(bad) - NAMED} more" if len(bad) > NAMED else ""
        raise InputError(
            f"{len(bad)} of {len(files)} images cannot be read: {', '.join(bad[:NAMED])}{more}; repair or remove them"
        )


def decode_gray(path: Path) -> np.ndarray:
    """One image file as (height, width): uint8, or uint16 where the file has 16 bit.

    Transparent pixels become white, as on a page; a rotation noted in EXIF is applied.

    Raises:
        UnreadableError: corrupt, truncated, several pages, or a pixel type without a known range.
    """
    try:
        with Image.open(path) as picture:
            if picture.format == "TIFF" and getattr(picture, "n_frames", 1) > 1:
                raise UnreadableError(f"has {picture.n_frames} pages; save one image per file")
            picture.load()
            return _gray_array(ImageOps.exif_transpose(picture))
    except UnidentifiedImageError as error:
        # Pillow does not know color TIFFs of 16 bit.
        if path.suffix.lower() in (".tif", ".tiff"):
            return _decode_tiff(path)
        raise UnreadableError("not an image, or corrupt") from error
    except Image.DecompressionBombError as error:
        raise UnreadableError("too many pixels for one image; cut it into tiles") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        if isinstance(error, UnreadableError):
            raise
        raise UnreadableError("corrupt or truncated") from error


def _decode(path: Path, size: int) -> tuple[np.ndarray, int]:
    """The resized image and, for a 16-bit one, its brightest value (0 for 8 bit)."""
    gray = decode_gray(path)
    return resize_image(gray, size), int(gray.max()) if gray.dtype == np.uint16 else 0


def _gray_array(picture: Image.Image) -> np.ndarray:
    if picture.mode == "F":
        raise UnreadableError("has floating-point pixels of unknown range; save it with 8 or 16 bit")
    if picture.mode.startswith("I"):
        values = np.asarray(picture)
        if values.min() < 0 or values.max() >= 2**16:
            raise UnreadableError("has 32-bit pixels; save it with 8 or 16 bit")
        return values.astype(np.uint16)
    if picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info:
        colors = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", colors.size, "white"), colors)
    if picture.mode != "L":
        picture = picture.convert("RGB").convert("L")
    return np.asarray(picture)


def _decode_tiff(path: Path) -> np.ndarray:
    """A TIFF that only tifffile reads: 8 or 16 bit, gray or color."""
    try:
        values = tifffile.imread(path)
    except Exception as error:  # tifffile and its codecs raise errors of many kinds on a broken file
        raise UnreadableError("corrupt, or a kind of TIFF that is not supported") from error
    if (
        values.dtype not in (np.uint8, np.uint16)
        or values.ndim not in (2, 3)
        or (values.ndim == 3 and values.shape[2] not in (3, 4))
    ):
        raise UnreadableError(f"TIFF of {values.dtype} pixels with shape {values.shape}; save it with 8 or 16 bit")
    if values.ndim == 2:
        return values
    weights = np.array([0.299, 0.587, 0.114])  # ITU-R 601
    return np.rint(values[..., :3] @ weights).astype(values.dtype)
