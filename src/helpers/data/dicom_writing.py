"""Write gray pictures as DICOM in the encodings that a reader has to know, so that reading them right gives them back.

One picture can be stored in many ways: small values bright (MONOCHROME1), as numbers of a unit behind a slope and an
intercept, for a window, several frames in one file. All look wrong to a reader that takes the stored numbers for gray. The
attributes are those of PS3.3 C.7.6.3 (pixels), C.11.1 (rescale) and C.11.2 (window). A header holds what it takes to see the
picture, not all that its kind of file demands of a hospital's object (patient, study and series are added elsewhere).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset as Header
from pydicom.dataset import FileMetaDataset
from pydicom.uid import (
    UID,
    ExplicitVRLittleEndian,
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    SecondaryCaptureImageStorage,
    generate_uid,
)

from helpers.data.dicom_display import GRAY
from helpers.runtime import InputError

WINDOW = (128, 256)  # center and width by which LINEAR shows the numbers 0 to 255 as the gray levels 0 to 255
BITS = range(8, 17)


def gray_header(
    gray: np.ndarray,
    *,
    bits: int = 8,
    photometric: str = "MONOCHROME2",
    slope: float = 1.0,
    intercept: float = 0.0,
    name: str = "picture",
) -> Header:
    """A header with pixels that :func:`helpers.data.dicom.read_dicom` shows as exactly these gray levels.

    Stored are (gray - intercept) / slope, in MONOCHROME1 with 255 - gray. Unless that is the plain 8-bit picture, a window
    says how to get back.

    Args:
        gray: (height, width), or (frames, height, width) for a multi-frame file; uint8, 0 is black.
        bits: stored per value, 8 to 16, in 8 or 16 allocated.
        photometric: MONOCHROME1 (small values bright; one picture only, the multi-frame kinds of secondary capture have to be
            MONOCHROME2) or MONOCHROME2.
        slope, intercept: of the rescale to the unit of the machine.
        name: the same name gives the same identifier of the file.

    Raises:
        InputError: another shape or type; several frames in MONOCHROME1; stored values that would not be whole or not fit into the bits.
    """
    if gray.dtype != np.uint8 or gray.ndim not in (2, 3) or not gray.size:
        raise InputError(
            f"pictures have shape {gray.shape} and type {gray.dtype}: give (height, width) or (frames, height, width) of uint8"
        )
    if photometric not in GRAY or bits not in BITS or not slope:
        raise InputError(
            f"{photometric}, {bits} bits, slope {slope}: give MONOCHROME1 or MONOCHROME2, 8 to 16 bits and a slope other than 0"
        )
    if photometric == "MONOCHROME1" and gray.ndim == 3:
        raise InputError(
            "several frames in MONOCHROME1: the standard wants MONOCHROME2 there, so write one file for each picture"
        )
    numbers = 255.0 - gray if photometric == "MONOCHROME1" else gray.astype(np.float64)
    exact = (numbers - intercept) / slope
    stored = np.rint(exact)
    if np.abs(stored - exact).max() > 1e-9 or stored.min() < 0 or stored.max() >= 2**bits:
        raise InputError(
            f"slope {slope} and intercept {intercept} ask for stored values that are not whole numbers of {bits} bits: "
            "take a slope of 1 / n and an intercept of 0 or less"
        )
    header = Header()
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    header.SOPClassUID = _kind(gray.ndim, bits)
    header.SOPInstanceUID = generate_uid(entropy_srcs=["medlab", name])
    header.Modality, header.ConversionType = "OT", "SYN"
    if gray.ndim == 3:
        header.NumberOfFrames, header.FrameIncrementPointer = len(gray), tag_for_keyword("PageNumberVector")
        header.PageNumberVector = list(range(1, len(gray) + 1))
    header.Rows, header.Columns = gray.shape[-2:]
    header.SamplesPerPixel, header.PhotometricInterpretation = 1, photometric
    header.BitsAllocated, header.BitsStored, header.HighBit = 8 if bits == 8 else 16, bits, bits - 1
    header.PixelRepresentation = 0
    if (bits, slope, intercept) != (8, 1, 0):
        header.RescaleSlope, header.RescaleIntercept, header.RescaleType = slope, intercept, "US"
        header.WindowCenter, header.WindowWidth = WINDOW
    content = stored.astype("<u1" if bits == 8 else "<u2").tobytes()
    header.PixelData = content + b"\0" * (len(content) % 2)  # the format asks for an even number of bytes
    header["PixelData"].VR = "OB" if bits == 8 else "OW"
    return header


def save_header(header: Header, path: Path) -> None:
    """Write a file; under a temporary name first, so that nothing half-written is ever found under the real one."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        header.save_as(partial, enforce_file_format=True)
        partial.replace(path)
    except (OSError, ValueError) as error:
        partial.unlink(missing_ok=True)
        reason = getattr(error, "strerror", None) or "the header is not complete"
        raise InputError(f"{path.name} cannot be written: {reason}") from error


def _kind(dimensions: int, bits: int) -> UID:
    if dimensions == 2:
        return SecondaryCaptureImageStorage
    if bits == 8:
        return MultiFrameGrayscaleByteSecondaryCaptureImageStorage
    return MultiFrameGrayscaleWordSecondaryCaptureImageStorage
