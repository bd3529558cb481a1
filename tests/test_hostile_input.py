"""A hostile but honest user: whatever is wrong, one clear line, the right exit status, nothing half-written."""

import re
import zipfile
from pathlib import Path

import nbformat
import numpy as np
import pytest
from PIL import Image

from helpers import cli
from helpers.data import download
from helpers.report import results, staging, writing
from helpers.runtime import InputError

ROOT = Path(__file__).resolve().parents[1]
CLOSED = "/dev/null/closed"  # nobody can write below a file, root included
PARAMETERS = 'profile = "quick"\ndataset = "tissue-phantom"\nseed = 0\noutput = ""'
LIGHT = """
from helpers.data import catalog
from helpers.report import writing

run = writing.Run("06_tumor_diagnosis", "A small notebook", dataset, profile, seed, output)
run.add_dataset(catalog.load(dataset, maximum=24, size=16))
print(dataset, output)
run.save()
"""


@pytest.fixture(autouse=True)
def place(monkeypatch, tmp_path):
    """Reports and data of our own; no mirror, no network."""
    monkeypatch.chdir(ROOT)
    for name in ("reports", "data"):
        monkeypatch.setenv(f"MEDLAB_{name.upper()}", str(tmp_path / name))
    for name in ("MEDLAB_MIRROR", "MEDLAB_THREADS"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # the discard port: refused at once
    monkeypatch.setattr(download, "PAUSE_SECONDS", 0)
    return tmp_path


def own_images(folder: Path, **counts: int) -> Path:
    generator = np.random.default_rng(0)
    for label, count in counts.items():
        (folder / label).mkdir(parents=True)
        for number in range(count):
            pixels = generator.integers(0, 256, (24 + number, 24), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / label / f"patient_{label}_{number}.png")
    return folder


def light_notebook(folder: Path) -> Path:
    """A notebook under a name that has a budget, without TensorFlow: it takes two seconds."""
    new = nbformat.v4.new_code_cell
    cells = [new(PARAMETERS, id="parameters", metadata={"tags": ["parameters"]}), new(LIGHT, id="body")]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    folder.mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), folder / "06_tumor_diagnosis.ipynb")
    return folder / "06_tumor_diagnosis.ipynb"


def written(place: Path) -> list[str]:
    """Everything below reports, and every file below data; images that were decoded stay decoded, whatever follows."""
    data = [path for path in (place / "data").rglob("*") if path.is_file() and "own-images" not in path.parts]
    below = data + list((place / "reports").rglob("*"))
    return sorted(path.relative_to(place).as_posix() for path in below)


def refused(capsys, place: Path, *words: str, progress: bool = False) -> str:
    """Exit status 2, one line (after those of the cells, if any), nothing written; returns the line."""
    before = written(place)
    assert cli.run_command(list(words)) == 2
    captured = capsys.readouterr()
    *lines, last = captured.err.splitlines()
    assert captured.out == "" and last.startswith("medlab: ")
    assert all(progress and re.match(r"\[ *\d+/\d+\] ", line) for line in lines), captured.err
    assert written(place) == before
    return last


@pytest.mark.parametrize(
    ("parameter", "value", "words"),
    [
        ("epohcs", "3", "no parameter 'epohcs'; it has profile, dataset, disease"),
        ("dataset", "breastmnits", "did you mean breastmnist"),
        ("dataset", "", "no dataset given: take one of bace"),
        ("dataset", "breastmnist", "`medlab fetch breastmnist`"),
        ("dataset", "{place}/nowhere", "there is no folder"),
        ("dataset", "{place}/empty", "no images in"),
        ("dataset", "{place}/one", "only one class folder holds images (tumor)"),
        ("dataset", "{place}/one/tumor", "one subfolder per class"),
        ("dataset", "{place}/one/tumor/patient_tumor_0.png", "is a file"),
        ("profile", "fast", "06_tumor_diagnosis has quick and full"),
        ("seed", "one", "a whole number"),
        ("seed", "-1", "from 0 to 4294967295"),
        ("seed", "4294967296", "from 0 to 4294967295"),
        ("output", "{place}/one", "is no run folder: choose another"),
        ("output", f"{CLOSED}/run", "cannot write to the folder of run"),
    ],
)
def test_a_parameter_that_cannot_be_meant(capsys, place, parameter, value, words):
    own_images(place / "one", tumor=4)
    (place / "empty").mkdir()
    assert words in refused(capsys, place, "execute", "06", "-p", parameter, value.format(place=place))


