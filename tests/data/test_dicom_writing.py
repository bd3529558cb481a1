"""Written and read back, bit by bit, in every encoding; and what a reader sees that takes stored numbers for gray."""

import numpy as np
import pydicom
import pytest

from helpers.data.dicom import count_frames, modality_values, read_dicom
from helpers.data.dicom_writing import gray_header, save_header
from helpers.data.phantoms.dicom_file import dicom_bytes
from helpers.runtime import InputError

GRAY = np.random.default_rng(0).integers(0, 256, (3, 5, 7), dtype=np.uint8)
GRAY[0, 0, :2] = 0, 255
ENCODINGS = {
    "plain": {},
    "inverted": {"photometric": "MONOCHROME1"},
    "deeper": {"bits": 12, "slope": 0.0625},
    "a unit": {"bits": 12, "intercept": -1024.0},
    "a unit, inverted": {"bits": 16, "slope": 0.5, "intercept": -1000.0, "photometric": "MONOCHROME1"},
}


# No multi-frame kind of file is MONOCHROME1.
SEVERAL = [(name, GRAY) for name, options in ENCODINGS.items() if "photometric" not in options]


@pytest.mark.parametrize(("name", "gray"), SEVERAL + [(name, GRAY[0]) for name in ENCODINGS])
def test_read_back_identically(tmp_path, name, gray):
    path = tmp_path / "x.dcm"
    save_header(gray_header(gray, **ENCODINGS[name]), path)
    frames = read_dicom(path).frames
    np.testing.assert_array_equal(np.rint(frames), gray.reshape(-1, 5, 7))
    assert np.abs(frames - np.rint(frames)).max() < 1e-4
    assert count_frames(path) == len(gray.reshape(-1, 5, 7))
    assert [file.name for file in tmp_path.iterdir()] == ["x.dcm"]


def test_stored_numbers_are_what_the_standard_says(tmp_path):
    save_header(gray_header(GRAY[0], bits=12, intercept=-1024.0), tmp_path / "x.dcm")
    header = pydicom.dcmread(tmp_path / "x.dcm")
    np.testing.assert_array_equal(header.pixel_array, GRAY[0].astype(int) + 1024)
    np.testing.assert_array_equal(modality_values(tmp_path / "x.dcm")[0], GRAY[0])
    assert (header.BitsAllocated, header.BitsStored, header.HighBit) == (16, 12, 11)
    inverted = gray_header(GRAY[0], photometric="MONOCHROME1")
    assert inverted.PixelData[:2] == bytes([255 - GRAY[0, 0, 0], 255 - GRAY[0, 0, 1]])


def test_a_multi_frame_file_says_how_its_frames_follow():
    header = gray_header(GRAY)
    assert header.NumberOfFrames == 3 and header.FrameIncrementPointer == header["PageNumberVector"].tag
    assert header.PageNumberVector == [1, 2, 3] and header.PhotometricInterpretation == "MONOCHROME2"
    assert header.ConversionType == gray_header(GRAY[0]).ConversionType == "SYN"
    assert "FrameIncrementPointer" not in gray_header(GRAY[0])


def test_same_name_same_file(tmp_path):
    for name, other in (("a", "one"), ("b", "one"), ("c", "another")):
        save_header(gray_header(GRAY, name=other), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() != (tmp_path / "c").read_bytes()


def test_pixels_agree_with_the_writer_of_single_phantom_files(tmp_path):
    (tmp_path / "x.dcm").write_bytes(dicom_bytes(GRAY[0]))
    known, plain = pydicom.dcmread(tmp_path / "x.dcm"), gray_header(GRAY[0])
    for keyword in ("Rows", "Columns", "BitsStored", "PhotometricInterpretation", "SOPClassUID", "PixelData"):
        assert known[keyword].value == plain[keyword].value


@pytest.mark.parametrize(
    ("gray", "options", "words"),
    [
        (GRAY.astype(float), {}, "uint8"),
        (GRAY[0, 0], {}, "uint8"),
        (GRAY[:0], {}, "uint8"),
        (GRAY, {"bits": 7}, "8 to 16 bits"),
        (GRAY, {"photometric": "MONOCHROME1"}, "one file for each picture"),
        (GRAY, {"photometric": "RGB"}, "MONOCHROME1 or MONOCHROME2"),
        (GRAY, {"slope": 0.0}, "slope other than 0"),
        (GRAY, {"slope": 0.3}, "not whole numbers"),
        (GRAY, {"intercept": -1024.0}, "not whole numbers of 8 bits"),
        (GRAY, {"bits": 12, "intercept": 10.0}, "intercept of 0 or less"),
    ],
)
def test_refused(gray, options, words):
    with pytest.raises(InputError, match=words):
        gray_header(gray, **options)


def test_nothing_half_written(tmp_path):
    header = gray_header(GRAY)
    del header.file_meta.TransferSyntaxUID
    with pytest.raises(InputError, match="x.dcm cannot be written: the header is not complete"):
        save_header(header, tmp_path / "x.dcm")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError, match="cannot be written"):
        save_header(gray_header(GRAY), tmp_path / "missing" / "x.dcm")
