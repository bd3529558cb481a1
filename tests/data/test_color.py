"""Color is what the pixels show, not what the file could hold."""

import numpy as np
import pydicom
import pytest
import tifffile
from PIL import Image

from helpers.data.color import holds_color
from helpers.data.phantoms.dicom_file import dicom_bytes

GRAY = np.random.default_rng(0).integers(0, 256, (24, 24), dtype=np.uint8)
TINTED = np.stack([GRAY, GRAY, GRAY // 2], axis=-1)


def saved(path, picture, **options):
    picture.save(path, **options)
    return path


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "1", "LA", "I;16"])
def test_gray_in_files_of_every_kind(tmp_path, mode):
    deep = mode == "I;16"
    picture = Image.fromarray(GRAY.astype(np.uint16) * 200) if deep else Image.fromarray(GRAY).convert(mode)
    assert not holds_color(saved(tmp_path / "gray.png", picture))


def test_gray_jpeg_in_color_stays_gray(tmp_path):
    assert not holds_color(saved(tmp_path / "gray.jpg", Image.fromarray(np.stack([GRAY] * 3, -1)), quality=60))


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tif", "a.bmp"])
def test_color(tmp_path, name):
    assert holds_color(saved(tmp_path / name, Image.fromarray(TINTED)))


def test_color_behind_a_palette_and_nowhere_but_under_transparency(tmp_path):
    assert holds_color(saved(tmp_path / "palette.png", Image.fromarray(TINTED).convert("P")))
    hidden = np.dstack([np.stack([GRAY] * 3, -1), np.full_like(GRAY, 255)])
    hidden[:4, :4] = (255, 0, 0, 0)
    assert not holds_color(saved(tmp_path / "hidden.png", Image.fromarray(hidden)))


def test_tiff_of_16_bit(tmp_path):
    for values, expected in ((np.stack([GRAY] * 3, -1), False), (TINTED, True)):
        tifffile.imwrite(tmp_path / "deep.tif", values.astype(np.uint16) * 200, photometric="rgb")
        assert holds_color(tmp_path / "deep.tif") == expected


def test_of_dicom_the_header_decides(tmp_path):
    path = tmp_path / "gray.dcm"
    path.write_bytes(dicom_bytes(GRAY))
    assert not holds_color(path)
    header = pydicom.dcmread(path)
    header.PhotometricInterpretation, header.SamplesPerPixel, header.PlanarConfiguration = "RGB", 3, 0
    header.PixelData = TINTED.tobytes()
    header.save_as(tmp_path / "color.dcm")
    assert holds_color(tmp_path / "color.dcm")


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n and no more", b"\0" * 128 + b"DICM and no more"])
def test_what_cannot_be_read_is_left_to_decoding(tmp_path, content):
    for name in ("broken.png", "broken.tif", "broken.dcm"):
        (tmp_path / name).write_bytes(content)
        assert not holds_color(tmp_path / name)
    assert not holds_color(tmp_path / "missing.png")
