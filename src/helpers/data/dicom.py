"""Read DICOM images as they are meant to be seen: gray from 0 (black) to 255 (white).

pydicom decodes the pixels, :mod:`helpers.data.dicom_display` knows the steps from there to gray. Of a header only what
these steps need is looked at; names, identifiers and dates go nowhere.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset as Header
from pydicom.errors import InvalidDicomError
from pydicom.pixels import get_decoder, iter_pixels

from helpers.data.dicom_display import COLOR, GRAY, PALETTE, Rule, display_rule, modality_rule, value_meaning
from helpers.data.unreadable import UnreadableError


@dataclass(frozen=True)
class DicomImage:
    """The frames of one file.

    Attributes:
        frames: (frames, height, width) float32 from 0 (black) to 255 (white), not rounded.
        meaning: what 0 and 255 stand for, such as ``window 40 / 400`` (center / width, in units of the rescaled values)
            or ``full range of 12 bits``.
        bits: bits that are stored per value.
    """

    frames: np.ndarray
    meaning: str
    bits: int


def read_dicom(path: Path) -> DicomImage:
    """All frames of a DICOM file as they are meant to be seen.

    Window: the first center and width that the header names; else its first VOI LUT; else the full range of the stored
    bits, so that files of one series stay comparable. Color is turned gray (ITU-R 601) and has no window.

    Raises:
        UnreadableError: no DICOM, truncated, encrypted, without pixels, or compressed in a way nothing here can decode.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom's warnings quote the values of headers
        header = read_header(path)
        frames = np.stack(list(display_frames(header)))
    return DicomImage(frames, value_meaning(header), int(header.BitsStored))


def modality_values(path: Path) -> np.ndarray:
    """All frames after rescale or Modality LUT, without window: (frames, height, width) float64, Hounsfield units in CT.

    Raises:
        UnreadableError: as :func:`read_dicom`, and for color.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        header = read_header(path)
        if header.PhotometricInterpretation not in GRAY:
            raise UnreadableError("is a color image: its values have no unit", "color")
        with _as_unreadable():
            rules = _for_frames(header, lambda frame: modality_rule(header, frame)[0])
            return np.stack([rule(stored) for rule, stored in zip(rules, iter_pixels(header), strict=False)])


def count_frames(path: Path) -> int:
    """Number of frames by the header alone; 1 for a file that cannot be read, which decoding will say."""
    try:
        header = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=["NumberOfFrames"])
        frames = max(1, int(header.get("NumberOfFrames") or 1))
        # A header may say anything; a frame takes a byte at least. Decoding will say that the file is broken.
        return frames if frames <= path.stat().st_size else 1
    except Exception:  # noqa: BLE001 - pydicom raises errors of many kinds on a broken file; here none of them matters
        return 1


def read_header(path: Path) -> Header:
    """The file with its pixels still encoded, once it is clear that they can be decoded.

    Raises:
        UnreadableError: see :func:`read_dicom`.
    """
    with _as_unreadable():
        header = pydicom.dcmread(path)
        if "PixelData" not in header:
            if "FloatPixelData" in header or "DoubleFloatPixelData" in header:
                raise UnreadableError("has floating-point pixels of unknown range", "unknown range of values")
            if "EncryptedAttributesSequence" in header:
                raise UnreadableError("its pixels are encrypted", "encrypted")
            raise UnreadableError("DICOM without pixels", "no pixels")
        if not header["PixelData"].value:
            raise UnreadableError("DICOM without pixels", "no pixels")
        photometric = header.PhotometricInterpretation
        if photometric not in (*GRAY, *COLOR, PALETTE):
            raise UnreadableError("a kind of color that is not supported", "unknown kind of color")
        if not 1 <= int(header.BitsStored) <= 32:
            raise UnreadableError("corrupt or truncated")
        _require_decoder(header.file_meta.TransferSyntaxUID)
        return header


def display_frames(header: Header) -> Iterator[np.ndarray]:
    """The frames one by one, (height, width) float32 from 0 to 255.

    Raises:
        UnreadableError: the pixels cannot be decoded.
    """
    with _as_unreadable():
        rules = _for_frames(header, lambda frame: display_rule(header, frame))
        for rule, stored in zip(rules, iter_pixels(header), strict=False):
            yield rule(stored).astype(np.float32)


def _for_frames(header: Header, rule_of: Callable[[int], Rule]) -> Iterator[Rule]:
    """The rule of every frame, without end; made once where all frames have the same."""
    if not header.get("PerFrameFunctionalGroupsSequence"):
        return itertools.repeat(rule_of(0))
    return map(rule_of, itertools.count())


def _require_decoder(syntax: pydicom.uid.UID) -> None:
    try:
        available = get_decoder(syntax).is_available
    except NotImplementedError:
        available = False
    if not available:
        # The name of a method that pydicom does not know is its number, which a maker may have put anything into.
        name = f" ({syntax.name})" if not syntax.is_private and syntax.name != str(syntax) else ""
        raise UnreadableError(
            f"compressed in a way that nothing here decodes{name}; save it uncompressed", "no decoder"
        )


@contextmanager
def _as_unreadable() -> Iterator[None]:
    """Turn whatever pydicom raises on a broken file into an :class:`UnreadableError` without the header's words."""
    try:
        yield
    except UnreadableError:
        raise
    except InvalidDicomError:
        raise UnreadableError("no DICOM file, or encrypted", "no DICOM") from None
    except MemoryError:
        raise UnreadableError("too many pixels for the memory", "too many pixels") from None
    except Exception:  # noqa: BLE001 - pydicom and its codecs raise errors of many kinds, which quote the header
        raise UnreadableError("corrupt or truncated") from None
