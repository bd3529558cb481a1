"""A phantom image as a DICOM file, so that reading one can be shown without anybody's header."""

from __future__ import annotations

import io

import numpy as np
from pydicom.dataset import Dataset as Header
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

from helpers.runtime import InputError


def dicom_bytes(image: np.ndarray, number: int = 0) -> bytes:
    """A grayscale image as a secondary capture, uncompressed; nobody is named in it but ``PHANTOM``.

    The same image and number give the same bytes.

    Args:
        image: (height, width) uint8, 0 is black.
        number: of the fictitious patient.

    Raises:
        InputError: another shape or type.
    """
    if image.ndim != 2 or image.dtype != np.uint8 or not image.size:
        raise InputError(f"image has shape {image.shape} and type {image.dtype}: give (height, width) of uint8")
    header = Header()
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    header.SOPClassUID = SecondaryCaptureImageStorage
    header.SOPInstanceUID = generate_uid(entropy_srcs=["medlab phantom", f"{number}"])
    header.PatientName = f"PHANTOM^{number}"
    header.PatientID = f"PHANTOM-{number}"
    header.PatientBirthDate = ""
    header.Modality = "OT"
    header.ImageComments = "synthetic tissue, not a patient"
    header.Rows, header.Columns = image.shape
    header.SamplesPerPixel = 1
    header.PhotometricInterpretation = "MONOCHROME2"
    header.BitsAllocated = header.BitsStored = 8
    header.HighBit = 7
    header.PixelRepresentation = 0
    # The format asks for an even number of bytes.
    header.PixelData = image.tobytes() + b"\0" * (image.size % 2)
    header["PixelData"].VR = "OB"
    buffer = io.BytesIO()
    header.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
