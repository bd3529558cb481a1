"""One step of two networks: who moves when, the same step by hand, the seed decides."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from helpers import runtime
from helpers.models import gan, translation
from helpers.runtime import InputError
from helpers.training import adversarial

BATCH, NOISE, SEED, RATE = 6, 4, 7, 0.1


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def pictures(count=BATCH, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, size=(count, 8, 8, 1)).astype("float32")


def classes(count=BATCH):
    return np.arange(count, dtype="int32") % 2


def conditional(**changes):
    generator, discriminator = gan.picture_generator(8, NOISE, (4, 3)), gan.picture_discriminator(8, (3, 4))
    return adversarial.AdversarialNetworks(generator, discriminator, SEED, **changes)


def paired():
    translator = translation.translator(8, (3, 4))
    last = translator.get_layer("change")  # at zero it passes no gradient: only itself would move in the first step
    last.set_weights([weight + 0.1 for weight in last.get_weights()])
    return adversarial.PairedTranslation(translator, translation.pair_discriminator(8, (3, 4)), 5.0)


CASES = {"conditional": (conditional, classes), "paired": (paired, lambda: pictures(seed=1))}


def prepared(case, generator_rate=RATE, discriminator_rate=RATE):
    """Networks with plain gradient descent, by which equality means equal gradients, and the batch they learn from."""
    build, others = CASES[case]
    networks = build()
    networks.compile(keras.optimizers.SGD(generator_rate), keras.optimizers.SGD(discriminator_rate))
    return networks, (tf.constant(pictures()), tf.constant(others()))


def weights(network):
    return [weight.numpy() for weight in network.trainable_weights]


def moved(before, network):
    return [np.abs(new - old).max() > 0 for old, new in zip(before, weights(network), strict=True)]


@pytest.mark.parametrize("case", CASES)
def test_both_networks_move_over_a_full_step(case):
    networks, batch = prepared(case)
    before = weights(networks.generator), weights(networks.discriminator)
    networks.train_step(batch)
    assert all(moved(before[0], networks.generator))
    assert all(moved(before[1], networks.discriminator))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(
    ("rates", "still", "moving"),
    [
        ((0.0, RATE), "generator", "discriminator"),
        ((RATE, 0.0), "discriminator", "generator"),
    ],
)
def test_a_step_of_one_network_leaves_the_other_untouched(case, rates, still, moving):
    networks, batch = prepared(case, *rates)
    before = weights(getattr(networks, still)), weights(getattr(networks, moving))
    networks.train_step(batch)
    assert not any(moved(before[0], getattr(networks, still)))
    assert all(moved(before[1], getattr(networks, moving)))


def log_sigmoid(logits):
    return tf.math.log(1 / (1 + tf.exp(-logits)))


def discriminator_step_by_hand(networks, judge_real, judge_generated):
    """Gradient descent on -log D(x) - log(1 - D(G(z))), with the logarithms written out."""
    with tf.GradientTape() as tape:
        loss = -tf.reduce_mean(log_sigmoid(judge_real())) - tf.reduce_mean(log_sigmoid(-judge_generated()))
    variables = networks.discriminator.trainable_variables
    for variable, gradient in zip(variables, tape.gradient(loss, variables), strict=True):
        variable.assign_sub(RATE * tf.convert_to_tensor(gradient))
    return float(loss)


def generator_step_by_hand(networks, generate, loss_of):
    with tf.GradientTape() as tape:
        loss = loss_of(generate())
    variables = networks.generator.trainable_variables
    for variable, gradient in zip(variables, tape.gradient(loss, variables), strict=True):
        variable.assign_sub(RATE * tf.convert_to_tensor(gradient))
    return float(loss)


def by_hand(case, networks, batch):
    """The textbook's order: the discriminator moves, then the generator against the new one. Both losses."""
    first, second = batch
    judge = networks.discriminator
    if case == "conditional":
        noise = keras.random.normal((BATCH, NOISE), seed=keras.random.SeedGenerator(SEED))
        kept = [variable.numpy() for variable in networks.generator.non_trainable_variables]
        generated = networks.generator([noise, second], training=True)
        discriminator = discriminator_step_by_hand(
            networks, lambda: judge([first, second]), lambda: judge([generated, second])
        )
        for variable, value in zip(networks.generator.non_trainable_variables, kept, strict=True):
            variable.assign(value)  # the batch normalization saw these pictures once, not twice
        generator = generator_step_by_hand(
            networks,
            lambda: networks.generator([noise, second], training=True),
            lambda drawn: -tf.reduce_mean(log_sigmoid(judge([drawn, second]))),
        )
    else:
        generated = networks.generator(first)
        discriminator = discriminator_step_by_hand(
            networks, lambda: judge([first, second]), lambda: judge([first, generated])
        )
        generator = generator_step_by_hand(
            networks,
            lambda: networks.generator(first),
            lambda drawn: (
                -tf.reduce_mean(log_sigmoid(judge([first, drawn]))) + 5 * tf.reduce_mean(tf.abs(second - drawn))
            ),
        )
    return discriminator, generator


