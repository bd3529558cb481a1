"""What tests of reports share: whether a figure holds all of its words, and a finished evaluation without running one.

The evaluation comes as documents, and as run folders made of them, for any dataset of the catalog.
"""

import copy
import hashlib
import json
import zipfile
from dataclasses import asdict

import nbformat
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from helpers.budgets import load_budget
from helpers.data import catalog
from helpers.report import notebooks
from helpers.report.checklists.evidence import Evidence
from helpers.report.checklists.gathering import EVALUATION, TRAINING, gather
from helpers.report.figures import png

ENVIRONMENT = {"python": "3.11", "tensorflow": "2", "keras": "3", "numpy": "2", "platform": "any", "threads": 1}
MEASURES = ("accuracy", "sensitivity", "specificity", "precision", "f1", "auroc", "auprc", "brier")
THRESHOLD = 0.4321
WEIGHTS = b"the weights of a network"


@pytest.fixture
def assert_inside():
    """Check that title, labels and legends (and, if asked, texts) lie inside a figure, and that it can be a PNG."""

    def check(figure, texts: bool = False) -> None:
        FigureCanvasAgg(figure).draw()
        parts = [figure._suptitle, *figure.legends]
        for axes in figure.axes:
            drawn = [axes.xaxis.label, axes.yaxis.label, *(axes.texts if texts else ())] if axes.axison else []
            parts += [axes.title, *drawn]
        for extent in [part.get_window_extent() for part in parts if not hasattr(part, "get_text") or part.get_text()]:
            assert extent.x0 >= -1 and extent.y0 >= -1
            assert extent.x1 <= figure.bbox.x1 + 1 and extent.y1 <= figure.bbox.y1 + 1
        assert png(figure).startswith(b"\x89PNG")

    return check


def estimate(name, label, value, low, high, model="network", split="test"):
    return {
        "name": name,
        "label": label,
        "kind": "estimate",
        "value": value,
        "low": low,
        "high": high,
        "method": "Wilson, design effect",
        "n": 200,
        "groups": 20,
        "seeds": 1,
        "seed_sd": None,
        "split": split,
        "unit": "",
        "model": model,
    }


def dataset_document(variant):
    parts = {
        "train": {"samples": 600, "groups": 60, "positive": 150},
        "validation": {"samples": 200, "groups": 20, "positive": 50},
        "test": {"samples": 200, "groups": 20, "positive": 90},
    }
    known = {"name": variant, "checksum": f"sha256:{variant}", "task": "binary", "parts": parts}
    if variant not in catalog.names():
        own = {"title": "Own images", "licence": "not stated", "citation": "not stated", "synthetic": False}
        return known | own | {"group": "image", "groups_known": False}
    entry = catalog.describe(variant)
    said = ("title", "licence", "citation", "synthetic", "group", "groups_known")
    return known | {name: getattr(entry, name) for name in said}


def run_document(notebook, title, variant):
    return {
        "schema_version": 1,
        "notebook": notebook,
        "title": title,
        "variant": variant,
        "profile": "quick",
        "seed": 3,
        "environment": dict(ENVIRONMENT),
        "datasets": [dataset_document(variant)],
        "metrics": [],
        "claims": [],
        "limits": ["Nothing about other hospitals.", "Nothing about doctors."],
    }


def evaluation_document(variant):
    document = run_document(EVALUATION, "Tumor evaluation", variant)
    document["metrics"] = [estimate(f"test_{name}", f"{name}, test", 0.8, 0.75, 0.86) for name in MEASURES]
    document["metrics"] += [
        estimate("test_auroc_histogram", "auroc, test", 0.6, 0.5, 0.7, model="histogram"),
        estimate("calibration_slope", "Calibration slope, test", 0.9, 0.7, 1.1),
        estimate("calibration_intercept", "Calibration intercept, test", 0.1, -0.2, 0.4),
        estimate("auroc_difference", "AUROC, network minus histogram", 0.2, 0.1, 0.3),
    ]
    document["claims"] = [
        {"name": "bundle_reproduces", "sentence": "The bundle is the same.", "kind": "identity", "holds": True},
        {"name": "beats", "sentence": "The network is better than the histogram.", "kind": "finding", "holds": True},
    ]
    return document | {"headline": "test_auroc"}


