"""Encoders of keras.applications: gray images, weights from files, and one line when a file or a network is missing."""

import socket
import urllib.error

import h5py
import keras
import numpy as np
import pytest

from helpers import runtime
from helpers.models.pretrained import SCALES, pretrained_encoder, unfreeze
from helpers.runtime import InputError

NAME, SHAPE = "MobileNetV3Small", (32, 32, 1)


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (2, *SHAPE)).astype("float32")


@pytest.fixture(scope="module")
def trained():
    """A network as somebody else could have trained it: no weight is where it starts."""
    runtime.configure(1)
    network = keras.applications.MobileNetV3Small(
        include_top=False, pooling="avg", weights=None, input_shape=(32, 32, 3)
    )
    generator = np.random.default_rng(1)
    network.set_weights([value + generator.uniform(0.01, 0.05, value.shape) for value in network.get_weights()])
    return network


def save_as_in_the_cache(network, path):
    from keras.src.legacy.saving import legacy_h5_format

    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, network)


def answers(model, pictures):
    return np.asarray(model(pictures, training=False))


def moved_by_one_step(encoder, pictures):
    """Which weights one step changes: ``gamma`` and the like of batch normalization, ``other``."""
    before = [weight.numpy() for weight in encoder.weights]
    encoder.compile("sgd", "mse")
    encoder.train_on_batch(pictures, np.ones((len(pictures), 576)))
    changed = [not np.array_equal(old, weight.numpy()) for old, weight in zip(before, encoder.weights, strict=True)]
    names = [weight.name if "_bn/" in weight.path else "other" for weight in encoder.weights]
    return [name for name, moved in zip(names, changed, strict=True) if moved]


FILES = [
    ("other.weights.h5", keras.Model.save_weights),
    pytest.param("other.keras", keras.Model.save, marks=pytest.mark.notebooks),
    pytest.param("other_notop.h5", save_as_in_the_cache, marks=pytest.mark.notebooks),
]


@pytest.mark.parametrize(("file", "save"), FILES)
def test_weights_of_a_file_give_the_answers_of_the_network_that_wrote_it(file, save, trained, images, tmp_path):
    save(trained, tmp_path / file)
    encoder = pretrained_encoder(NAME, tmp_path / file, SHAPE)
    assert np.array_equal(answers(encoder, images), answers(trained, np.repeat(images, 3, axis=3)))
    assert encoder.output_shape == (None, 576) and not encoder.trainable_weights


@pytest.mark.notebooks
def test_the_classifier_in_a_file_is_left_out(images, tmp_path):
    whole = keras.applications.MobileNetV3Small(weights=None, input_shape=(32, 32, 3), classes=2)
    whole.save_weights(tmp_path / "whole.weights.h5")
    pooled = keras.Model(
        whole.input, keras.layers.GlobalAveragePooling2D()(whole.get_layer("expanded_conv_10_add").output)
    )
    encoder = pretrained_encoder(NAME, tmp_path / "whole.weights.h5", SHAPE)
    before_last = keras.Model(
        encoder.layers[-1].input,
        keras.layers.GlobalAveragePooling2D()(encoder.layers[-1].get_layer("expanded_conv_10_add").output),
    )
    colors = np.repeat(images, 3, axis=3)
    assert np.array_equal(answers(before_last, colors), answers(pooled, colors))


@pytest.mark.notebooks
def test_an_encoder_stores_weights_that_it_takes_back(images, tmp_path):
    first = pretrained_encoder(NAME, None, SHAPE)
    first.layers[-1].save_weights(tmp_path / "mine.weights.h5")
    second = pretrained_encoder(NAME, str(tmp_path / "mine.weights.h5"), SHAPE)
    assert np.array_equal(answers(first, images), answers(second, images))
    second.save(tmp_path / "whole.keras")
    again = keras.saving.load_model(tmp_path / "whole.keras", safe_mode=True)
    assert np.array_equal(answers(first, images), answers(again, images))


@pytest.mark.notebooks
def test_an_opened_encoder_keeps_the_statistics_that_came_with_its_weights(trained, images, tmp_path):
    trained.save_weights(tmp_path / "other.weights.h5")
    frozen = pretrained_encoder(NAME, tmp_path / "other.weights.h5", SHAPE)
    assert not frozen.trainable_weights
    unfreeze(frozen)
    opened = pretrained_encoder(NAME, tmp_path / "other.weights.h5", SHAPE, trainable=True)
    assert len(frozen.trainable_weights) == len(opened.trainable_weights)
    moved = moved_by_one_step(opened, images)
    assert "other" in moved and set(moved) == {"other"}


