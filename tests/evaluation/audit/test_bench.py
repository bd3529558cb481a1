"""The bench: planted defects must be found, clean data must not alarm. Its seed is none that a threshold was set with."""

import os
import time
from collections import Counter
from dataclasses import replace

import clean
import defects
import material
import numpy as np
import pytest

from helpers.evaluation.audit import audit_dataset

SEED = 2026
MAY_BE_MISSED = 1 / 30  # 29 of 30
SECONDS = 60.0  # for 5,000 images, which take about 3 seconds of one core: generous, for a busy machine


@pytest.mark.notebooks
def test_planted_defects_are_found():
    missed = [defect.name for defect in defects.DEFECTS if not defects.found(defect, SEED)]
    assert len(missed) <= MAY_BE_MISSED * len(defects.DEFECTS), missed


@pytest.mark.notebooks
def test_clean_data_raise_no_severe_alarm():
    alarms = {
        variant.__name__: [finding.check for finding in variant(SEED).by_severity("severe")] for variant in clean.CLEAN
    }
    assert {name: checks for name, checks in alarms.items() if checks} == {}


def test_the_bench_is_large_and_its_defects_differ():
    assert len(defects.DEFECTS) >= 30
    assert len(clean.CLEAN) >= 20
    assert max(Counter(defect.name for defect in defects.DEFECTS).values()) == 1
    assert max(Counter(variant.__name__ for variant in clean.CLEAN).values()) == 1


@pytest.mark.parametrize(
    "name", ["zero_for_not_measured", "rows_in_train_and_test", "treatment_gives_the_answer", "scaled_on_everything"]
)
def test_some_defects_at_once(name):
    (defect,) = (defect for defect in defects.DEFECTS if defect.name == name)
    assert defects.found(defect, SEED + 1)


@pytest.mark.notebooks
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="needs a core to itself")
def test_five_thousand_images_in_seconds():
    data = material.tiles(SEED, patients=50, per_patient=5)
    generator = np.random.default_rng(SEED)
    copies = np.repeat(data.inputs, 20, axis=0)
    noisy = np.clip(copies + generator.normal(0, 20, copies.shape), 0, 255).astype(np.uint8)
    many = replace(
        data,
        inputs=noisy,
        targets=np.repeat(data.targets, 20),
        groups=np.repeat(data.groups, 20),
        split=np.repeat(data.split, 20),
        sites=None,
        truth={},
    )
    began = time.perf_counter()
    audit_dataset(many)
    assert time.perf_counter() - began < SECONDS
