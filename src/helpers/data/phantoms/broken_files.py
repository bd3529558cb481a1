"""Files that are broken on purpose, one for each way that hospitals know: what a reader has to answer in one line."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset as Header

from helpers.data.dicom_writing import gray_header, save_header
from helpers.data.fhir import Observation, observation_bundle
from helpers.data.phantoms.dicom_patients import add_patient

GRAY = np.arange(256, dtype=np.uint8).reshape(16, 16)


def broken_bundles(folder: Path) -> dict[str, Path]:
    """FHIR files that are none or hold a bad result, by what is wrong with them."""
    good = observation_bundle(
        [Observation(f"Patient/{number}", "cholesterol", 200.0 + number, "mg/dL") for number in range(3)]
    )
    comma, contradiction, nobody = (copy.deepcopy(good) for _ in range(3))
    comma["entry"][1]["resource"]["valueQuantity"]["value"] = "5,2"
    contradiction["entry"][2]["resource"]["valueQuantity"]["code"] = "mmol/L"
    del nobody["entry"][0]["resource"]["subject"]
    texts = {
        "no JSON": "<Bundle/>",
        "no bundle": json.dumps(good["entry"][0]["resource"]),
        "a number with a comma": json.dumps(comma),
        "unit against code": json.dumps(contradiction),
        "nobody's result": json.dumps(nobody),
    }
    return {
        wrong: _write(folder / f"bundle{place}.json", text.encode())
        for place, (wrong, text) in enumerate(texts.items(), 1)
    }


def broken_scans(folder: Path) -> dict[str, Path]:
    """DICOM files without gray values that could be read, by what is wrong with them; each names a fictitious patient."""
    headers = {wrong: _scan() for wrong in ("no pixels", "encrypted", "color", "cut off")}
    del headers["no pixels"].PixelData
    headers["encrypted"].EncryptedAttributesSequence = [Header()]
    del headers["encrypted"].PixelData
    color = headers["color"]
    color.SamplesPerPixel, color.PhotometricInterpretation, color.PlanarConfiguration = 3, "RGB", 0
    color.PixelData = np.repeat(GRAY[..., None], 3, axis=-1).tobytes()
    color["PixelData"].VR = "OB"
    paths = {}
    for place, (wrong, header) in enumerate(headers.items(), 1):
        paths[wrong] = folder / f"scan{place}.dcm"
        save_header(header, paths[wrong])
    whole = paths["cut off"].read_bytes()
    _write(paths["cut off"], whole[: len(whole) - GRAY.size // 2])
    paths["no DICOM"] = _write(folder / "scan5.dcm", b"GIF89a, by the look of it")
    return paths


def doubtful_scans(folder: Path) -> dict[str, Path]:
    """DICOM files whose pixels may say whose they are, by what their header says about that."""
    headers = {wrong: _scan() for wrong in ("text in the pixels", "nobody has looked")}
    headers["text in the pixels"].BurnedInAnnotation = "YES"
    del headers["nobody has looked"].BurnedInAnnotation
    paths = {wrong: folder / f"doubtful{place}.dcm" for place, wrong in enumerate(headers, 1)}
    for wrong, header in headers.items():
        save_header(header, paths[wrong])
    return paths


def _scan() -> Header:
    header = gray_header(GRAY)
    add_patient(header, 1)
    return header


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
