"""A bundle gives back the model that was saved, with its preparation, and refuses what is broken."""

import dataclasses
import json
import zipfile

import keras
import numpy as np
import pytest

from helpers import runtime
from helpers.data import catalog
from helpers.data.preparation import Normalization, resize
from helpers.models import cnn
from helpers.runtime import InputError
from helpers.training import bundle, fit


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (6, 40, 40, 1), dtype="uint8")


@pytest.fixture
def model():
    return cnn.tumor_cnn(28, filters=(4, 8), convolutions=1)


@pytest.fixture
def card(images):
    normalization = Normalization.fit(resize(images, 28)).to_dict()
    return bundle.Card(
        size=28,
        normalization=normalization,
        class_names=("normal", "cancer"),
        threshold=0.4,
        recalibration={"kind": "none", "parameters": {}},
        conformal={},
        reading={},
        dataset="fixture",
        checksum="sha256:0",
        notebook="06_tumor_diagnosis",
        profile="quick",
        seed=0,
    )


def test_loaded_bundle_prepares_and_predicts_like_the_original(tmp_path, images, model, card):
    bundle.save_bundle(tmp_path / "model", model, card)
    loaded = bundle.load_bundle(tmp_path / "model")
    prepared = Normalization.from_dict(card.normalization).apply(resize(images, 28))
    np.testing.assert_allclose(loaded.predict(images), fit.predict_probability(model, prepared), atol=1e-7)
    assert loaded.card == card
    np.testing.assert_array_equal(loaded.decide(images), loaded.predict(images) >= 0.4)


def test_the_recalibration_of_the_card_is_applied(tmp_path, images, model, card):
    plain = bundle.load_bundle(bundle.save_bundle(tmp_path / "plain", model, card))
    recalibration = {"kind": "logistic", "parameters": {"slope": 0.5, "intercept": -1.0}, "reason": "tested"}
    other = dataclasses.replace(card, recalibration=recalibration)
    repaired = bundle.load_bundle(bundle.save_bundle(tmp_path / "repaired", model, other))
    before, after = plain.predict(images), repaired.predict(images)
    np.testing.assert_allclose(np.log(after / (1 - after)), 0.5 * np.log(before / (1 - before)) - 1, atol=1e-6)


def test_a_bundle_belongs_to_the_data_it_was_trained_on(tmp_path, model, card):
    data = catalog.load("tissue-phantom", maximum=20)
    own = dataclasses.replace(card, checksum=data.source.checksum)
    loaded = bundle.load_bundle(bundle.save_bundle(tmp_path / "model", model, own))
    assert loaded.require_data(data) is loaded
    other = dataclasses.replace(data, source=dataclasses.replace(data.source, checksum="sha256:1"))
    with pytest.raises(InputError, match="not the data that the model was trained on"):
        loaded.require_data(other)


def test_saving_again_replaces_and_leaves_nothing_half_written(tmp_path, model, card):
    bundle.save_bundle(tmp_path / "model", model, card)
    bundle.save_bundle(tmp_path / "model", model, card)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model"]
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == ["model.json", "model.keras"]


def test_broken_bundles_are_refused_in_one_line(tmp_path, model, card):
    with pytest.raises(InputError, match="no model.json"):
        bundle.load_bundle(tmp_path)
    folder = bundle.save_bundle(tmp_path / "model", model, card)
    (folder / "model.keras").write_bytes(b"not a model")
    with pytest.raises(InputError, match="model.keras") as caught:
        bundle.load_bundle(folder)
    assert "\n" not in str(caught.value)
    for wrong in ({"kind": "magic", "parameters": {}}, {"kind": "temperature", "parameters": {}}, {}):
        content = {"format": bundle.FORMAT, **dataclasses.asdict(card), "recalibration": wrong}
        (folder / "model.json").write_text(json.dumps(content))
        with pytest.raises(InputError, match="incomplete"):
            bundle.load_bundle(folder)
    (folder / "model.json").write_text(json.dumps({"format": bundle.FORMAT, "size": 28}))
    with pytest.raises(InputError, match="incomplete"):
        bundle.load_bundle(folder)
    (folder / "model.json").write_text(json.dumps({"format": 99}))
    with pytest.raises(InputError, match="another version"):
        bundle.load_bundle(folder)


def test_code_inside_a_model_file_is_refused(tmp_path, card):
    inputs = keras.Input((28, 28, 1))
    hidden = keras.layers.Lambda(lambda value: value * 2)(inputs)
    flat = keras.layers.GlobalAveragePooling2D()(hidden)
    hostile = keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(flat))
    folder = bundle.save_bundle(tmp_path / "model", hostile, card)
    assert zipfile.is_zipfile(folder / "model.keras")
    with pytest.raises(InputError, match="cannot be loaded"):
        bundle.load_bundle(folder)
