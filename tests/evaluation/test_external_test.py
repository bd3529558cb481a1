"""Images of another place: read as the model's own were, scored with everything fixed, looked up among the known."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from helpers.data import catalog
from helpers.evaluation.external_test import evaluate_external
from helpers.evaluation.intervals import metric_intervals
from helpers.runtime import InputError


@dataclass
class BrightnessModel:
    """Stands in for a bundle: the probability is the mean gray value."""

    card: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(threshold=0.5, reading={"disease": "tumor"}))

    def predict(self, images: np.ndarray) -> np.ndarray:
        return np.asarray(images).mean(axis=(1, 2, 3)) / 255


@pytest.fixture(autouse=True)
def own_data(monkeypatch, tmp_path):
    monkeypatch.setenv("MEDLAB_DATA", str(tmp_path / "data"))


@pytest.fixture(scope="module")
def known():
    return catalog.load("tissue-phantom", maximum=60)


def write(folder, label, images):
    (folder / label).mkdir(parents=True)
    for number, image in enumerate(images):
        Image.fromarray(image).save(folder / label / f"{number}.png")


@pytest.fixture
def elsewhere(tmp_path):
    """Twelve bright images of tumor and twelve dark ones of tissue that is not called normal, 80 pixels wide."""
    generator = np.random.default_rng(5)
    folder = tmp_path / "elsewhere"
    write(folder, "other", generator.integers(0, 100, (12, 80, 80), dtype=np.uint8))
    write(folder, "tumor", generator.integers(160, 256, (12, 80, 80), dtype=np.uint8))
    return folder


def test_nothing_is_opened_where_nothing_is_given(known):
    assert evaluate_external(BrightnessModel(), "", known) is None


def test_images_are_read_as_the_models_own_and_scored_at_its_threshold(known, elsewhere):
    found = evaluate_external(BrightnessModel(), str(elsewhere), known, resamples=100)
    assert found.dataset.inputs.shape == (24, 64, 64, 1)
    assert set(found.dataset.split) == {"test"}
    assert found.dataset.class_names == ("other", "tumor")
    assert found.scores.value["auroc"] == 1.0 and found.scores.value["sensitivity"] == 1.0
    again = metric_intervals(found.dataset.targets, found.probability, found.dataset.groups, 0.5, resamples=100)
    assert found.scores.equals(again)
    assert found.copied == 0


def test_images_that_the_model_may_have_seen_are_counted(known, elsewhere):
    seen = [known.inputs[known.targets == 1][number, ..., 0] for number in (3, 4)]
    turned = np.rot90(seen[1])
    write(elsewhere, "tumor/again", [seen[0], turned, turned])  # the turned one twice: both were seen
    assert evaluate_external(BrightnessModel(), str(elsewhere), known, resamples=100).copied == 3


def test_a_kind_of_disease_that_is_not_there_is_not_missed(known, elsewhere):
    model = BrightnessModel()
    model.card.reading = {"disease": "tumor, carcinoma"}
    found = evaluate_external(model, str(elsewhere), known, resamples=100)
    assert found.dataset.targets.sum() == 12


def test_what_cannot_be_read_is_left_out_on_request_only(known, elsewhere):
    (elsewhere / "tumor" / "bad.png").write_bytes(b"no image")
    with pytest.raises(InputError, match="--skip-unreadable"):
        evaluate_external(BrightnessModel(), str(elsewhere), known, resamples=100)
    found = evaluate_external(BrightnessModel(), str(elsewhere), known, resamples=100, skip_unreadable=True)
    assert len(found.dataset) == 24


def test_one_class_measures_nothing(known, tmp_path):
    write(tmp_path / "one", "tumor", np.zeros((4, 64, 64), np.uint8))
    with pytest.raises(InputError):
        evaluate_external(BrightnessModel(), str(tmp_path / "one"), known)