@pytest.mark.notebooks
def test_without_weights_statistics_are_learned(images):
    moved = moved_by_one_step(pretrained_encoder(NAME, None, SHAPE, trainable=True), images)
    assert {"other", "gamma", "moving_mean", "moving_variance"} <= set(moved)


@pytest.mark.notebooks
@pytest.mark.parametrize(
    ("name", "family", "parameters"),
    [
        ("MobileNetV3Small", "mobilenet_v3", 939_120),
        ("EfficientNetV2B0", "efficientnet_v2", 5_919_312),
        ("DenseNet121", "densenet", 7_037_504),
        ("ResNet50V2", "resnet_v2", 23_564_800),
        ("ConvNeXtTiny", "convnext", 27_820_128),
    ],
)
def test_pixels_are_scaled_as_each_family_says(name, family, parameters, images):
    assert name in SCALES
    encoder = pretrained_encoder(name, None, SHAPE)
    scaled = getattr(keras.applications, family).preprocess_input(np.repeat(images, 3, axis=3))
    assert answers(encoder, images) == pytest.approx(answers(encoder.layers[-1], scaled), rel=1e-4, abs=1e-5)
    assert encoder.count_params() == parameters


@pytest.fixture
def one_line_about():
    def check(words, *arguments):
        with pytest.raises(InputError, match=words) as raised:
            pretrained_encoder(*arguments)
        assert "\n" not in str(raised.value)
        return str(raised.value)

    return check


@pytest.mark.notebooks
def test_files_that_do_not_fit_give_one_line(one_line_about, trained, tmp_path):
    other = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    other.save(tmp_path / "dense.keras")
    one_line_about("do not fit MobileNetV3Small", NAME, tmp_path / "dense.keras", SHAPE)
    trained.save_weights(tmp_path / "small.weights.h5")
    one_line_about("do not fit ResNet50V2", "ResNet50V2", tmp_path / "small.weights.h5", SHAPE)
    whole = (tmp_path / "small.weights.h5").read_bytes()
    for name in ("cut.weights.h5", "cut.keras", "cut.h5"):
        (tmp_path / name).write_bytes(whole[: len(whole) // 2])
        one_line_about(f"{name}: no Keras weights file, or a broken one", NAME, tmp_path / name, SHAPE)


def test_files_that_are_none_give_one_line(one_line_about, tmp_path):
    one_line_about("no such weights file", NAME, tmp_path / "missing.weights.h5", SHAPE)
    for name, words in (("weights.npz", "ends in .weights.h5, .keras or .h5"), ("junk.weights.h5", "or a broken one")):
        (tmp_path / name).write_bytes(b"junk")
        one_line_about(words, NAME, tmp_path / name, SHAPE)


@pytest.mark.parametrize(
    ("raised", "reason"),
    [
        (urllib.error.URLError(OSError(-2, "Name or service not known")), "Name or service not known"),
        pytest.param(TimeoutError("timed out"), "timed out", marks=pytest.mark.notebooks),
        pytest.param(
            urllib.error.HTTPError("address", 403, "Forbidden", None, None), "Forbidden", marks=pytest.mark.notebooks
        ),
    ],
)
def test_a_missing_network_gives_one_line_and_no_address(raised, reason, one_line_about, monkeypatch, tmp_path, capfd):
    patience = []

    def no_network(*arguments):
        patience.append(socket.getdefaulttimeout())
        raise raised

    # All of Keras' own download runs, except for the last step into the network.
    monkeypatch.setattr("keras.src.utils.file_utils.urlretrieve", no_network)
    monkeypatch.setattr("keras.src.utils.file_utils.config.keras_home", lambda: str(tmp_path))
    message = one_line_about(
        f"cannot be downloaded .*{reason}.*: without a network give the path", NAME, "imagenet", SHAPE
    )
    assert "http" not in message and patience and 0 < patience[0] <= 60
    assert socket.getdefaulttimeout() is None and keras.config.is_interactive_logging_enabled()
    assert not any(path.is_file() for path in tmp_path.rglob("*")) and capfd.readouterr().out == ""


def test_unknown_names_and_shapes(one_line_about):
    one_line_about("unknown encoder 'GPT': choose one of MobileNetV3Small, EfficientNetV2B0", "GPT", None, SHAPE)
    one_line_about("at least 32 pixels", NAME, None, (28, 28, 1))
    one_line_about("take gray ones", NAME, None, (64, 64, 3))
