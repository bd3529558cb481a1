"""Generators and discriminators: sizes, parameters counted by hand, the class is heard, one batch is learned."""

import keras
import numpy as np
import pytest

from helpers import runtime
from helpers.models import gan
from helpers.runtime import InputError

COUNT, SIZE, NOISE, CLASSES = 6, 8, 5, 3


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def labels():
    return np.arange(COUNT, dtype="int32") % CLASSES


def noise(seed=0):
    return np.random.default_rng(seed).normal(size=(COUNT, NOISE)).astype("float32")


def pictures(seed=1):
    return np.random.default_rng(seed).uniform(-1, 1, size=(COUNT, SIZE, SIZE, 1)).astype("float32")


def points(seed=1):
    return np.random.default_rng(seed).normal(size=(COUNT, 2)).astype("float32")


# name: (network, its first input, shape of its answer, parameters)
NETWORKS = {
    "picture generator": (
        lambda classes=CLASSES: gan.picture_generator(SIZE, NOISE, (6, 4), classes),
        noise,
        (COUNT, SIZE, SIZE, 1),
        # codes of the classes; maps of 2 x 2 x 6; four numbers for each normalized map; kernels of 4 x 4
        CLASSES * NOISE + 2 * NOISE * 24 + 4 * 6 + 16 * 6 * 4 + 4 * 4 + (16 * 4 * 1 + 1),
    ),
    "picture discriminator": (
        lambda classes=CLASSES: gan.picture_discriminator(SIZE, (4, 6), classes),
        pictures,
        (COUNT, 1),
        (16 * 1 * 4 + 4) + (16 * 4 * 6 + 6) + (9 * 6 * 6 + 6) + (24 + 1) + CLASSES * 24,
    ),
    "point generator": (
        lambda classes=CLASSES: gan.point_generator(NOISE, (7, 8), classes),
        noise,
        (COUNT, 2),
        CLASSES * NOISE + (2 * NOISE * 7 + 7) + (7 * 8 + 8) + (8 * 2 + 2),
    ),
    "point discriminator": (
        lambda classes=CLASSES: gan.point_discriminator((7, 8), classes),
        points,
        (COUNT, 1),
        (2 * 7 + 7) + (7 * 8 + 8) + (8 + 1) + CLASSES * 8,
    ),
}
GENERATORS = [name for name in NETWORKS if "generator" in name]
DISCRIMINATORS = [name for name in NETWORKS if "discriminator" in name]


@pytest.mark.parametrize("name", NETWORKS)
def test_shapes_and_parameters_counted_by_hand(name):
    build, first, shape, parameters = NETWORKS[name]
    model = build()
    assert model.count_params() == parameters
    assert model([first(), labels()]).shape == shape


@pytest.mark.parametrize("name", NETWORKS)
def test_a_single_class_adds_no_parameters_and_is_not_heard(name):
    build, first, _, parameters = NETWORKS[name]
    model = build(classes=1)
    # Codes of the classes and what reads them, or a direction for each class.
    unheard = {
        "picture generator": CLASSES * NOISE + NOISE * 24,
        "picture discriminator": CLASSES * 24,
        "point generator": CLASSES * NOISE + NOISE * 7,
        "point discriminator": CLASSES * 8,
    }
    assert model.count_params() == parameters - unheard[name]
    np.testing.assert_array_equal(model([first(), 0 * labels()]), model([first(), labels()]))


@pytest.mark.parametrize("name", GENERATORS)
def test_generators_hear_the_class_and_the_noise(name):
    model = NETWORKS[name][0]()
    drawn = np.asarray(model([noise(), labels()]))
    other_class, other_noise = np.asarray(model([noise(), (labels() + 1) % CLASSES])), model([noise(2), labels()])
    assert (np.abs(drawn - other_class).reshape(COUNT, -1).max(axis=1) > 0).all()
    assert (np.abs(drawn - np.asarray(other_noise)).reshape(COUNT, -1).max(axis=1) > 0).all()


def test_pictures_lie_between_minus_one_and_one():
    drawn = np.asarray(NETWORKS["picture generator"][0]()([1000 * noise(), labels()]))
    assert np.abs(drawn).max() <= 1


@pytest.mark.parametrize("name", DISCRIMINATORS)
def test_a_projection_adds_the_product_of_class_and_features(name):
    build, first, _, _ = NETWORKS[name]
    model = build()
    blind = np.asarray(model([first(), labels()]))  # directions start at zero
    directions = model.get_layer("class_direction")
    values = np.random.default_rng(0).normal(size=directions.get_weights()[0].shape).astype("float32")
    directions.set_weights([values])
    features = np.asarray(keras.Model(model.inputs, model.get_layer("logit").input)([first(), labels()]))
    expected = blind[:, 0] + np.sum(values[labels()] * features, axis=1)
    np.testing.assert_allclose(np.asarray(model([first(), labels()]))[:, 0], expected, atol=1e-5)


@pytest.mark.parametrize("training", [True, False])
def test_a_picture_is_judged_without_the_others_of_its_batch(training):
    model = NETWORKS["picture discriminator"][0]()
    together = np.asarray(model([pictures(), labels()], training=training))
    alone = np.asarray(model([pictures()[:1], labels()[:1]], training=training))
    np.testing.assert_allclose(alone, together[:1], atol=1e-6)


@pytest.mark.parametrize("name", NETWORKS)
def test_learns_one_batch(name):
    build, first, shape, _ = NETWORKS[name]
    model = build()
    judges = name in DISCRIMINATORS
    wanted = np.arange(COUNT)[:, None] % 2 if judges else 0.9 * np.tanh(np.random.default_rng(3).normal(size=shape))
    wanted = wanted.astype("float32")
    loss = keras.losses.BinaryCrossentropy(from_logits=True) if judges else keras.losses.MeanSquaredError()
    before = float(loss(wanted, model([first(), labels()], training=True)))
    model.compile(keras.optimizers.Adam(0.02), loss, steps_per_execution=50)
    inputs = [np.concatenate([part] * 100) for part in (first(), labels())]
    model.fit(inputs, np.concatenate([wanted] * 100), batch_size=COUNT, shuffle=False, verbose=0)
    assert float(loss(wanted, model([first(), labels()], training=True))) < 0.1 * before


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("classes", [1, CLASSES])
def test_saved_and_loaded_answers_the_same(name, classes, tmp_path):
    build, first, _, _ = NETWORKS[name]
    model = build(classes=classes)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    inputs = [first(), labels() % classes]
    np.testing.assert_array_equal(loaded(inputs), model(inputs))


@pytest.mark.parametrize(
    ("size", "filters", "side"), [(28, (8, 8), 7), (12, (8, 8), 3), (2, (8,), 1), (48, (8, 8, 8), 6)]
)
def test_side_after_the_strides(size, filters, side):
    assert gan.narrowest_side(size, filters) == side


@pytest.mark.parametrize(
    "call",
    [
        lambda: gan.picture_generator(10, 4),
        lambda: gan.picture_generator(8, 0),
        lambda: gan.picture_generator(8, 4, (4, 0)),
        lambda: gan.picture_generator(8, 4, classes=0),
        lambda: gan.picture_discriminator(2),
        lambda: gan.picture_discriminator(8, ()),
        lambda: gan.point_generator(0),
        lambda: gan.point_discriminator(classes=0),
    ],
)
def test_impossible_sizes_are_refused(call):
    with pytest.raises(InputError):
        call()
