"""Autoencoders: sizes, parameters counted by hand, the right weights move, both terms of the variational loss."""

import keras
import numpy as np
import pytest

from helpers import runtime
from helpers.models import autoencoder
from helpers.runtime import InputError


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def pictures(count=8, side=8, seed=0):
    return np.random.default_rng(seed).normal(size=(count, side, side, 1)).astype("float32")


def convolutional():
    return autoencoder.convolutional_autoencoder(8, 3, (4, 6))


def wide():
    return autoencoder.wide_autoencoder(8, (4, 6))


def variational(**changes):
    return autoencoder.variational_autoencoder(8, 3, (4, 6), **({"pixel_variance": 0.5, "seed": 1} | changes))


CONVOLUTIONS = (9 * 1 * 4 + 4) + (9 * 4 * 6 + 6)
TRANSPOSED = (9 * 6 * 4 + 4) + (9 * 4 * 1 + 1)
TO_CODE, FROM_CODE = 24 * 3 + 3, 3 * 24 + 24  # 2 x 2 x 6 values at the narrowest


@pytest.mark.parametrize(
    ("build", "parameters"),
    [
        (convolutional, CONVOLUTIONS + TO_CODE + FROM_CODE + TRANSPOSED),
        (wide, CONVOLUTIONS + TRANSPOSED),
        (variational, CONVOLUTIONS + 2 * TO_CODE + FROM_CODE + TRANSPOSED),
    ],
)
def test_parameters_counted_by_hand(build, parameters):
    model = build()
    assert sum(int(np.prod(weight.shape)) for weight in model.trainable_weights) == parameters
    assert np.shape(model(pictures())) == (8, 8, 8, 1)


@pytest.mark.parametrize("build", [convolutional, wide])
def test_encoder_and_decoder_are_models_of_their_own(build):
    model = build()
    encoder, decoder = model.get_layer("encoder"), model.get_layer("decoder")
    code = encoder(pictures())
    assert code.shape[1:] == ((3,) if build is convolutional else (2, 2, 6))
    np.testing.assert_allclose(decoder(code), model(pictures()), atol=1e-6)


def test_linear_autoencoder_is_two_matrices():
    model = autoencoder.linear_autoencoder(5, 2, "float64")
    down, up = model.get_weights()
    samples = np.random.default_rng(0).normal(size=(7, 5))
    assert (down.shape, up.shape, model.count_params()) == ((5, 2), (2, 5), 20)
    np.testing.assert_allclose(model(samples), samples @ down @ up, atol=1e-12)


@pytest.mark.parametrize(
    "call",
    [
        lambda: autoencoder.linear_autoencoder(5, 6),
        lambda: autoencoder.linear_autoencoder(5, 0),
        lambda: autoencoder.convolutional_autoencoder(10, 3),
        lambda: autoencoder.convolutional_autoencoder(8, 0),
        lambda: autoencoder.wide_autoencoder(8, ()),
        lambda: autoencoder.variational_autoencoder(8, 3, pixel_variance=0.0),
    ],
)
def test_impossible_sizes_are_refused(call):
    with pytest.raises(InputError):
        call()


def train(model, steps, rate=0.01):
    """The same batch over and over, in one call: tracing costs more than the steps."""
    batches = np.concatenate([pictures()] * steps)
    loss = None if isinstance(model, autoencoder.VariationalAutoencoder) else "mse"
    model.compile(keras.optimizers.Adam(rate), loss)
    model.fit(batches, batches if loss else None, batch_size=8, epochs=1, shuffle=False, verbose=0)


def loss_of(model):
    if isinstance(model, autoencoder.VariationalAutoencoder):
        return float(sum(model.loss_terms(pictures(), np.zeros((8, 3), "float32"))))
    return float(np.mean((np.asarray(model(pictures())) - pictures()) ** 2))


@pytest.mark.parametrize("build", [convolutional, wide, variational])
def test_learns_one_batch(build):
    model = build()
    before = loss_of(model)
    train(model, 150)
    assert loss_of(model) < 0.7 * before


@pytest.mark.parametrize("build", [convolutional, wide, variational])
def test_one_step_moves_every_weight_and_leaves_a_frozen_encoder(build):
    model = build()
    before = [weight.numpy() for weight in model.trainable_weights]
    train(model, 1)
    after = [weight.numpy() for weight in model.trainable_weights]
    assert all(np.abs(new - old).max() > 0 for new, old in zip(after, before, strict=True))
    encoder, decoder = model.get_layer("encoder"), model.get_layer("decoder")
    encoder.trainable = False
    before = encoder.get_weights(), decoder.get_weights()
    train(model, 1)
    assert all(np.array_equal(new, old) for new, old in zip(encoder.get_weights(), before[0], strict=True))
    assert all(np.abs(new - old).max() > 0 for new, old in zip(decoder.get_weights(), before[1], strict=True))


@pytest.mark.parametrize("build", [convolutional, wide, variational])
def test_saved_and_loaded_gives_the_same_pictures(build, tmp_path):
    model = build()
    train(model, 1)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(loaded(pictures()), model(pictures()))
    if build is variational:
        assert loaded.pixel_variance == model.pixel_variance


def test_both_terms_of_the_variational_loss():
    model = variational()
    noise = np.random.default_rng(3).normal(size=(8, 3)).astype("float32")
    mean, log_variance = (np.asarray(part, dtype=float) for part in model.encoder(pictures()))
    answer = np.asarray(model.decoder((mean + np.exp(log_variance / 2) * noise).astype("float32")))
    reconstruction, divergence = (float(term) for term in model.loss_terms(pictures(), noise))
    assert reconstruction == pytest.approx(np.sum((pictures() - answer) ** 2) / 8 / (2 * 0.5), rel=1e-5)
    expected = 0.5 * np.sum(np.exp(log_variance) + mean**2 - 1 - log_variance) / 8
    assert divergence == pytest.approx(expected, rel=1e-5)


def test_a_code_equal_to_the_prior_costs_nothing():
    model = variational()
    for name in ("mean", "log_variance"):
        layer = model.encoder.get_layer(name)
        layer.set_weights([np.zeros_like(weight) for weight in layer.get_weights()])
    assert float(model.loss_terms(pictures(), np.zeros((8, 3), "float32"))[1]) == 0


def test_noise_comes_from_the_seed():
    draws = [keras.random.normal((2, 3), seed=variational(seed=seed).draws) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(draws[0], draws[1])
    assert np.abs(draws[0] - draws[2]).max() > 0


def test_divergence_keeps_double_precision():
    mean, log_variance = np.random.default_rng(0).normal(size=(2, 4, 3))
    found = np.asarray(autoencoder.divergence_from_prior(mean, log_variance))
    assert found.dtype == np.float64
    # One number: KL(N(m, s²) | N(0, 1)) = ln(1 / s) + (s² + m²) / 2 - 1/2.
    deviation = np.exp(log_variance / 2)
    expected = np.sum(np.log(1 / deviation) + (deviation**2 + mean**2) / 2 - 0.5, axis=1)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