@pytest.mark.parametrize(
    ("variable", "value", "command", "words"),
    [
        ("MEDLAB_THREADS", "zero", "execute 06", "MEDLAB_THREADS is 'zero': it takes a whole number"),
        ("MEDLAB_THREADS", "²", "execute 06", "whole number"),
        ("MEDLAB_REPORTS", CLOSED, "execute 06", "cannot write to the folder of"),
        ("MEDLAB_REPORTS", CLOSED, "site", "cannot write"),
        ("MEDLAB_DATA", CLOSED, "fetch breastmnist", "cannot write breastmnist.npz into the data folder"),
        ("MEDLAB_MIRROR", "/nowhere", "fetch breastmnist", "MEDLAB_MIRROR is '/nowhere': there is no such folder"),
        ("MEDLAB_MIRROR", "", "fetch nonsense", "unknown dataset 'nonsense': known are bace, bbbp, breastmnist"),
        ("MEDLAB_MIRROR", "", "run 99", "no rows for notebook '99': the table has 01_concepts, 02_cnn"),
        (
            "MEDLAB_MIRROR",
            "",
            "run --data public",
            "pneumoniamnist, lc25000-lung, mitdb, breastmnist, uci-heart, esol, zinc, bbbp, bace, tox21: not in the data folder",
        ),
    ],
)
def test_a_command_that_cannot_work(capsys, place, monkeypatch, variable, value, command, words):
    monkeypatch.setenv(variable, value)
    assert words in refused(capsys, place, *command.split())


def test_without_network_or_mirror_every_missing_dataset_has_its_line(capsys, place):
    assert cli.run_command(["fetch", "--public", "wisconsin"]) == 2
    captured = capsys.readouterr()
    lines = dict(line.removeprefix("medlab: ").split(": ", 1) for line in captured.err.splitlines())
    folders = {
        "pneumoniamnist": "medmnist",
        "lc25000-lung": "lc25000_lung",
        "mitdb": "mitdb",
        "breastmnist": "medmnist",
        "uci-heart": "uci_heart_disease",
        "esol": "moleculenet",
        "zinc": "zinc_subset",
        "bbbp": "moleculenet",
        "bace": "moleculenet",
        "tox21": "moleculenet",
    }
    assert list(lines) == list(folders)
    for name, folder in folders.items():
        assert f"put a copy at FOLDER/{folder}/" in lines[name]
    assert captured.out == "wisconsin: nothing to fetch, it is embedded\n"
    assert written(place) == []


def test_the_folder_of_all_reports_is_not_taken_for_a_run(place):
    (place / "reports" / "runs").mkdir(parents=True)
    (place / "reports" / "results.json").write_text('{"rows": []}')  # the record lies there
    with pytest.raises(InputError, match="is no run folder"), staging.staged_folder(place / "reports"):
        pass
    assert (place / "reports" / "runs").is_dir()


def test_the_run_of_another_seed_is_not_evaluated_as_this_one(place):
    run = writing.Run("06_tumor_diagnosis", "Title", "tissue-phantom", "quick", 0, str(place / "run"))
    run.add_limit("Nothing about patients.")
    run.save()
    with pytest.raises(InputError, match="seed"):
        results.require_run("06_tumor_diagnosis", "tissue-phantom", "quick", 3, str(place / "run"))


