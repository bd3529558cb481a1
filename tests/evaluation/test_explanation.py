"""Explanations against networks whose answer can be written down: linear, quadratic, one by one convolutions."""

import keras
import numpy as np
import pytest

from helpers import runtime
from helpers.evaluation import explanation
from helpers.models import cnn
from helpers.runtime import InputError
from helpers.training import fit

SIDE = 6
GENERATOR = np.random.default_rng(0)
IMAGES = GENERATOR.normal(size=(3, SIDE, SIDE, 1))
WEIGHTS = GENERATOR.normal(size=(SIDE * SIDE, 1))


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def classifier(activation="sigmoid", units=1, squared=False):
    """Logistic regression on the pixels, or on their squares, in double precision."""
    image = keras.Input((SIDE, SIDE, 1), dtype="float64")
    x = keras.layers.Multiply(dtype="float64")([image, image]) if squared else image
    x = keras.layers.Flatten(dtype="float64")(x)
    model = keras.Model(image, keras.layers.Dense(units, activation=activation, dtype="float64")(x))
    if units == 1:
        model.set_weights([WEIGHTS, np.array([0.5])])
    return model


def one_by_one():
    """Maps relu(x) and relu(-x), their means, and 2 * first - 1 * second."""
    image = keras.Input((SIDE, SIDE, 1), dtype="float64")
    x = keras.layers.Conv2D(2, 1, use_bias=False, dtype="float64", name="convolution")(image)
    x = keras.layers.ReLU(dtype="float64", name="rectified")(x)
    x = keras.layers.GlobalAveragePooling2D(dtype="float64")(x)
    model = keras.Model(image, keras.layers.Dense(1, "sigmoid", use_bias=False, dtype="float64")(x))
    model.set_weights([np.array([1.0, -1.0]).reshape(1, 1, 1, 2), np.array([[2.0], [-1.0]])])
    return model


@pytest.fixture
def network():
    return cnn.tumor_cnn(28, filters=(8, 16), convolutions=1, dense=32)


@pytest.fixture
def pictures():
    return np.random.default_rng(1).normal(size=(5, 28, 28, 1)).astype("float32")


def test_the_score_of_one_unit_is_the_logit_and_its_negative():
    expected = IMAGES.reshape(3, -1) @ WEIGHTS[:, 0] + 0.5
    model = classifier()
    np.testing.assert_allclose(explanation.score_values(explanation.class_score(model), IMAGES), expected, atol=1e-12)
    np.testing.assert_allclose(
        explanation.score_values(explanation.class_score(model, 0), IMAGES), -expected, atol=1e-12
    )


def test_the_scores_of_a_softmax_differ_as_its_log_probabilities_do():
    model = classifier("softmax", units=3)
    log_probability = np.log(np.asarray(model(IMAGES)))
    scores = np.stack(
        [explanation.score_values(explanation.class_score(model, label), IMAGES) for label in range(3)], 1
    )
    np.testing.assert_allclose(scores - scores[:, :1], log_probability - log_probability[:, :1], atol=1e-9)


def test_heads_of_other_kinds():
    plain = classifier("linear")
    expected = np.asarray(plain(IMAGES))[:, 0]
    squashed = keras.Model(plain.input, keras.layers.Activation("sigmoid", dtype="float64")(plain.output))
    sequential = keras.Sequential(
        [keras.Input((SIDE, SIDE, 1)), keras.layers.Flatten(), keras.layers.Dense(1, "sigmoid")]
    )
    for model in (plain, squashed):
        np.testing.assert_allclose(
            explanation.score_values(explanation.class_score(model), IMAGES), expected, atol=1e-12
        )
    probability = np.asarray(sequential(IMAGES))[:, 0]
    scores = explanation.score_values(explanation.class_score(sequential), IMAGES)
    np.testing.assert_allclose(1 / (1 + np.exp(-scores)), probability, atol=1e-6)


