"""The case study on real images, one quick run per reader: contracts, never levels of a score."""

import pytest

from helpers.report import results

pytestmark = pytest.mark.notebooks

# Diseased test images as published: malignant in BreastMNIST (label 0 in its file), cancer in LC25000 by construction.
BREAST_TEST = {"samples": 156, "groups": 156, "positive": 42}


def test_real_runs_keep_the_contract(real):
    name, reports = real
    for folder in sorted(reports.glob(f"runs/*/{name}/quick-seed0")):
        document = results.load(folder)
        broken = [
            claim["sentence"] for claim in document["claims"] if claim["kind"] == "identity" and not claim["holds"]
        ]
        assert broken == []
        dataset = document["datasets"][0]
        assert not dataset["synthetic"]
        assert dataset["checksum"]
        if name == "breastmnist":
            assert dataset["parts"]["test"] == BREAST_TEST
        else:
            assert dataset["groups_known"]
            assert dataset["parts"]["test"]["groups"] < dataset["parts"]["test"]["samples"]


def test_reports_on_real_data_carry_no_banner_for_synthetic_data(real):
    name, reports = real
    pages = list(reports.glob(f"runs/*/{name}/quick-seed0/report.html"))
    assert len(pages) == 2
    for page in pages:
        assert "Synthetic data:" not in page.read_text(encoding="utf-8")
