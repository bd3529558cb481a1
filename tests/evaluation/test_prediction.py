"""From image files and a bundle to answers: the same as in training, and one clear line for what is none."""

import dataclasses
import json
import zipfile

import keras
import numpy as np
import pydicom
import pytest
from PIL import Image

from helpers import runtime
from helpers.data.phantoms.dicom_file import dicom_bytes
from helpers.evaluation import prediction
from helpers.evaluation.conformal import ConformalPredictor
from helpers.models import cnn
from helpers.runtime import InputError
from helpers.training import bundle

GRAY = np.random.default_rng(0).integers(0, 256, (40, 40), dtype=np.uint8)
SETS = ConformalPredictor(0.1, False, (0.5, 0.5), 100, 50)


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def card(**changes):
    values = {
        "size": 28,
        "normalization": {"mean": 120.0, "scale": 60.0},
        "class_names": ("normal", "cancer"),
        "threshold": 0.5,
        "recalibration": {"kind": "logistic", "parameters": {"slope": 2.0, "intercept": 0.5}},
        "conformal": SETS.to_dict(),
        "reading": {},
        "dataset": "fixture",
        "checksum": "sha256:0",
        "notebook": "06_tumor_diagnosis",
        "profile": "quick",
        "seed": 0,
    }
    return bundle.Card(**{**values, **changes})


@pytest.fixture
def model_folder(tmp_path):
    return bundle.save_bundle(tmp_path / "run" / "model", cnn.tumor_cnn(28, filters=(4, 8), convolutions=1), card())


def saved(path, values):
    Image.fromarray(values).save(path)
    return path


def test_folder_run_and_file_open_the_same_model(model_folder):
    for place in (model_folder, model_folder.parent, model_folder / "model.keras"):
        assert prediction.open_model(place).card == card()


def test_a_file_gets_the_answer_of_its_pixels(tmp_path, model_folder):
    opened = prediction.open_model(model_folder)
    pictures = prediction.read_pictures([saved(tmp_path / "a.png", GRAY)], 28)
    (answer,) = prediction.predict(opened, pictures)
    expected = opened.predict(GRAY[None, :, :, None])[0]  # with recalibration
    assert answer.probability == pytest.approx(expected, abs=1e-9)
    assert answer.called == ("cancer" if expected >= 0.5 else "normal")
    # A quantile of one half keeps every class with a probability of at least one half.
    assert answer.not_ruled_out == (answer.called,) and answer.level == pytest.approx(0.9)
    assert answer.name.endswith("a.png")


def test_the_line_says_everything():
    answer = prediction.Prediction("a.png", 0.9312, "cancer", ("cancer",), 0.9)
    assert answer.line("cancer") == "a.png: cancer 0.931, called cancer; at 90% not ruled out: cancer"
    both = dataclasses.replace(answer, not_ruled_out=("normal", "cancer"))
    assert both.line("cancer").endswith("not ruled out: normal or cancer")
    assert dataclasses.replace(answer, not_ruled_out=()).line("cancer").endswith("not ruled out: no class")
    assert dataclasses.replace(answer, not_ruled_out=None, level=None).line("cancer").endswith("has no prediction sets")


def test_a_bundle_without_sets(tmp_path):
    folder = bundle.save_bundle(tmp_path / "model", cnn.tumor_cnn(28, filters=(4,), convolutions=1), card(conformal={}))
    pictures = prediction.read_pictures([saved(tmp_path / "a.png", GRAY)], 28)
    (answer,) = prediction.predict(prediction.open_model(folder), pictures)
    assert answer.not_ruled_out is None and answer.level is None


def test_the_same_pixels_in_other_formats(tmp_path):
    (tmp_path / "a.dcm").write_bytes(dicom_bytes(GRAY))
    Image.fromarray(GRAY.astype(np.uint16) * 257).save(tmp_path / "deep.tif")
    names = ["a.png", "a.dcm", "deep.tif", "rgb.png"]
    saved(tmp_path / "a.png", GRAY)
    saved(tmp_path / "rgb.png", np.stack([GRAY] * 3, -1))
    pictures = prediction.read_pictures([tmp_path / name for name in names], 40)
    for picture in pictures:
        assert picture.gray.shape == (40, 40, 1) and picture.gray.dtype == np.uint8
        assert np.abs(picture.gray[..., 0].astype(int) - GRAY).max() <= 1