def test_what_is_no_classifier_is_refused():
    image = keras.Input((SIDE, SIDE, 1))
    flat = keras.layers.Flatten()(image)
    two = keras.layers.Dense(1)(flat), keras.layers.Dense(1)(flat)
    for model, label in (
        (keras.Model(image, two), 1),
        (keras.Model(image, keras.layers.ReLU()(flat)), 1),
        (keras.Model(image, keras.layers.Dense(3, "relu")(flat)), 1),
        (classifier(), 2),
        (classifier("softmax", units=3), 3),
    ):
        with pytest.raises(InputError):
            explanation.class_score(model, label)


def test_the_network_itself_is_not_changed(network, pictures):
    before = fit.predict_probability(network, pictures)
    weights = [array.copy() for array in network.get_weights()]
    explanation.heat_maps(explanation.class_score(network), pictures, steps=4, samples=2, side=14, stride=14)
    np.testing.assert_array_equal(fit.predict_probability(network, pictures), before)
    assert all(np.array_equal(one, other) for one, other in zip(network.get_weights(), weights, strict=True))


def test_grad_cam_of_one_by_one_maps():
    found = explanation.grad_cam(explanation.class_score(one_by_one()), IMAGES)
    # 2 relu(x) - relu(-x), cut off below 0, over the number of places
    np.testing.assert_allclose(found, 2 * np.maximum(IMAGES[..., 0], 0) / SIDE**2, atol=1e-8)


def test_grad_cam_looks_at_the_last_rectified_convolution(network, pictures):
    assert explanation.last_maps(one_by_one()) == "rectified"
    assert explanation.last_maps(network) == "relu_2_1"
    score = explanation.class_score(network)
    assert explanation.grad_cam(score, pictures).shape == (5, 28, 28)
    other = explanation.grad_cam(score, pictures, "relu_1_1")
    assert other.shape == (5, 28, 28) and other.min() >= 0
    for layer in ("relu_9_9", "dense"):
        with pytest.raises(InputError, match=layer):
            explanation.grad_cam(score, pictures, layer)
    with pytest.raises(InputError, match="needs the maps of a convolution"):
        explanation.grad_cam(explanation.class_score(classifier()), IMAGES)


@pytest.mark.parametrize("baseline", [0.0, 0.7])
def test_integrated_gradients_of_a_quadratic_score(baseline):
    score = explanation.class_score(classifier(squared=True))
    found = explanation.integrated_gradients(score, IMAGES, baseline, steps=3)
    # The slope is linear in the way, so the midpoint rule is exact: w (x² - b²).
    expected = WEIGHTS.reshape(1, SIDE, SIDE, 1) * (IMAGES**2 - baseline**2)
    np.testing.assert_allclose(found.attributions, expected, atol=1e-12)
    np.testing.assert_allclose(found.difference, expected.sum(axis=(1, 2, 3)), atol=1e-12)


def test_on_a_linear_score_gradient_times_input_is_exact():
    score = explanation.class_score(classifier())
    expected = WEIGHTS.reshape(1, SIDE, SIDE, 1) * IMAGES
    np.testing.assert_allclose(explanation.input_gradient(score, IMAGES) * IMAGES, expected, atol=1e-12)
    np.testing.assert_allclose(
        explanation.integrated_gradients(score, IMAGES, steps=2).attributions, expected, atol=1e-12
    )


def test_a_kink_is_missed_by_what_the_tolerance_allows():
    """relu(x - 0.6) from 0 to 1 has slope 0, then 1: two steps see 0 and 1, so the sum is .5 where .4 is right."""
    image = keras.Input((1, 1, 1), dtype="float64")
    x = keras.layers.Flatten(dtype="float64")(image)
    hidden = keras.layers.Dense(1, "relu", dtype="float64")(x)
    model = keras.Model(image, keras.layers.Dense(1, "sigmoid", use_bias=False, dtype="float64")(hidden))
    model.set_weights([np.ones((1, 1)), np.array([-0.6]), np.ones((1, 1))])
    found = explanation.integrated_gradients(explanation.class_score(model), np.ones((1, 1, 1, 1)), steps=2)
    assert found.gap[0] == pytest.approx(0.1, abs=1e-12)
    assert found.tolerance[0] == pytest.approx(0.5, abs=1e-9)