def spoiled(kind: str, place: Path) -> str:
    """Make data that are bad in one way; the value of ``dataset``."""
    if kind in ("changed", "pickled"):
        name = {"changed": "medmnist/breastmnist.npz", "pickled": "lc25000_lung/lc25000_lung_gray64_built.npz"}[kind]
        (place / "data" / name).parent.mkdir(parents=True)
        keys = ("images", "label", "subtype", "tile_id")
        np.savez(place / "data" / name, **dict.fromkeys(keys, np.array([{}], dtype=object)))
        return "breastmnist" if kind == "changed" else "lc25000-lung-built"
    folder = own_images(place / "images", normal=4, tumor=2 if kind == "few" else 4)
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.png"))
    rows = [f"{file},{number}" for number, file in enumerate(files)]
    if kind == "corrupt":
        (folder / files[5]).write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    elif kind != "few":
        rows = [*rows, f"{files[0]},other"] if kind == "listed twice" else ["normal/nobody.png,0", *rows[1:]]
        (folder / "groups.csv").write_text("\n".join(["file,group", *rows]))
    return str(folder)


@pytest.mark.notebooks
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("changed", "breastmnist.npz is truncated or changed"),
        ("pickled", "cannot be read (pickled objects): get it again with `medlab fetch lc25000-lung-built`"),
        ("corrupt", "1 of 8 images cannot be read: tumor/patient_tumor_1.png"),
        ("few", "class tumor has only 2 images"),
        ("listed twice", "two different groups"),
        ("misnamed", "gives no group for normal/patient_normal_0.png"),
    ],
)
def test_data_that_turn_out_bad(capsys, place, kind, words):
    path = light_notebook(place / "notebooks")
    assert words in refused(capsys, place, "execute", str(path), "-p", "dataset", spoiled(kind, place), progress=True)


@pytest.mark.notebooks
@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({"a": 8, "b": 8, "c": 8}, "two classes"),
        ({"normal": 5, "tumor": 5}, "at least"),
    ],
    ids=["three classes", "five per class"],
)
def test_images_that_the_case_study_cannot_use(capsys, place, counts, words):
    folder = own_images(place / "images", **counts)
    assert words in refused(capsys, place, "execute", "06", "-p", "dataset", str(folder), progress=True)


@pytest.mark.notebooks
def test_07_without_the_run_of_06_names_the_command(capsys, place):
    line = refused(capsys, place, "execute", "07", "-p", "seed", "5", progress=True)
    assert "`medlab execute 06_tumor_diagnosis -p dataset tissue-phantom -p profile quick -p seed 5`" in line


def contents(path: Path) -> bytes:
    """A file and, if it is an archive, the names and contents in it."""
    if not zipfile.is_zipfile(path):
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return b"\n".join(name.encode() + archive.read(name) for name in archive.namelist())


@pytest.mark.notebooks
@pytest.mark.parametrize(
    ("name", "written_as"),
    [
        ("Winterbottom clinic", "{name}"),
        ("Winterbottom clinic", "{place}/{name}/"),
        ("Winterbottom clinic", "~/{name}"),
        ("Winterbottom Kä", "{name}"),
        ('Winterbottom "x"', "{name}"),
    ],
)
def test_no_name_of_a_folder_of_images_is_in_its_run(place, monkeypatch, name, written_as):
    folder = own_images(place / name, normal=4, tumor=4)
    rows = [f"{path.name},winterbottom{number}" for number, path in enumerate(sorted(folder.rglob("*.png")))]
    (folder / "groups.csv").write_text("\n".join(["file,group", *rows]))
    path = light_notebook(place / "notebooks")
    monkeypatch.setenv("HOME", str(place))
    monkeypatch.chdir(place)
    dataset = written_as.format(place=place, name=name)
    assert cli.run_command(["execute", str(path), "-p", "dataset", dataset]) == 0
    monkeypatch.chdir(ROOT)
    assert cli.run_command(["site"]) == 0
    (run,) = (place / "reports" / "runs" / "06_tumor_diagnosis").iterdir()
    assert re.fullmatch("own-images-[0-9a-f]{8}", run.name)
    for file in (file for file in (place / "reports").rglob("*") if file.is_file()):
        assert not re.search(rb"winterbottom|patient_|" + re.escape(str(place).encode()), contents(file), re.I), file