def test_an_answer_does_not_depend_on_what_else_is_asked(tmp_path):
    Image.fromarray(GRAY.astype(np.uint16) * 4).save(tmp_path / "ten.tif")
    Image.fromarray(GRAY.astype(np.uint16) * 257).save(tmp_path / "sixteen.tif")
    together = prediction.read_pictures([tmp_path / "ten.tif", tmp_path / "sixteen.tif"], 40)
    alone = prediction.read_pictures([tmp_path / "ten.tif"], 40)
    np.testing.assert_array_equal(together[0].gray, alone[0].gray)


def test_every_frame_of_a_dicom_file_is_a_picture(tmp_path):
    (tmp_path / "one.dcm").write_bytes(dicom_bytes(GRAY))
    header = pydicom.dcmread(tmp_path / "one.dcm")
    header.NumberOfFrames = 3
    header.PixelData = GRAY.tobytes() + GRAY[::-1].tobytes() + GRAY.tobytes()
    header.save_as(tmp_path / "three.dcm")
    pictures = prediction.read_pictures([tmp_path / "three.dcm"], 40)
    assert [picture.name[-9:] for picture in pictures] == [", frame 1", ", frame 2", ", frame 3"]
    np.testing.assert_array_equal(pictures[1].gray[::-1], pictures[0].gray)


def test_grad_cam_has_the_size_of_the_network_s_input(tmp_path, model_folder):
    opened = prediction.open_model(model_folder)
    pictures = prediction.read_pictures([saved(tmp_path / "a.png", GRAY)], 28)
    maps = prediction.explain(opened, pictures)
    assert maps.shape == (1, 28, 28) and maps.min() >= 0


