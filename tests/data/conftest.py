"""Folders and generated files for the tests of the data floor."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from helpers.data import download
from helpers.data.catalog import entries

PATIENT = ("Winterbottom", "19560229", "MRN-77", "Saint Elsewhere")
MIRROR = os.environ.get("MEDLAB_MIRROR", "")

SMALL = """\
title = "Small"
kind = "image"
task = "binary"
origin = "download"
reader = "medmnist"
folder = "small_folder"
group = "image"
groups_known = false
split = "official"
class_names = ["benign", "malignant"]
source_labels = [1, 0]
licence = "none"
citation = "nobody"
caveats = []
synthetic = false
verified = true

[[files]]
name = "small.npz"
addresses = [{addresses}]
{checksum}
"""


@pytest.fixture
def data_folder(tmp_path, monkeypatch) -> Path:
    """An empty data folder, no mirror, and pauses between attempts that a test need not wait for."""
    folder = tmp_path / "data"
    monkeypatch.setenv("MEDLAB_DATA", str(folder))
    monkeypatch.delenv("MEDLAB_MIRROR", raising=False)
    monkeypatch.setattr(download, "PAUSE_SECONDS", 0)
    return folder


@pytest.fixture
def small(tmp_path, data_folder, monkeypatch):
    """A catalog of one dataset ``small``. Call it with the bytes of the file; returns the file's checksum line."""

    def make(content: bytes, addresses: tuple[str, ...] = (), checksum: str | None = None) -> None:
        folder = tmp_path / f"catalog-{hashlib.sha256(content + repr((addresses, checksum)).encode()).hexdigest()[:8]}"
        folder.mkdir()
        if checksum is None:
            checksum = f'sha256 = "{hashlib.sha256(content).hexdigest()}"\nbytes = {len(content)}'
        text = SMALL.format(addresses=", ".join(f'"{address}"' for address in addresses), checksum=checksum)
        (folder / "small.toml").write_text(text, encoding="utf-8")
        monkeypatch.setattr(entries, "CATALOG", folder)

    return make


@pytest.fixture
def image_folder(tmp_path):
    """Makes a folder of gray PNG images: ``image_folder({"normal": 5, "tumor": 4})``."""

    def make(classes: dict[str, int], name: str = "images", size: tuple[int, int] = (20, 20)) -> Path:
        folder = tmp_path / name
        generator = np.random.default_rng(2)
        for label, count in classes.items():
            (folder / label).mkdir(parents=True)
            for number in range(count):
                pixels = generator.integers(0, 256, size, dtype=np.uint8)
                Image.fromarray(pixels).save(folder / label / f"{label}-{number}.png")
        return folder

    return make


@pytest.fixture
def write_dicom():
    """Writes a DICOM file: ``write_dicom(path, pixels, bits=12, signed=False, photometric="MONOCHROME2", **elements)``.

    The header names a patient, so that a test can look for it where it must not be. Returns the header.
    """
    import pydicom
    from pydicom.dataset import Dataset, FileMetaDataset

    def write(path: Path, pixels, bits=8, signed=False, photometric="MONOCHROME2", allocated=None, color=False, **more):
        header = Dataset()
        header.file_meta = FileMetaDataset()
        header.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
        header.SOPClassUID = pydicom.uid.SecondaryCaptureImageStorage
        header.SOPInstanceUID = pydicom.uid.generate_uid(entropy_srcs=[path.name])
        header.PatientName, header.PatientBirthDate, header.PatientID, header.InstitutionName = PATIENT
        if pixels is not None:
            pixels = np.asarray(pixels)
            shape = pixels.shape[:-1] if color else pixels.shape
            header.SamplesPerPixel = 3 if color else 1
            if color:
                header.PlanarConfiguration = more.pop("PlanarConfiguration", 0)
            if len(shape) == 3:
                header.NumberOfFrames = shape[0]
            header.Rows, header.Columns = shape[-2:]
            header.BitsAllocated = allocated or (8 if bits <= 8 else 16)
            header.BitsStored, header.HighBit, header.PixelRepresentation = bits, bits - 1, int(signed)
            header.PhotometricInterpretation = photometric
            kind = f"<{'i' if signed else 'u'}{header.BitsAllocated // 8}"
            content = pixels.astype(kind).tobytes()
            header.PixelData = content + b"\0" * (len(content) % 2)
        for name, value in more.items():
            setattr(header, name, value)
        path.parent.mkdir(parents=True, exist_ok=True)
        header.save_as(path, enforce_file_format=True)
        return header

    return write


@pytest.fixture(scope="session")
def real_data(tmp_path_factory):
    """Opens real datasets, fetched from ``MEDLAB_MIRROR`` into a folder of this test run; skips where it is not set."""
    if not MIRROR:
        pytest.skip("MEDLAB_MIRROR is not set: real data are not tested")
    from helpers.data import catalog

    folder = tmp_path_factory.mktemp("real")

    def open_dataset(name: str):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("MEDLAB_DATA", str(folder))
            patch.setenv("MEDLAB_MIRROR", MIRROR)
            download.fetch(name, progress=False)
            return catalog.load(name)

    return open_dataset