def test_attributions_add_up_within_their_tolerance_on_a_network(network, pictures):
    score = explanation.class_score(network)
    gaps = {}
    for steps in (16, 128):
        # From 0 a network without offsets is linear along the way; from -1 its kinks are met.
        found = explanation.integrated_gradients(score, pictures, baseline=-1.0, steps=steps)
        assert (np.abs(found.gap) <= found.tolerance).all()
        gaps[steps] = np.abs(found.gap).max(), found.tolerance.max()
    assert gaps[128][0] < gaps[16][0] / 2 and gaps[128][1] < gaps[16][1] / 4


def test_occlusion_of_a_linear_score_is_what_was_covered():
    score = explanation.class_score(classifier())
    share = (WEIGHTS.reshape(1, SIDE, SIDE) * IMAGES[..., 0]).reshape(3, 2, 3, 2, 3).sum(axis=(2, 4))
    expected = share.repeat(3, axis=1).repeat(3, axis=2)
    np.testing.assert_allclose(explanation.occlusion(score, IMAGES, 3, 3), expected, atol=1e-12)
    # Every pixel lies in some square, also where the stride does not divide the side; overlaps are averaged.
    single = np.zeros((1, SIDE, SIDE, 1))
    single[0, 0, 0] = 2.0
    found = explanation.occlusion(score, single, 4, 3)
    value = 2 * WEIGHTS[0, 0]
    np.testing.assert_allclose(found[0, :2, :2], value, atol=1e-12)  # in the first square alone
    np.testing.assert_allclose(found[0, 2, 2], value / 4, atol=1e-12)  # in all four squares
    np.testing.assert_allclose(found[0, 4:, 4:], 0, atol=1e-12)


def test_smooth_grad_without_noise_is_the_gradient(network, pictures):
    score = explanation.class_score(network)
    plain = explanation.input_gradient(score, pictures)
    np.testing.assert_allclose(explanation.smooth_grad(score, pictures, 0.0, 3), plain, atol=1e-6)
    one, again, other = (explanation.smooth_grad(score, pictures, 0.2, 3, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, again)
    assert np.abs(one - other).max() > 0
    linear = explanation.smooth_grad(explanation.class_score(classifier()), IMAGES, 0.5, 2)
    np.testing.assert_allclose(linear, np.broadcast_to(WEIGHTS.reshape(1, SIDE, SIDE, 1), linear.shape), atol=1e-12)


def test_heat_maps_have_one_shape_and_no_negative_values(network, pictures):
    found = explanation.heat_maps(explanation.class_score(network), pictures, steps=4, samples=2, side=14, stride=7)
    assert tuple(found) == explanation.METHODS
    assert all(maps.shape == (5, 28, 28) and maps.min() >= 0 and maps.max() > 0 for maps in found.values())


def test_images_are_explained_one_by_one(network, pictures):
    """Batches are a matter of speed: an image has the same map alone and among others."""
    score = explanation.class_score(network)
    sizes = {"steps": 4, "samples": 1, "side": 14, "stride": 7}
    together = explanation.heat_maps(score, np.concatenate([pictures] * 40), **sizes)
    alone = explanation.heat_maps(score, pictures[:1], **sizes)
    for name in ("Grad-CAM", "integrated gradients", "occlusion"):  # the noise of SmoothGrad is drawn for all at once
        np.testing.assert_allclose(together[name][195], alone[name][0], atol=1e-5)


@pytest.mark.parametrize(
    "call",
    [
        lambda score: explanation.integrated_gradients(score, IMAGES, steps=1),
        lambda score: explanation.occlusion(score, IMAGES, 7, 3),
        lambda score: explanation.occlusion(score, IMAGES, 3, 4),
        lambda score: explanation.smooth_grad(score, IMAGES, samples=0),
        lambda score: explanation.smooth_grad(score, IMAGES, spread=-0.1),
        lambda score: explanation.score_values(score, IMAGES[0]),
        lambda score: explanation.score_values(score, IMAGES[:0]),
    ],
)
def test_bad_input(call):
    with pytest.raises(InputError):
        call(explanation.class_score(classifier()))
