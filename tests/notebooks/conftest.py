"""Execute the notebooks once per test run, through the command line that people use."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from helpers.data import catalog
from helpers.runtime import project_root

# Loaded by every Python process of a run: a notebook that reaches for the network fails here and not on the road.
BLOCK_SOCKETS = """
import socket

original = socket.socket.connect


def connect(self, address):
    if self.family in (socket.AF_INET, socket.AF_INET6):
        raise OSError("a notebook reached for the network")
    return original(self, address)


socket.socket.connect = connect
"""


def medlab(*words, reports: Path, **environment) -> subprocess.CompletedProcess:
    """Run the command line as a user would, with its reports elsewhere."""
    return subprocess.run(
        [sys.executable, "-m", "helpers.cli", *map(str, words)],
        cwd=project_root(),
        env={**os.environ, "MEDLAB_REPORTS": str(reports), **environment},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


@pytest.fixture(scope="session")
def command():
    """The command line, for tests that run a notebook of their own."""
    return medlab


@pytest.fixture(scope="session")
def suite(tmp_path_factory):
    """All embedded rows in the quick profile, two jobs at a time."""
    reports = tmp_path_factory.mktemp("suite")
    before = tree_state()
    answer = medlab("run", "--data", "embedded", "--profile", "quick", "--cores", 2, reports=reports)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert tree_state() == before, "executing notebooks changed the working tree"
    return reports


@pytest.fixture(scope="session")
def offline_again(tmp_path_factory):
    """06 a second time, in a process of its own, with sockets blocked."""
    reports = tmp_path_factory.mktemp("again")
    patch = tmp_path_factory.mktemp("sitecustomize")
    (patch / "sitecustomize.py").write_text(BLOCK_SOCKETS)
    path = os.pathsep.join([str(patch), *filter(None, [os.environ.get("PYTHONPATH")])])
    answer = medlab("execute", "06", reports=reports, PYTHONPATH=path)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return reports


@pytest.fixture(scope="session")
def own_images(tmp_path_factory):
    """Reports of 06 and 07 on a table of images whose names must not travel, nor their pictures."""
    folder = tmp_path_factory.mktemp("clinic_of_dr_winterbottom")
    tiles = catalog.load("tissue-phantom", maximum=200)
    rows = []
    for number, (image, target, group) in enumerate(zip(tiles.inputs, tiles.targets, tiles.groups, strict=True)):
        name = f"wimple_{group:03d}_{number}.png"
        Image.fromarray(image[..., 0]).resize((80, 72)).save(folder / name)
        label = ("healthy", "suspicious")[target]
        rows.append({"path": name, "label": label, "group": f"wimple_{group:03d}", "site": f"wimple_{group % 2}"})
    (folder / "wimple_broken.png").write_bytes(b"no image")
    rows.append({"path": "wimple_broken.png", "label": "healthy", "group": "wimple_000", "site": "wimple_0"})
    table = folder / "winterbottom_list.csv"
    pd.DataFrame(rows).to_csv(table, index=False)
    reports = tmp_path_factory.mktemp("own")
    places = {"reports": reports, "MEDLAB_DATA": str(tmp_path_factory.mktemp("own_data"))}
    for words in (
        ("06", "-p", "dataset", table, "--skip-unreadable"),
        ("07", "-p", "dataset", table, "-p", "external", table),
    ):
        answer = medlab("execute", *words, "-p", "show_images", "false", **places)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        assert ("left out: wimple_broken.png" in answer.stderr) == ("06" in words)
    return reports


@pytest.fixture(scope="session")
def readme_example(tmp_path_factory):
    """The section of the README on one's own images, run exactly as it is written; folder and reports."""
    text = (project_root() / "README.md").read_text(encoding="utf-8")
    section = text.split("## Bring your own images")[1].split("\n## ")[0]
    blocks = re.findall(r"^```(python|sh)\n(.*?)^```", section, re.M | re.S)
    assert [kind for kind, _ in blocks] == ["python", "sh"]
    place = tmp_path_factory.mktemp("readme")
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "MEDLAB_REPORTS": str(place / "reports"),
        "MEDLAB_DATA": str(place / "data"),
    }
    outputs = []
    for kind, code in blocks:
        command = [sys.executable, "-c", code] if kind == "python" else ["bash", "-euc", code]
        answer = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, timeout=900)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        outputs.append(answer.stdout)
    return place, outputs[-1]


def tree_state() -> str:
    return subprocess.run(
        ["git", "status", "--porcelain", "--untracked-files=all"],
        cwd=project_root(),
        capture_output=True,
        text=True,
        check=False,
    ).stdout


@pytest.fixture(scope="session", params=["breastmnist", "lc25000-lung"])
def real(request, tmp_path_factory):
    """Reports of 06 and 07 on a real dataset, fetched from the mirror."""
    if not os.environ.get("MEDLAB_MIRROR"):
        pytest.skip("MEDLAB_MIRROR is not set: no real data to run on")
    reports = tmp_path_factory.mktemp("real")
    data = {"MEDLAB_DATA": str(tmp_path_factory.mktemp("data"))}
    fetched = medlab("fetch", request.param, reports=reports, **data)
    assert fetched.returncode == 0, fetched.stderr
    for notebook in ("06", "07"):
        answer = medlab("execute", notebook, "-p", "dataset", request.param, reports=reports, **data)
        assert answer.returncode == 0, answer.stdout + answer.stderr
    return request.param, reports