@pytest.mark.parametrize("case", CASES)
def test_a_step_equals_the_one_by_hand(case):
    networks, batch = prepared(case)
    runtime.seed_everything(0)
    twin, _ = prepared(case)
    for network, other in ((networks.generator, twin.generator), (networks.discriminator, twin.discriminator)):
        other.set_weights(network.get_weights())
    found = networks.train_step(batch)
    expected = by_hand(case, twin, batch)
    assert [float(found[name]) for name in ("discriminator", "generator")] == pytest.approx(expected, abs=1e-6)
    for network, other in ((networks.generator, twin.generator), (networks.discriminator, twin.discriminator)):
        for new, old in zip(network.get_weights(), other.get_weights(), strict=True):
            np.testing.assert_allclose(new, old, atol=1e-6)


def test_losses_at_known_logits():
    assert float(adversarial.discriminator_loss(np.zeros(3), np.zeros(3))) == pytest.approx(np.log(4))  # cannot tell
    assert float(adversarial.discriminator_loss(np.full(3, 90.0), np.full(3, -90.0))) == pytest.approx(0, abs=1e-30)
    assert float(adversarial.generator_loss(np.zeros(3))) == pytest.approx(np.log(2))
    assert float(adversarial.generator_loss(np.full(3, -1000.0))) == pytest.approx(1000)  # no overflow
    assert float(adversarial.saturating_generator_loss(np.zeros(3))) == pytest.approx(-np.log(2))


def test_slopes_where_the_discriminator_is_sure():
    logit = tf.Variable(-12.0)
    slopes = []
    for loss in (adversarial.generator_loss, adversarial.saturating_generator_loss):
        with tf.GradientTape() as tape:
            value = loss(logit)
        slopes.append(float(tape.gradient(value, logit)))
    believed = 1 / (1 + np.exp(12))
    assert slopes == pytest.approx([believed - 1, -believed], rel=1e-4)


def test_accuracy_of_a_discriminator_that_says_real_to_everything():
    networks, batch = prepared("conditional", 0.0, 0.0)
    logit = networks.discriminator.get_layer("logit")
    logit.set_weights([0 * logit.get_weights()[0], np.ones(1)])
    assert float(networks.train_step(batch)["accuracy"]) == 0.5
    logit.set_weights([0 * logit.get_weights()[0], 0 * np.ones(1)])
    # Reported are means over the epoch: 0 is neither real nor generated, so nothing was right this time.
    assert float(networks.train_step(batch)["accuracy"]) == 0.25


def test_augmentation_reaches_real_and_generated_pictures():
    networks = conditional(augmentation=[keras.layers.Rescaling(0.0)])
    networks.compile(keras.optimizers.SGD(RATE), keras.optimizers.SGD(RATE))
    before = weights(networks.generator)
    found = networks.train_step((tf.constant(pictures()), tf.constant(classes())))
    # All pictures are black: both are judged alike, and no gradient tells the generator anything.
    assert float(found["accuracy"]) in (0.0, 0.5)
    assert not any(moved(before, networks.generator))


