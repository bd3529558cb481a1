"""Training: weights of the classes, best epoch, repeatability."""

import keras
import numpy as np
import pytest

from helpers import runtime
from helpers.budgets import load_budget
from helpers.models import cnn
from helpers.runtime import InputError
from helpers.training import fit


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def bright_spots(n, seed, share=0.3):
    """Images of noise; the diseased ones hold a bright square at a random place."""
    generator = np.random.default_rng(seed)
    targets = (generator.random(n) < share).astype("int64")
    images = generator.normal(size=(n, 28, 28, 1)).astype("float32")
    for image, target in zip(images, targets, strict=True):
        if target:
            row, column = generator.integers(0, 22, 2)
            image[row : row + 6, column : column + 6] += 2.5
    return images, targets


def trained(seed, epochs=6, **options):
    runtime.seed_everything(seed)
    model = cnn.tumor_cnn(28, filters=(8, 16), convolutions=1)
    recipe = fit.Recipe(epochs=epochs, batch_size=32, learning_rate=5e-3, **options)
    history = fit.fit_classifier(model, bright_spots(240, 1), bright_spots(80, 2), recipe, seed=seed)
    return model, history


def test_class_weights_make_classes_count_alike():
    targets = np.array([0] * 30 + [1] * 10)
    weights = fit.class_weights(targets)
    assert weights[1] * 10 == pytest.approx(weights[0] * 30)
    assert weights[1] * 10 + weights[0] * 30 == pytest.approx(len(targets))


def test_one_class_is_refused():
    with pytest.raises(InputError, match="both are needed"):
        fit.class_weights(np.zeros(5, dtype=int))


def test_network_learns_what_brightness_cannot_tell():
    model, _ = trained(seed=0)
    images, targets = bright_spots(200, 3)
    probability = fit.predict_probability(model, images)
    found, spared = probability[targets == 1], probability[targets == 0]
    auroc = np.mean(found[:, None] > spared[None, :])
    assert auroc > 0.9  # the square is 2.5 standard deviations brighter over 36 pixels: nearly separable


@pytest.mark.parametrize(
    "options", [{}, {"weight_averaging": 0.9}, {"weight_averaging": 0.5, "patience": 1, "epochs": 12}]
)
def test_kept_weights_are_those_of_the_best_epoch(options):
    model, history = trained(seed=0, **options)
    images, targets = bright_spots(80, 2)
    weights = np.vectorize(fit.class_weights(bright_spots(240, 1)[1]).get)(targets)
    probability = np.clip(fit.predict_probability(model, images), 1e-7, 1 - 1e-7)
    per_sample = -(targets * np.log(probability) + (1 - targets) * np.log(1 - probability))
    # Keras divides the weighted sum by the number of samples of each batch, then averages over batches by their sizes.
    assert np.mean(weights * per_sample) == pytest.approx(history["validation_loss"].min(), abs=1e-4)
    assert history["best"].sum() == 1
    assert history.loc[history["best"], "validation_loss"].item() == history["validation_loss"].min()


def test_same_seed_same_bits_and_other_seed_other_weights():
    first, _ = trained(seed=3, epochs=2)
    second, _ = trained(seed=3, epochs=2)
    other, _ = trained(seed=4, epochs=2)
    for left, right in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)
    assert any(
        np.abs(left - right).max() > 0 for left, right in zip(first.get_weights(), other.get_weights(), strict=True)
    )


def test_one_status_line_per_epoch(capsys):
    trained(seed=0, epochs=3)
    lines = [line for line in capsys.readouterr().out.splitlines() if line]
    assert [line.split("loss")[0].split() for line in lines] == [["epoch", f"{epoch}/3"] for epoch in (1, 2, 3)]


def test_averaged_weights_change_more_slowly():
    _, plain = trained(seed=0)
    _, averaged = trained(seed=0, weight_averaging=0.99)
    np.testing.assert_array_equal(plain["loss"][:1], averaged["loss"][:1])  # the steps themselves are the same
    assert averaged["validation_loss"].std() < plain["validation_loss"].std()


@pytest.mark.parametrize("weight_averaging", [0.0, 0.5])
def test_patience_stops_training_and_keeps_the_best(weight_averaging):
    runtime.seed_everything(0)
    model = cnn.tumor_cnn(28, filters=(4,), convolutions=1)
    # Validation says the opposite of training, so it only gets worse.
    images, targets = bright_spots(64, 1, share=0.5)
    opposite = 1 - targets[:32]
    recipe = fit.Recipe(epochs=40, learning_rate=1e-2, patience=2, weight_averaging=weight_averaging)
    history = fit.fit_classifier(model, (images, targets), (images[:32], opposite), recipe, seed=0, status=False)
    assert len(history) < 40
    assert len(history) - history["epoch"][history["best"]].item() == 2
    weights = np.vectorize(fit.class_weights(targets).get)(opposite)
    probability = np.clip(fit.predict_probability(model, images[:32]), 1e-7, 1 - 1e-7)
    per_sample = -(opposite * np.log(probability) + (1 - opposite) * np.log(1 - probability))
    assert np.mean(weights * per_sample) == pytest.approx(history["validation_loss"].min(), abs=1e-4)


def test_recipe_comes_from_a_budget():
    budget = load_budget("06_tumor_diagnosis", "full", "breastmnist")
    recipe = fit.Recipe.from_budget(budget)
    assert (recipe.epochs, recipe.weight_averaging) == (budget.epochs, budget.weight_averaging)


def small_network(units=1, activation="sigmoid", bias=True):
    entry = keras.Input((3,))
    hidden = keras.layers.Dense(4, activation="relu")(entry)
    return keras.Model(entry, keras.layers.Dense(units, activation=activation, use_bias=bias)(hidden))


@pytest.mark.parametrize("bias", [True, False])
def test_the_sigmoid_of_the_logit_is_the_probability(bias):
    model = small_network(bias=bias)
    if bias:
        model.layers[-1].set_weights([model.layers[-1].get_weights()[0], np.array([0.7], "float32")])
    inputs = np.random.default_rng(0).normal(size=(600, 3)).astype("float32")
    np.testing.assert_allclose(
        1 / (1 + np.exp(-fit.predict_logits(model, inputs))), fit.predict_probability(model, inputs), atol=1e-6
    )


def test_sure_answers_are_told_apart_where_probabilities_are_all_one():
    model = small_network()
    model.set_weights([np.eye(3, 4), np.zeros(4), np.full((4, 1), 50.0), np.zeros(1)])
    inputs = np.linspace(1, 2, 30, dtype="float32")[:, None] * np.ones(3, "float32")
    assert (fit.predict_probability(model, inputs) == 1).all()
    np.testing.assert_allclose(fit.predict_logits(model, inputs), 150 * inputs[:, 0], rtol=1e-6)


@pytest.mark.parametrize("model", [{"units": 2}, {"activation": "linear"}])
def test_networks_without_a_logit_are_refused(model):
    with pytest.raises(InputError, match="no logit"):
        fit.predict_logits(small_network(**model), np.zeros((2, 3), "float32"))