def test_color_is_refused_unless_it_is_meant(tmp_path):
    path = saved(tmp_path / "color.png", np.stack([GRAY, GRAY, GRAY // 2], -1))
    with pytest.raises(InputError, match="color, and the model takes gray: .*color.png; --gray"):
        prediction.read_pictures([path], 28)
    assert prediction.read_pictures([path], 28, gray=True)[0].gray.shape == (28, 28, 1)


def broken_image(kind, folder):
    path = folder / f"{kind}.dcm"
    if kind in ("without pixels", "encrypted pixels"):
        path.write_bytes(dicom_bytes(GRAY))
        header = pydicom.dcmread(path)
        del header.PixelData
        if kind == "encrypted pixels":
            header.EncryptedAttributesSequence = [pydicom.Dataset()]
        header.save_as(path)
    elif kind == "encrypted":
        path.write_bytes(b"Salted__" + bytes(range(256)) * 4)
    elif kind == "text":
        path = folder / "letter.png"
        path.write_text("Dear colleague")
    elif kind == "truncated":
        path = saved(folder / "half.png", GRAY)
        path.write_bytes(path.read_bytes()[:300])
    elif kind == "folder":
        path.mkdir()
    return path


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("without pixels", "DICOM without pixels"),
        ("encrypted pixels", "its pixels are encrypted"),
        ("encrypted", "no DICOM file, or encrypted"),
        ("text", "not an image"),
        ("truncated", "corrupt or truncated"),
        ("folder", "missing, or no file"),
        ("missing", "missing, or no file"),
    ],
)
def test_what_is_no_image_is_one_line(tmp_path, kind, words):
    good = saved(tmp_path / "good.png", GRAY)
    with pytest.raises(InputError, match="1 of 2 images cannot be read") as caught:
        prediction.read_pictures([good, broken_image(kind, tmp_path)], 28)
    assert words in str(caught.value) and "\n" not in str(caught.value) and "good.png" not in str(caught.value)


def test_no_image_at_all():
    with pytest.raises(InputError, match="no image given"):
        prediction.read_pictures([], 28)


def hostile_archive(path, **members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_json", ".json").replace("_h5", ".weights.h5"), content)


def spoil(kind, folder):
    """Break one thing about a bundle; returns what is given as the model."""
    weights, text = folder / "model.keras", folder / "model.json"
    content = json.loads(text.read_text())
    if kind == "nowhere":
        return folder / "nothing"
    if kind == "an image":
        return saved(folder.parent / "scan.png", GRAY)
    if kind == "an empty folder":
        (folder.parent / "empty").mkdir()
        return folder.parent / "empty"
    if kind == "another network":
        bundle.save_bundle(folder, cnn.tumor_cnn(32, filters=(4,), convolutions=1), card())
    elif kind == "two inputs":
        first, second = keras.Input((28, 28, 1)), keras.Input((28, 28, 1))
        joined = keras.layers.Flatten()(keras.layers.Add()([first, second]))
        bundle.save_bundle(folder, keras.Model([first, second], keras.layers.Dense(1)(joined)), card())
    elif kind == "three classes":
        text.write_text(json.dumps({**content, "class_names": ["a", "b", "c"]}))
    elif kind == "a list":
        text.write_text("[1, 2]")
    elif kind == "latin":
        text.write_bytes(b'{"format": "\xe9"}')
    elif kind == "no scale":
        text.write_text(json.dumps({**content, "normalization": {"mean": 1}}))
    elif kind == "odd sets":
        text.write_text(json.dumps({**content, "conformal": {"alpha": 0.1}}))
    elif kind == "words for numbers":
        text.write_text(json.dumps({**content, "threshold": "high"}))
    elif kind == "a threshold above 1":
        text.write_text(json.dumps({**content, "threshold": 2.0}))
    elif kind == "a level in words":
        text.write_text(json.dumps({**content, "conformal": {**content["conformal"], "alpha": "0.1"}}))
    elif kind == "classes without names":
        text.write_text(json.dumps({**content, "class_names": [0, 1]}))
    elif kind == "half a file":
        weights.write_bytes(weights.read_bytes()[:2000])
    elif kind == "an archive of nothing":
        hostile_archive(weights, readme="hello")
    elif kind == "no JSON":
        hostile_archive(weights, config_json="{", metadata_json="{}", model_h5="")
    elif kind == "foreign code":
        evil = {"module": "os", "class_name": "system", "config": {"command": "true"}, "registered_name": "system"}
        hostile_archive(weights, config_json=json.dumps(evil), metadata_json="{}", model_h5="")
    return folder


@pytest.mark.parametrize(
    "kind",
    [
        "nowhere",
        "an image",
        "an empty folder",
        "another network",
        "two inputs",
        "three classes",
        "a list",
        "latin",
        "no scale",
        "odd sets",
        "words for numbers",
        "a threshold above 1",
        "a level in words",
        "classes without names",
        "half a file",
        "an archive of nothing",
        "no JSON",
        "foreign code",
    ],
)
def test_what_is_no_model_is_one_line(model_folder, kind):
    with pytest.raises(InputError) as caught:
        prediction.open_model(spoil(kind, model_folder))
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 400


def patched_tiff(path, tag, entry):
    """A TIFF of one entry of whose directory (tag, kind, count, value) something is changed."""
    saved(path, GRAY)
    content = bytearray(path.read_bytes())
    start = int.from_bytes(content[4:8], "little")
    for place in range(start + 2, start + 2 + 12 * int.from_bytes(content[start : start + 2], "little"), 12):
        if int.from_bytes(content[place : place + 2], "little") == tag:
            content[place : place + 12] = entry
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("tag", "entry"),
    [
        (257, (257).to_bytes(2, "little") + b"\x04\x00\x01\x00\x00\x00\x00\x00\x00\x00"),  # a height of 0
        (256, b"\xf0\xff" + b"\x04\x00\x01\x00\x00\x00\x10\x00\x00\x00"),  # no width
    ],
)
def test_a_damaged_tiff_is_one_line(tmp_path, tag, entry):
    path = patched_tiff(tmp_path / "scan.tif", tag, entry)
    with pytest.raises(InputError, match="1 of 1 images cannot be read: .*scan.tif"):
        prediction.read_pictures([path], 28)
