"""DICOM: every step from stored values to gray against values worked out by hand, and files that are broken."""

from __future__ import annotations

import io
import warnings

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGBaseline8Bit, JPEGLSLossless, RLELossless

from helpers.data import catalog
from helpers.data.dicom import count_frames, modality_values, read_dicom
from helpers.data.dicom_display import apply_window
from helpers.data.unreadable import UnreadableError
from helpers.runtime import InputError

pytestmark = pytest.mark.usefixtures("data_folder")
SECRETS = ("Winterbottom", "19560229", "MRN-77", "Saint Elsewhere")  # what write_dicom puts into headers
NEAR = {"rtol": 0, "atol": 1e-4}  # of 255 gray levels, kept as float32


def unreadable(path) -> UnreadableError:
    with pytest.raises(UnreadableError) as caught:
        read_dicom(path)
    assert not any(secret in str(caught.value) for secret in SECRETS) and "\n" not in str(caught.value)
    return caught.value


def lut(first: int, bits: int, values) -> Dataset:
    item = Dataset()
    item.LUTDescriptor = [len(values), first, bits]
    item.add_new("LUTData", "US", list(values))
    return item


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_without_a_window_the_stored_bits_are_the_range(tmp_path, write_dicom, bits, signed, photometric):
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    pixels = np.array([[low, low + 1, (low + high) // 2], [high - 1, high, low]])
    write_dicom(tmp_path / "x.dcm", pixels, bits, signed, photometric)
    expected = (pixels - low) / (high - low) * 255
    found = read_dicom(tmp_path / "x.dcm")
    assert found.frames.shape == (1, 2, 3) and found.frames.dtype == np.float32 and found.bits == bits
    np.testing.assert_allclose(found.frames[0], 255 - expected if photometric == "MONOCHROME1" else expected, **NEAR)
    assert found.meaning.startswith(f"full range of {bits} bits")


def test_negative_values_without_their_upper_bits(tmp_path, write_dicom):
    """-2048 of 12 bit may stand in 16 as 0x0800: what is above the stored bits does not count."""
    pixels = np.array([[0x0800, 0x0FFF, 0x0000, 0xF7FF]], dtype=np.uint16).view(np.int16)
    write_dicom(tmp_path / "x.dcm", pixels, 12, signed=True)
    np.testing.assert_array_equal(modality_values(tmp_path / "x.dcm"), [[[-2048, -1, 0, 2047]]])


CT = {"RescaleSlope": 1, "RescaleIntercept": -1024, "WindowCenter": 40, "WindowWidth": 400}


@pytest.mark.parametrize(
    ("function", "hounsfield", "expected"),
    [
        # LINEAR: from 39.5 - 199.5 to 39.5 + 199.5
        ("LINEAR", [-1024, -160, 40, 239, 3000], [0, 0, (0.5 / 399 + 0.5) * 255, 255, 255]),
        ("LINEAR_EXACT", [-161, -160, 40, 140, 240], [0, 0, 127.5, 191.25, 255]),
        ("SIGMOID", [40, 140, -60], [127.5, 255 / (1 + np.exp(-1)), 255 / (1 + np.exp(1))]),
    ],
)
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_rescale_and_window(tmp_path, write_dicom, function, hounsfield, expected, photometric):
    pixels = np.array([hounsfield]) + 1024
    write_dicom(tmp_path / "x.dcm", pixels, 12, photometric=photometric, **CT, VOILUTFunction=function)
    found = read_dicom(tmp_path / "x.dcm")
    expected = np.asarray(expected)
    np.testing.assert_allclose(found.frames[0, 0], 255 - expected if photometric == "MONOCHROME1" else expected, **NEAR)
    assert found.meaning.startswith("window 40 / 400")
    np.testing.assert_array_equal(modality_values(tmp_path / "x.dcm")[0, 0], hounsfield)


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
def test_windows_agree_with_pydicom(function):
    header = Dataset()
    header.PhotometricInterpretation, header.BitsStored, header.PixelRepresentation = "MONOCHROME2", 12, 0
    header.WindowCenter, header.WindowWidth, header.VOILUTFunction = 1000.5, 700, function
    values = np.arange(4096)
    library = pydicom.pixels.apply_windowing(values, header) / 4095 * 255
    np.testing.assert_allclose(apply_window(values, 1000.5, 700, function), library, rtol=0, atol=1e-9)


def test_the_first_of_several_windows_and_none_that_makes_no_sense(tmp_path, write_dicom):
    pixels = [[0, 100, 200, 255]]
    write_dicom(tmp_path / "a.dcm", pixels, WindowCenter=[101, 7], WindowWidth=[2, 9], VOILUTFunction="LINEAR_EXACT")
    np.testing.assert_allclose(read_dicom(tmp_path / "a.dcm").frames[0, 0], [0, 0, 255, 255], **NEAR)
    for number, (center, width) in enumerate([(100, 0), (100, -5), (None, 100), ("", "")]):
        write_dicom(tmp_path / f"{number}.dcm", pixels, WindowCenter=center, WindowWidth=width)
        np.testing.assert_allclose(read_dicom(tmp_path / f"{number}.dcm").frames[0, 0], pixels[0], **NEAR)


def test_a_window_of_one_is_a_threshold(tmp_path, write_dicom):
    write_dicom(tmp_path / "x.dcm", [[9, 10, 11]], WindowCenter=10, WindowWidth=1)
    np.testing.assert_array_equal(read_dicom(tmp_path / "x.dcm").frames[0, 0], [0, 255, 255])


def test_a_negative_slope_turns_the_range_round(tmp_path, write_dicom):
    write_dicom(tmp_path / "x.dcm", [[0, 51, 255]], RescaleSlope=-2, RescaleIntercept=10)
    np.testing.assert_allclose(read_dicom(tmp_path / "x.dcm").frames[0, 0], [255, 204, 0], **NEAR)


def test_lookup_tables_of_modality_and_display(tmp_path, write_dicom):
    modality = lut(0, 16, [65535, 0, 13107])
    modality.ModalityLUTType = "US"
    write_dicom(tmp_path / "m.dcm", [[0, 1, 2, 3]], ModalityLUTSequence=[modality])
    np.testing.assert_allclose(read_dicom(tmp_path / "m.dcm").frames[0, 0], [255, 0, 51, 51], **NEAR)
    write_dicom(tmp_path / "v.dcm", [[9, 10, 11, 200]], VOILUTSequence=[lut(10, 8, [0, 85, 255, 255])])
    found = read_dicom(tmp_path / "v.dcm")
    np.testing.assert_allclose(found.frames[0, 0], [0, 0, 85, 255], **NEAR)
    assert found.meaning == "VOI table"


@pytest.mark.parametrize("planar", [0, 1])
@pytest.mark.parametrize("bits", [8, 16])
def test_color_turns_gray(tmp_path, write_dicom, bits, planar):
    white = 2**bits - 1
    pixels = np.zeros((1, 4, 3), dtype=int)
    pixels[0, 0, 0] = pixels[0, 1, 1] = pixels[0, 2, 2] = white
    pixels[0, 3] = white
    stored = pixels.transpose(2, 0, 1).reshape(1, 4, 3) if planar else pixels
    write_dicom(tmp_path / "x.dcm", stored, bits, photometric="RGB", color=True, PlanarConfiguration=planar)
    found = read_dicom(tmp_path / "x.dcm")
    np.testing.assert_allclose(found.frames[0, 0], [76.245, 149.685, 29.07, 255], **NEAR)
    assert found.meaning == "color turned to gray"
    with pytest.raises(UnreadableError, match="color"):
        modality_values(tmp_path / "x.dcm")


def test_brightness_and_color_differences(tmp_path, write_dicom):
    """Gray in YBR: the first component, with 128 for no color."""
    pixels = np.array([[[0, 128, 128], [100, 128, 128], [255, 128, 128]]])
    write_dicom(tmp_path / "x.dcm", pixels, photometric="YBR_FULL", color=True)
    np.testing.assert_allclose(read_dicom(tmp_path / "x.dcm").frames[0, 0], [0, 100, 255], rtol=0, atol=1)


def test_palette(tmp_path, write_dicom):
    tables = {}
    for color, values in (("Red", [0, 65535, 0]), ("Green", [0, 0, 65535]), ("Blue", [0, 0, 0])):
        tables[f"{color}PaletteColorLookupTableDescriptor"] = [3, 0, 16]
        tables[f"{color}PaletteColorLookupTableData"] = np.array(values, dtype="<u2").tobytes()
    write_dicom(tmp_path / "x.dcm", [[0, 1, 2]], photometric="PALETTE COLOR", **tables)
    np.testing.assert_allclose(read_dicom(tmp_path / "x.dcm").frames[0, 0], [0, 76.245, 149.685], **NEAR)


def test_frames_with_values_of_their_own(tmp_path, write_dicom):
    """Multi-frame CT and MR state rescale and window per frame."""

    def groups(intercept, center):
        rescale, window, item = Dataset(), Dataset(), Dataset()
        rescale.RescaleSlope, rescale.RescaleIntercept, rescale.RescaleType = 1, intercept, "HU"
        window.WindowCenter, window.WindowWidth, window.VOILUTFunction = center, 200, "LINEAR_EXACT"
        item.PixelValueTransformationSequence, item.FrameVOILUTSequence = [rescale], [window]
        return item

    pixels = np.full((3, 1, 2), 100)
    pixels[:, 0, 1] = 150
    frames = [groups(0, 100), groups(-50, 100), groups(1000, 1150)]
    write_dicom(tmp_path / "x.dcm", pixels, 12, PerFrameFunctionalGroupsSequence=frames)
    found = read_dicom(tmp_path / "x.dcm").frames[:, 0]
    np.testing.assert_allclose(found, [[127.5, 191.25], [63.75, 127.5], [63.75, 127.5]], **NEAR)
    assert count_frames(tmp_path / "x.dcm") == 3
    write_dicom(tmp_path / "y.dcm", pixels, 12, SharedFunctionalGroupsSequence=[groups(0, 150)])
    np.testing.assert_allclose(read_dicom(tmp_path / "y.dcm").frames[:, 0], [[63.75, 127.5]] * 3, **NEAR)


def test_compressed_files(tmp_path, write_dicom):
    pixels = np.random.default_rng(0).integers(0, 4096, (5, 7))
    header = write_dicom(tmp_path / "x.dcm", pixels, 12)
    header.compress(RLELossless)
    header.save_as(tmp_path / "rle.dcm", enforce_file_format=True)
    np.testing.assert_allclose(read_dicom(tmp_path / "rle.dcm").frames[0], pixels / 4095 * 255, **NEAR)
    smooth = np.tile(np.arange(0, 64, 2, dtype=np.uint8), (32, 1))
    content = io.BytesIO()
    Image.fromarray(smooth).save(content, "JPEG", quality=100)
    header = write_dicom(tmp_path / "y.dcm", smooth)
    header.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    header.PixelData = encapsulate([content.getvalue()])
    header["PixelData"].is_undefined_length = True
    header.save_as(tmp_path / "jpeg.dcm", enforce_file_format=True)
    assert np.abs(read_dicom(tmp_path / "jpeg.dcm").frames[0] - smooth).max() <= 2


def test_broken_files_have_their_words(tmp_path, write_dicom):
    pixels = np.zeros((40, 40))
    header = write_dicom(tmp_path / "whole.dcm", pixels, 12)
    whole = (tmp_path / "whole.dcm").read_bytes()
    broken = {
        "empty": (b"", "no DICOM file"),
        "text": (b"This is no image.\n" * 40, "no DICOM file"),
        "envelope": (b"\x30\x82\x0f\x00\x06\x09" + bytes(range(256)) * 4, "encrypted"),
        "half": (whole[: len(whole) // 2], "truncated"),
        "one byte less": (whole[:-2], "truncated"),
        "noise": (whole[:132] + bytes(range(1, 256)) * 8, "without pixels"),
        "preamble only": (whole[:132], "without pixels"),
    }
    for name, (content, words) in broken.items():
        (tmp_path / f"{name}.dcm").write_bytes(content)
        assert words in str(unreadable(tmp_path / f"{name}.dcm")), name
    write_dicom(tmp_path / "report.dcm", None)
    assert unreadable(tmp_path / "report.dcm").kind == "no pixels"
    write_dicom(tmp_path / "sealed.dcm", None, EncryptedAttributesSequence=[Dataset()])
    assert unreadable(tmp_path / "sealed.dcm").kind == "encrypted"
    header.file_meta.TransferSyntaxUID = JPEGLSLossless
    header.PixelData = encapsulate([b"\xff\xd8nothing"])
    header["PixelData"].is_undefined_length = True
    header.save_as(tmp_path / "codec.dcm", enforce_file_format=True)
    error = unreadable(tmp_path / "codec.dcm")
    assert error.kind == "no decoder" and "JPEG-LS Lossless" in str(error) and "uncompressed" in str(error)
    header.file_meta.TransferSyntaxUID = "1.2.3.4.5.19560229"
    header.save_as(tmp_path / "private.dcm", implicit_vr=False, little_endian=True, enforce_file_format=True)
    assert unreadable(tmp_path / "private.dcm").kind == "no decoder"
    write_dicom(tmp_path / "space.dcm", pixels, photometric="WINTERBOTTOM")
    assert str(unreadable(tmp_path / "space.dcm")) == "a kind of color that is not supported"
    write_dicom(tmp_path / "float.dcm", None, FloatPixelData=b"\0" * 16)
    assert "floating-point" in str(unreadable(tmp_path / "float.dcm"))
    with pytest.raises(UnreadableError, match="corrupt"):
        read_dicom(tmp_path / "gone.dcm")


def dicom_folder(tmp_path, write_dicom, frames=1, files=4):
    folder = tmp_path / "images"
    for label, level in (("normal", 10), ("tumor", 100)):
        for number in range(files):
            pixels = np.full((frames, 16, 16), level + number) + np.arange(frames)[:, None, None] * 20
            write_dicom(folder / label / f"IM{number}", pixels if frames > 1 else pixels[0])
    return folder


def test_a_folder_of_files_without_suffix(tmp_path, write_dicom):
    folder = dicom_folder(tmp_path, write_dicom)
    write_dicom(folder / "tumor" / "1.2.840.17", np.full((16, 16), 200))
    (folder / "tumor" / "README").write_text("no image")
    (folder / "tumor" / "DICOMDIR").write_bytes((folder / "tumor" / "IM0").read_bytes())
    dataset = catalog.load(folder, size=16)
    assert [int(image.mean()) for image in dataset.inputs] == [10, 11, 12, 13, 200, 100, 101, 102, 103]
    assert set(dataset.file_facts["format"].tolist()) == {5} and set(dataset.file_facts["bit_depth"].tolist()) == {8}


def test_every_frame_is_an_image_of_its_file(tmp_path, write_dicom):
    dataset = catalog.load(dicom_folder(tmp_path, write_dicom, frames=5), size=16)
    assert dataset.inputs.shape == (40, 16, 16, 1) and dataset.source.group == "file"
    assert dataset.inputs[::5, 0, 0, 0].tolist() == [10, 11, 12, 13, 100, 101, 102, 103]
    assert dataset.inputs[:5, 0, 0, 0].tolist() == [10, 30, 50, 70, 90]
    assert dataset.groups.tolist() == np.repeat(np.arange(8), 5).tolist() and not dataset.groups_known
    few = catalog.load(tmp_path / "images", size=16, maximum=20)
    assert (few.inputs == dataset.inputs[np.isin(dataset.groups, few.groups)]).all() and len(few) == 30


def test_no_identity_of_a_header_leaves_the_file(tmp_path, write_dicom, data_folder, capfd):
    folder = dicom_folder(tmp_path, write_dicom, files=8)
    write_dicom(folder / "tumor" / "report.dcm", None)
    odd = write_dicom(folder / "tumor" / "odd.dcm", np.zeros((8, 8)))
    with pytest.warns(UserWarning, match="Winterbottom"):  # so would pydicom, were it heard
        odd.add_new(0x00080018, "UI", "Winterbottom is no UID")
    with warnings.catch_warnings(action="ignore"):
        odd.save_as(folder / "tumor" / "odd.dcm", enforce_file_format=True)
    with pytest.raises(InputError) as caught:
        catalog.load(folder, size=16)
    dataset = catalog.load(folder, size=16, skip_unreadable=True)
    kept = b"".join(path.read_bytes() for path in data_folder.rglob("*") if path.is_file())
    assert len(kept) > 17 * 16 * 16
    captured = capfd.readouterr()
    for secret in SECRETS:
        assert secret not in f"{caught.value}{dataset!r}{captured.err}{captured.out}"
        assert secret.encode() not in kept
    assert "1 of 18 files could not be read and was left out: 1 no pixels." in dataset.source.caveats
