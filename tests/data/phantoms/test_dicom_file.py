"""A phantom image survives the way through a DICOM file, and nobody is named in it."""

import io

import numpy as np
import pydicom
import pytest

from helpers.data.dicom import read_dicom
from helpers.data.phantoms.dicom_file import dicom_bytes
from helpers.runtime import InputError

IMAGE = np.random.default_rng(0).integers(0, 256, (9, 7), dtype=np.uint8)  # an odd number of bytes


def test_pixels_come_back_as_they_were():
    found = read_dicom(io.BytesIO(dicom_bytes(IMAGE)))
    assert found.bits == 8
    np.testing.assert_array_equal(found.frames, IMAGE[None])


def test_header_states_the_size_and_no_person():
    header = pydicom.dcmread(io.BytesIO(dicom_bytes(IMAGE, 3)))
    assert (header.Rows, header.Columns, header.Modality) == (9, 7, "OT")
    assert str(header.PatientName) == "PHANTOM^3" and not header.PatientBirthDate


def test_same_image_and_number_give_the_same_bytes():
    assert dicom_bytes(IMAGE, 1) == dicom_bytes(IMAGE.copy(), 1)
    assert dicom_bytes(IMAGE, 1) != dicom_bytes(IMAGE, 2)


@pytest.mark.parametrize("image", [IMAGE[None], IMAGE / 255.0, IMAGE[:0]])
def test_what_is_no_gray_image_is_refused(image):
    with pytest.raises(InputError, match="height, width"):
        dicom_bytes(image)
