"""From the stored values of a DICOM frame to gray: Modality LUT or rescale, window or VOI LUT, photometric interpretation.

The steps are those of PS3.3: C.11.1, C.11.2 and C.7.6.3.1.2. MONOCHROME1 shows small values bright.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from pydicom.dataset import Dataset as Header
from pydicom.multival import MultiValue
from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_voi

GRAY = ("MONOCHROME1", "MONOCHROME2")
COLOR = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")
PALETTE = "PALETTE COLOR"
LUMA = (0.299, 0.587, 0.114)  # ITU-R 601
WHITE = 255.0

Rule = Callable[[np.ndarray], np.ndarray]


def value_meaning(header: Header) -> str:
    """What 0 and 255 of the first displayed frame stand for, in words."""
    photometric = header.PhotometricInterpretation
    if photometric not in GRAY:
        return "color turned to gray"
    window = _window(header, 0)
    voi = _macro(header, 0, "FrameVOILUTSequence")
    if window is not None:
        words = f"window {window[0]:g} / {window[1]:g}"
    elif voi.get("VOILUTSequence"):
        words = "VOI table"
    else:
        words = f"full range of {int(header.BitsStored)} bits"
    return f"{words}, inverted" if photometric == "MONOCHROME1" else words


def apply_window(values: np.ndarray, center: float, width: float, function: str = "LINEAR") -> np.ndarray:
    """Gray from 0 to 255 by a window (PS3.3 C.11.2.1.2 and C.11.2.1.3).

    Args:
        values: any shape, in the units of center and width.
        function: ``LINEAR`` (the default of the standard: the window begins half a unit lower and is one unit narrower),
            ``LINEAR_EXACT`` or ``SIGMOID``.
    """
    if function == "SIGMOID":
        return WHITE / (1 + np.exp(-4 * (values - center) / width))
    if function == "LINEAR":
        center, width = center - 0.5, width - 1
    if width <= 0:  # a window of width 1 is a threshold
        return np.where(values > center, WHITE, 0.0)
    return np.clip((values - center) / width + 0.5, 0, 1) * WHITE


def display_rule(header: Header, frame: int) -> Rule:
    """How the stored values of a frame become gray from 0 to 255."""
    photometric, luma = header.PhotometricInterpretation, np.array(LUMA)
    if photometric == PALETTE:

        def from_palette(stored: np.ndarray) -> np.ndarray:
            color = apply_color_lut(stored, header)
            return color[..., :3] @ luma * (WHITE / np.iinfo(color.dtype).max)

        return from_palette
    if photometric in COLOR:
        return lambda stored: stored @ luma * (WHITE / (2 ** int(header.BitsStored) - 1))
    rescale, low, high = modality_rule(header, frame)
    voi, window = _macro(header, frame, "FrameVOILUTSequence"), _window(header, frame)

    def gray(stored: np.ndarray) -> np.ndarray:
        values = rescale(stored)
        if window is not None:
            shown = apply_window(values, *window)
        elif voi.get("VOILUTSequence"):
            depth = int(voi.VOILUTSequence[0].LUTDescriptor[2])
            shown = apply_voi(np.rint(values).astype(np.int32), voi) * (WHITE / (2**depth - 1))
        else:
            shown = np.clip((values - low) / (high - low), 0, 1) * WHITE
        return WHITE - shown if photometric == "MONOCHROME1" else shown

    return gray


def modality_rule(header: Header, frame: int) -> tuple[Rule, float, float]:
    """How stored values become those of the machine's unit, and the lowest and highest that the bits can express."""
    macro = _macro(header, frame, "PixelValueTransformationSequence")
    if macro.get("ModalityLUTSequence"):
        depth = int(macro.ModalityLUTSequence[0].LUTDescriptor[2])
        return lambda stored: apply_modality_lut(stored, macro).astype(np.float64), 0.0, 2.0**depth - 1
    bits, signed = int(header.BitsStored), int(header.get("PixelRepresentation", 0))
    low, high = (-(2.0 ** (bits - 1)), 2.0 ** (bits - 1) - 1) if signed else (0.0, 2.0**bits - 1)
    slope = _number(macro.get("RescaleSlope"), 1.0) or 1.0  # a slope of 0 would make every image one gray
    intercept = _number(macro.get("RescaleIntercept"), 0.0)
    ends = sorted((low * slope + intercept, high * slope + intercept))
    return lambda stored: stored * slope + intercept, ends[0], ends[1]


def _window(header: Header, frame: int) -> tuple[float, float, str] | None:
    """Center, width and function of the first window; None without one, or where its width makes no sense."""
    macro = _macro(header, frame, "FrameVOILUTSequence")
    center, width = _number(macro.get("WindowCenter"), np.nan), _number(macro.get("WindowWidth"), np.nan)
    function = str(macro.get("VOILUTFunction") or "LINEAR").upper()
    if function not in ("LINEAR", "LINEAR_EXACT", "SIGMOID"):
        function = "LINEAR"
    smallest = 1 if function == "LINEAR" else np.finfo(float).tiny
    return (center, width, function) if np.isfinite(center) and width >= smallest else None


def _macro(header: Header, frame: int, name: str) -> Header:
    """Where values of a frame stand: in multi-frame files in functional groups (C.7.6.16), else in the header itself."""
    per_frame = header.get("PerFrameFunctionalGroupsSequence") or []
    shared = header.get("SharedFunctionalGroupsSequence") or []
    for groups in (*per_frame[frame : frame + 1], *shared[:1]):
        if groups.get(name):
            return groups[name].value[0]
    return header


def _number(value: object, default: float) -> float:
    """The first of one or several numbers; the default for an empty element."""
    if isinstance(value, (list, MultiValue)):
        value = value[0] if len(value) else None
    return default if value is None or value == "" else float(value)