def played(seed, averaging=0.9):
    runtime.seed_everything(0)
    networks = adversarial.AdversarialNetworks(
        gan.point_generator(NOISE, (5,), classes=2), gan.point_discriminator((5,), classes=2), seed
    )
    samples = np.random.default_rng(0).normal(size=(67, 2)).astype("float32") + 3
    history = adversarial.play(
        networks, samples, classes(67), epochs=3, batch_size=8, learning_rate=0.01, seed=seed, averaging=averaging
    )
    return networks, history


@pytest.fixture(scope="module")
def first_game():
    runtime.configure(0)
    return played(1)


def test_the_seed_decides(first_game):
    (first, history), (again, _), (other, _) = first_game, played(1), played(2)
    for network in ("generator", "discriminator"):
        pairs = list(zip(weights(getattr(first, network)), weights(getattr(again, network)), strict=True))
        assert all(np.array_equal(one, two) for one, two in pairs)
    assert any(moved(weights(first.generator), other.generator))
    assert {name: len(values) for name, values in history.items()} == dict.fromkeys(history, 3)
    assert set(history) == {"discriminator", "generator", "accuracy"}


def test_the_generator_ends_with_the_mean_of_its_weights(first_game):
    # Without memory the average is the last weights; the discriminator's are the last ones either way.
    averaged, last = first_game[0], played(1, averaging=0.0)[0]
    assert all(moved(weights(averaged.generator), last.generator))
    assert not any(moved(weights(averaged.discriminator), last.discriminator))


def test_too_few_samples_for_a_batch_are_refused():
    networks, _ = prepared("conditional")
    with pytest.raises(InputError, match="smaller batch"):
        adversarial.play(networks, pictures(3), classes(3), epochs=1, batch_size=8, learning_rate=0.01, seed=0)


def test_generating_does_not_depend_on_the_batches():
    generator = gan.picture_generator(8, NOISE, (4, 3))
    drawn = adversarial.generate(generator, classes(10), seed=3)
    assert drawn.shape == (10, 8, 8, 1) and drawn.dtype == np.float32
    np.testing.assert_allclose(adversarial.generate(generator, classes(10), seed=3, batch_size=4), drawn, atol=1e-6)
    assert np.abs(adversarial.generate(generator, classes(10), seed=4) - drawn).max() > 1e-3
    with pytest.raises(InputError, match="no classes"):
        adversarial.generate(generator, classes(0), seed=3)


def test_a_generator_left_alone_goes_where_it_is_judged_best():
    """The discriminator prefers one place; alone, the generator draws nothing else, and nothing else moves."""
    runtime.seed_everything(0)
    networks = adversarial.AdversarialNetworks(gan.point_generator(4, (16,)), one_hill(), seed=0)
    before = [weights.copy() for weights in networks.discriminator.get_weights()]
    apart = adversarial.generate(networks.generator, np.zeros(200, "int32"), 1).std(axis=0)
    adversarial.answer_alone(networks, steps=300, batch_size=64, learning_rate=1e-2, seed=0)
    drawn = adversarial.generate(networks.generator, np.zeros(200, "int32"), 1)
    np.testing.assert_allclose(drawn.mean(axis=0), [1.0, -1.0], atol=0.1)
    assert (drawn.std(axis=0) < 0.3 * apart).all()
    for old, new in zip(before, networks.discriminator.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def one_hill():
    """A discriminator (point, class) to logit that is highest at (1, -1)."""
    point, label = keras.Input((2,)), keras.Input((), dtype="int32")
    scaled = keras.layers.Dense(2, name="scaled")(point)
    logit = -4 * keras.ops.sum(keras.ops.square(scaled), axis=-1, keepdims=True)
    model = keras.Model([point, label], logit)
    model.get_layer("scaled").set_weights([np.eye(2), np.array([-1.0, 1.0])])
    return model
