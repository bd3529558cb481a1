"""``medlab predict``: one line per image, a picture where asked for, the disclaimer; exit status 2 for bad input."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from helpers import cli, runtime
from helpers.data.phantoms.tissue import tissue_phantom
from helpers.evaluation.prediction import Picture, Prediction
from helpers.models import cnn
from helpers.report.prediction_pictures import write_heat_maps
from helpers.runtime import InputError
from helpers.training import bundle

DISCLAIMER = "Teaching and research material, not for clinical use."
CARD = {
    "size": 32,
    "normalization": {"mean": 120.0, "scale": 60.0},
    "class_names": ("normal", "cancer"),
    "threshold": 0.5,
    "recalibration": {"kind": "none", "parameters": {}},
    "conformal": {"alpha": 0.1, "conditional": False, "quantiles": [0.9, 0.9], "samples": 100, "groups": 20},
    "reading": {},
    "dataset": "fixture",
    "checksum": "",
    "notebook": "06_tumor_diagnosis",
    "profile": "quick",
    "seed": 0,
}


@pytest.fixture
def model(tmp_path):
    runtime.configure(0)
    network = cnn.tumor_cnn(32, filters=(4, 8), convolutions=1)
    return bundle.save_bundle(tmp_path / "run" / "model", network, bundle.Card(**CARD))


@pytest.fixture
def scans(tmp_path):
    paths = []
    for number, image in enumerate(tissue_phantom(20).inputs[:2]):
        paths.append(tmp_path / f"scan{number}.png")
        Image.fromarray(image[..., 0]).save(paths[-1])
    return paths


def words(*parts):
    return [str(part) for part in parts]


def test_one_line_per_image_and_the_disclaimer(model, scans, capsys):
    assert cli.run_command(words("predict", model, *scans)) == 0
    captured = capsys.readouterr()
    *lines, last = captured.out.splitlines()
    assert captured.err == "" and last == DISCLAIMER and len(lines) == 2
    for line, scan in zip(lines, scans, strict=True):
        assert line.startswith(f"{scan}: cancer 0.") and "called " in line and "at 90% not ruled out: " in line


def test_a_picture_per_image(model, scans, tmp_path, capsys):
    folder = tmp_path / "maps"
    twin = tmp_path / "elsewhere" / "scan0.jpg"
    twin.parent.mkdir()
    Image.open(scans[0]).save(twin)
    assert cli.run_command(words("predict", model.parent, *scans, twin, "--grad-cam", folder)) == 0
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["scan0-2-grad-cam.png", "scan0-grad-cam.png", "scan1-grad-cam.png"]
    with Image.open(folder / names[0]) as picture:
        assert picture.format == "PNG" and picture.width > 300
    assert DISCLAIMER in capsys.readouterr().out


def test_color_needs_a_word(model, tmp_path, capsys):
    path = tmp_path / "color.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)).save(path)
    assert cli.run_command(words("predict", model, path)) == 2
    assert "--gray" in capsys.readouterr().err
    assert cli.run_command(words("predict", model, path, "--gray")) == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{model}"], "Missing argument 'IMAGE...'"),
        (["{model}/nothing", "{scan}"], "there is no model"),
        (["{scan}", "{scan}"], "is no model: give the folder model/ of a run"),
        (["{folder}", "{scan}"], "no model.json"),
        (["{model}", "{model}"], "1 of 1 images cannot be read"),
        (["{model}", "{scan}", "{model}/model.json"], "1 of 2 images cannot be read"),
        (["{model}", "{scan}", "--grad-cam", "{scan}"], "is a file"),
    ],
)
def test_bad_input_is_one_line_and_exit_status_2(model, scans, tmp_path, capsys, arguments, said):
    (tmp_path / "empty").mkdir()
    places = {"model": model, "scan": scans[0], "folder": tmp_path / "empty"}
    before = sorted(tmp_path.rglob("*"))
    assert cli.run_command(["predict", *(argument.format(**places) for argument in arguments)]) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.startswith("medlab: ") and captured.err.count("\n") == 1
    assert said in captured.err and sorted(tmp_path.rglob("*")) == before


def test_pictures_of_frames_are_told_apart_and_replaced(tmp_path):
    gray = np.zeros((16, 16, 1), dtype=np.uint8)
    pictures = [Picture(Path("a/scan.dcm"), gray, number) for number in (1, 2)]
    answers = [Prediction(picture.name, 0.5, "cancer", None, None) for picture in pictures]
    for _ in range(2):
        written = write_heat_maps(tmp_path / "maps", pictures, answers, np.ones((2, 16, 16)), "cancer")
        assert [path.name for path in written] == ["scan-frame-1-grad-cam.png", "scan-frame-2-grad-cam.png"]
    assert sorted((tmp_path / "maps").iterdir()) == written
    with pytest.raises(InputError, match="need a folder"):
        write_heat_maps(written[0], pictures, answers, np.ones((2, 16, 16)), "cancer")


def test_names_are_words_whatever_stands_in_them(tmp_path):
    """Dollars are no formula, a comma and a slash no frame, and an escape sequence does not reach the terminal."""
    picture = Picture(Path("x, frame a/b.png"), np.zeros((16, 16, 1), dtype=np.uint8))
    answer = Prediction(picture.name, 0.5, "\x1b[2J", ("\x1b[2J",), 0.9)
    (written,) = write_heat_maps(tmp_path, [picture], [answer], np.ones((1, 16, 16)), r"a $\frac$ b")
    assert written == tmp_path / "b-grad-cam.png"
    assert answer.line("\x1b[0m").isprintable()
