"""Execute the notebooks once per test run, through the command line that people use."""

import os
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
    """Reports of 06 and 07 on a folder of images whose names must not travel."""
    folder = tmp_path_factory.mktemp("clinic_of_dr_winterbottom")
    tiles = catalog.load("tissue-phantom", maximum=200)
    rows = []
    for number, (image, target, group) in enumerate(zip(tiles.inputs, tiles.targets, tiles.groups, strict=True)):
        name = f"wimple_{group:03d}_{number}.png"
        place = folder / ("suspicious" if target else "healthy")
        place.mkdir(exist_ok=True)
        Image.fromarray(image[..., 0]).resize((80, 72)).save(place / name)
        rows.append({"file": name, "group": f"wimple_{group:03d}"})
    pd.DataFrame(rows).to_csv(folder / "groups.csv", index=False)
    reports = tmp_path_factory.mktemp("own")
    for notebook in ("06", "07"):
        answer = medlab("execute", notebook, "-p", "dataset", folder, reports=reports)
        assert answer.returncode == 0, answer.stdout + answer.stderr
    return reports


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