def training_document(variant):
    document = run_document(TRAINING, "Tumor diagnosis", variant)
    document["metrics"] = [
        {"name": "parameters", "label": "Parameters", "kind": "exact", "value": 1234.0, "unit": ""},
        estimate("validation_auroc", "AUROC, validation", 0.85, 0.8, 0.9, split="validation"),
        estimate("network_random_split", "AUROC, random", 0.9, 0.85, 0.95, split="validation"),
        estimate("network_group_split", "AUROC, by group", 0.7, 0.6, 0.8, split="validation"),
    ]
    document["claims"] = [
        {"name": "no_group_on_two_sides", "sentence": "No group on two sides.", "kind": "identity", "holds": True}
    ]
    return document


def card_document(variant):
    names = catalog.describe(variant).class_names if variant in catalog.names() else ("normal", "tumor")
    return {
        "format": 2,
        "size": 28,
        "normalization": {"mean": 120.5, "scale": 40.25},
        "class_names": list(names),
        "threshold": THRESHOLD,
        "recalibration": {"kind": "temperature", "parameters": {"temperature": 1.25}},
        "conformal": {},
        "dataset": variant,
        "checksum": f"sha256:{variant}",
        "notebook": TRAINING,
        "profile": "quick",
        "seed": 3,
    }


def executed_notebook(name, variant):
    """The notebook of this checkout as if it had been executed: its cells, and what the executor records."""
    notebook = copy.deepcopy(notebooks.read(notebooks.find(name)))
    notebook.metadata["medlab"] = {
        "fingerprint": {key: hashlib.sha256(key.encode()).hexdigest() for key in ("notebook", "helpers", "lock")},
        "sizes": vars(load_budget(name, "quick", variant)),
    }
    return notebook


def write_evaluation(reports, variant="tissue-phantom"):
    """The two run folders of an evaluation; returns that of the evaluation."""
    made = {EVALUATION: evaluation_document(variant), TRAINING: training_document(variant)}
    for name, document in made.items():
        folder = reports / "runs" / name / variant / "quick-seed3"
        folder.mkdir(parents=True)
        (folder / "results.json").write_text(json.dumps(document), encoding="utf-8")
        (folder / "report.html").write_text("<p>report</p>", encoding="utf-8")
        nbformat.write(executed_notebook(name, variant), folder / "executed.ipynb")
    model = reports / "runs" / TRAINING / variant / "quick-seed3" / "model"
    model.mkdir()
    (model / "model.json").write_text(json.dumps(card_document(variant)), encoding="utf-8")
    with zipfile.ZipFile(model / "model.keras", "w") as archive:
        archive.writestr("model.weights.h5", WEIGHTS)
    folder = reports / "runs" / EVALUATION / variant / "quick-seed3"
    np.savez(folder / "predictions.npz", models=np.array(["network"]), thresholds=np.array([THRESHOLD]))
    return folder


@pytest.fixture
def add_evaluation(tmp_path):
    """Make the run folders of an evaluation below ``tmp_path``."""

    def add(variant="tissue-phantom"):
        return write_evaluation(tmp_path, variant)

    return add


@pytest.fixture(scope="session")
def evidence_of(tmp_path_factory):
    """Evidence of an evaluation on any dataset; the documents are read once."""
    read = {}

    def gathered(variant="tissue-phantom"):
        if variant not in read:
            read[variant] = gather(write_evaluation(tmp_path_factory.mktemp("reports"), variant))
        return Evidence(copy.deepcopy(read[variant].documents))

    return gathered


@pytest.fixture(scope="session")
def catalog_entry():
    """A catalog entry as the evidence holds it."""
    return lambda name: asdict(catalog.describe(name))
