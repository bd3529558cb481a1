"""Does an image file hold color? Gray comes in color files too, with three equal channels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from helpers.data.listing import is_dicom

TINT = 8  # gray levels of 255 that channels of a gray image may differ by: what JPEG makes of equal channels
TRANSPARENT = ("P", "PA", "RGBA", "RGBa")  # kinds of pixels of which some may be invisible


def holds_color(path: Path) -> bool:
    """Whether an image file shows color somewhere; False for one that cannot be read, which decoding will say.

    Pixels count, not the kind of file: three equal channels are gray. Of DICOM the header decides.
    """
    if is_dicom(path):
        return _dicom_color(path)
    try:
        with Image.open(path) as picture:
            if picture.mode in ("1", "L", "LA", "La", "F") or picture.mode.startswith("I"):
                return False
            channels = np.asarray(picture.convert("RGBA" if picture.mode in TRANSPARENT else "RGB"))
    except UnidentifiedImageError:
        return _tiff_color(path)  # of 16 bit, which Pillow does not know
    except Exception:  # noqa: BLE001 - Pillow raises errors of many kinds on a broken file; here none of them matters
        return False
    colors = channels[..., :3][channels[..., 3] > 0] if channels.shape[-1] == 4 else channels
    return _differs(colors, TINT)


def _tiff_color(path: Path) -> bool:
    import tifffile

    try:
        values = tifffile.imread(path)
    except Exception:  # noqa: BLE001 - tifffile and its codecs raise errors of many kinds on a broken file
        return False
    return values.ndim == 3 and values.shape[2] in (3, 4) and _differs(values[..., :3], TINT * values.max() / 255)


def _dicom_color(path: Path) -> bool:
    from helpers.data.dicom import read_header
    from helpers.data.dicom_display import GRAY
    from helpers.data.unreadable import UnreadableError

    try:
        return read_header(path).PhotometricInterpretation not in GRAY
    except UnreadableError:
        return False


def _differs(colors: np.ndarray, tint: float) -> bool:
    return bool(colors.size and np.ptp(colors.astype(np.int64), axis=-1).max() > tint)
