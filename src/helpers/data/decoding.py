"""Decode one image file of any kind people have into gray squares."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image, ImageOps, UnidentifiedImageError

from helpers.data.listing import is_dicom
from helpers.data.preparation import resize_image
from helpers.data.unreadable import UnreadableError

# tifffile logs what is odd about a file together with the file's name, which must not reach a report.
logging.getLogger("tifffile").addHandler(logging.NullHandler())
logging.getLogger("tifffile").propagate = False

FORMATS = ("other", "PNG", "JPEG", "TIFF", "BMP", "DICOM")  # their places are the numbers in a dataset's file facts
FACTS = ("width", "height", "format", "bit_depth")


@dataclass(frozen=True)
class Decoded:
    """One file.

    Attributes:
        images: (frames, size, size) uint8; float32 for an image of 16 bit, whose range is not known from itself.
        brightest: largest value of an image of 16 bit as stored; 0 for others.
        facts: width, height, format and bit depth as stored, see :data:`FACTS`.
    """

    images: np.ndarray
    brightest: int
    facts: tuple[int, int, int, int]


def decode(path: Path, size: int, frames: int = 1) -> Decoded:
    """One file as gray squares.

    Args:
        frames: how many the file must hold.

    Raises:
        UnreadableError: corrupt, truncated, several pages, or a pixel type without a known range.
    """
    if not path.is_file():  # a link to nowhere; a pipe would be waited for
        raise UnreadableError("missing, or no file", "missing")
    if is_dicom(path):
        return _decode_dicom(path, size, frames)
    gray, facts = _read_gray(path)
    brightest = int(gray.max()) if gray.dtype == np.uint16 else 0
    return Decoded(resize_image(gray, size)[None], brightest, facts)


def decode_gray(path: Path) -> np.ndarray:
    """One image file as (height, width): uint8, or uint16 where the file has 16 bit.

    Transparent pixels become white, as on a page; a rotation noted in EXIF is applied.

    Raises:
        UnreadableError: corrupt, truncated, several pages, or a pixel type without a known range.
    """
    return _read_gray(path)[0]


def _read_gray(path: Path) -> tuple[np.ndarray, tuple[int, int, int, int]]:
    gray, facts = _read_any_gray(path)
    if not gray.size:
        raise UnreadableError("holds no pixels", "no pixels")
    return gray, facts


def _read_any_gray(path: Path) -> tuple[np.ndarray, tuple[int, int, int, int]]:
    try:
        with Image.open(path) as picture:
            if picture.format == "TIFF" and getattr(picture, "n_frames", 1) > 1:
                raise UnreadableError(f"has {picture.n_frames} pages; save one image per file", "several pages")
            kind = FORMATS.index(picture.format) if picture.format in FORMATS else 0
            bits = 1 if picture.mode == "1" else 8
            picture.load()
            gray = _gray_array(ImageOps.exif_transpose(picture))
            return gray, (*picture.size, kind, 16 if gray.dtype == np.uint16 else bits)
    except UnidentifiedImageError as error:
        # Pillow does not know color TIFFs of 16 bit.
        if path.suffix.lower() in (".tif", ".tiff"):
            gray = _decode_tiff(path)
            height, width = gray.shape
            return gray, (width, height, FORMATS.index("TIFF"), 8 * gray.itemsize)
        raise UnreadableError("not an image, or corrupt") from error
    except Image.DecompressionBombError as error:
        raise UnreadableError("too many pixels for one image; cut it into tiles", "too many pixels") from error
    except UnreadableError:
        raise
    except Exception as error:
        raise UnreadableError("corrupt or truncated") from error


def _decode_dicom(path: Path, size: int, frames: int) -> Decoded:
    from helpers.data import dicom  # pydicom only where there is DICOM

    header = dicom.read_header(path)
    images, count = [], 0  # a list, because a header may promise any number of frames
    for frame in dicom.display_frames(header):
        if count < frames:
            images.append(np.clip(np.rint(resize_image(frame, size)), 0, 255).astype(np.uint8))
        count += 1
    if count != frames:
        raise UnreadableError(f"holds {count} frames, its header says {frames}")
    facts = (int(header.Columns), int(header.Rows), FORMATS.index("DICOM"), int(header.BitsStored))
    return Decoded(np.stack(images), 0, facts)


def _gray_array(picture: Image.Image) -> np.ndarray:
    if picture.mode == "F":
        raise UnreadableError(
            "has floating-point pixels of unknown range; save it with 8 or 16 bit", "unknown range of values"
        )
    if picture.mode.startswith("I"):
        values = np.asarray(picture)
        if values.min() < 0 or values.max() >= 2**16:
            raise UnreadableError("has 32-bit pixels; save it with 8 or 16 bit", "unknown range of values")
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
        raise UnreadableError(
            f"TIFF of {values.dtype} pixels with shape {values.shape}; save it with 8 or 16 bit",
            "unknown range of values",
        )
    if values.ndim == 2:
        return values
    weights = np.array([0.299, 0.587, 0.114])  # ITU-R 601
    return np.rint(values[..., :3] @ weights).astype(values.dtype)
