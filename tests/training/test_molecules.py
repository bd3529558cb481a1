"""Language models of molecules: batches, losses by hand, texts drawn with known probabilities, and steering."""

import numpy as np
import pytest

from helpers import runtime
from helpers.data.smiles_tokens import END, PADDING, START, Vocabulary, lengths
from helpers.models.smiles import smiles_rnn
from helpers.runtime import InputError
from helpers.training import molecule_steering, molecule_training
from helpers.training.molecule_sampling import Writer

ALCOHOLS = ["C" * carbons + tail for carbons in range(1, 9) for tail in ("O", "N", "F", "Cl")]
VOCABULARY = Vocabulary.build(ALCOHOLS)  # C, Cl, F, N, O at 3 to 7
NUMBERS = VOCABULARY.encode(ALCOHOLS)


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def build(seed=0, **changes):
    runtime.seed_everything(seed)
    return smiles_rnn(len(VOCABULARY), **({"embedding": 4, "units": (12,), "dropout": 0.0} | changes))


def memoryless(**scores):
    """A model that forgets everything: the same probabilities at every step, from these scores of tokens."""
    model = build(units=(6, 6))
    model.set_weights([np.zeros_like(weights) for weights in model.get_weights()])
    biases = np.full(len(VOCABULARY), -30.0)
    for token, score in scores.items():
        biases[END if token == "end" else VOCABULARY.tokens.index(token)] = score
    head = model.get_layer("scores")
    head.set_weights([head.get_weights()[0], biases])
    return model


def test_batches_hold_every_smiles_once_and_little_padding():
    batches = molecule_training.LengthBatches([NUMBERS], 5, seed=0)
    orders = []
    for _ in range(2):
        epoch = list(batches)
        read = [tuple(row[row != PADDING]) for _, foretold in epoch for row in foretold]
        assert len(epoch) == len(batches)
        assert sorted(read) == sorted(tuple(row[1:][row[1:] != PADDING]) for row in NUMBERS)
        orders.append(read)
    assert orders[0] != orders[1]
    for read, foretold in epoch:
        assert read.shape == foretold.shape and foretold.shape[1] == lengths(foretold).max()
        np.testing.assert_array_equal(read[:, 1:], foretold[:, :-1])


def test_each_epoch_reads_its_own_pass():
    other = VOCABULARY.encode([smiles.replace("C", "N", 1) if len(smiles) > 2 else smiles for smiles in ALCOHOLS])
    batches = molecule_training.LengthBatches([NUMBERS, other], 32, seed=0)
    for expected in (NUMBERS, other, other):
        ((_, foretold),) = batches
        np.testing.assert_array_equal(np.sort(foretold, axis=0), np.sort(expected[:, 1:], axis=0))


def test_texts_of_any_length_follow_each_other():
    """Keras takes the length of all texts from the first two batches, if these happen to be alike."""
    passes = [VOCABULARY.encode(["CO", "CN", "CF", "CCCCCCO"])] * 2
    recipe = molecule_training.LanguageRecipe(batch_size=1)
    for seed in range(3):
        history = molecule_training.fit_language_model(build(), passes, NUMBERS[:4], recipe, seed=seed, status=False)
        assert np.isfinite(history["loss"]).all()


class Asked(list):
    """A list that writes down which of its entries were asked for."""

    def __init__(self, entries):
        super().__init__(entries)
        self.places = []

    def __getitem__(self, place):
        self.places.append(place)
        return super().__getitem__(place)


def test_a_training_reads_every_pass_once_and_in_order():
    passes = Asked([NUMBERS[:8]] * 3)
    recipe = molecule_training.LanguageRecipe(batch_size=8)
    molecule_training.fit_language_model(build(), passes, NUMBERS[:8], recipe, seed=0, status=False)
    # The first is asked for once more, for the number of its batches.
    assert passes.places == [0, 0, 1, 2]


def test_surprise_is_the_sum_over_tokens_by_the_chain_rule():
    model = build()
    scores = model.predict_on_batch(NUMBERS[:, :-1]).astype("float64")
    probability = np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)
    expected = [
        -sum(np.log(probability[row, step, NUMBERS[row, step + 1]]) for step in range(length - 1))
        for row, length in enumerate(lengths(NUMBERS))
    ]
    for batch_size in (3, 100):
        np.testing.assert_allclose(molecule_training.surprise(model, NUMBERS, batch_size), expected, rtol=1e-5)
    mean = np.sum(expected) / (lengths(NUMBERS) - 1).sum()
    assert molecule_training.loss_per_token(model, NUMBERS) == pytest.approx(mean, rel=1e-6)
    keras_loss = molecule_training.token_loss()(NUMBERS[:, 1:], scores.astype("float32"))
    assert float(keras_loss) == pytest.approx(mean, rel=1e-5)


def test_a_model_that_knows_nothing_has_as_much_perplexity_as_there_are_tokens():
    model = memoryless(**dict.fromkeys(["C", "Cl", "F", "N", "O", "end"], 0.0))
    assert np.exp(molecule_training.loss_per_token(model, NUMBERS)) == pytest.approx(6, rel=1e-5)


def test_training_lowers_the_loss_and_repeats_itself():
    recipe = molecule_training.LanguageRecipe(batch_size=8, learning_rate=3e-2)
    weights = []
    for _ in range(2):
        model = build(dropout=0.1)
        history = molecule_training.fit_language_model(model, [NUMBERS] * 6, NUMBERS[::4], recipe, seed=3, status=False)
        weights.append(np.concatenate([one.ravel() for one in model.get_weights()]))
    np.testing.assert_array_equal(weights[0], weights[1])
    assert list(history["epoch"]) == [1, 2, 3, 4, 5, 6]
    assert history["validation_loss"].iloc[-1] < 0.7 * history["validation_loss"].iloc[0]
    assert history["validation_loss"].iloc[-1] == pytest.approx(molecule_training.loss_per_token(model, NUMBERS[::4]))
    np.testing.assert_allclose(history["perplexity"], np.exp(history["validation_loss"]))
    with pytest.raises(InputError, match="no epoch"):
        molecule_training.fit_language_model(model, [], NUMBERS, recipe, seed=0)


@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_tokens_are_drawn_with_the_probabilities_of_the_temperature(temperature):
    given = {"C": 2.0, "O": 1.0, "end": 0.0}
    written = Writer(memoryless(**given)).write(2000, 60, temperature=temperature, seed=5, batch_size=2000)
    raised = np.exp(np.array(list(given.values())) / temperature)
    expected = raised / raised.sum()
    # No token stands before the first end; what comes after it is padding.
    counts = np.array(
        [np.sum(written == place) for place in (VOCABULARY.tokens.index("C"), VOCABULARY.tokens.index("O"), END)]
    )
    drawn = counts.sum()
    assert drawn == np.sum(written != PADDING)
    np.testing.assert_allclose(counts / drawn, expected, atol=4 * np.sqrt(0.25 / drawn))
    # The number of tokens is geometric, cut off after 61.
    assert lengths(written).mean() == pytest.approx((1 - (1 - expected[2]) ** 61) / expected[2], rel=0.06)


def test_what_is_written_ends_once_and_holds_neither_start_nor_inner_padding():
    written = Writer(build()).write(300, 12, temperature=2.0, seed=0, batch_size=100)
    assert written.shape == (300, 13) and not (written == START).any()
    for row, length in zip(written, lengths(written), strict=True):
        assert not row[length:].any() and row[:length].all()
        assert np.sum(row == END) == (row[length - 1] == END) or length == 13


def test_the_carried_state_gives_what_reading_everything_again_gives():
    model = build(units=(12, 7))
    # At a temperature near zero the most likely token is written, which the whole model can be asked for.
    written = Writer(model).write(1, 10, temperature=1e-6, seed=0, batch_size=1)[0]
    beginning = [START]
    while len(beginning) < 12 and beginning[-1] != END:
        scores = model.predict_on_batch(np.array([beginning]))[0, -1]
        scores[[PADDING, START]] = -np.inf
        beginning.append(int(scores.argmax()))
    assert written[: len(beginning) - 1].tolist() == beginning[1:]


def test_a_seed_decides_what_is_written_and_training_changes_it():
    model = build()
    writer = Writer(model)
    first = writer.write(50, 8, seed=1, batch_size=20)
    np.testing.assert_array_equal(Writer(model).write(50, 8, seed=1, batch_size=20), first)
    assert (writer.write(50, 8, seed=2, batch_size=20) != first).any()
    assert (first[:20] != first[20:40]).any()
    head = model.get_layer("scores")
    head.set_weights(
        [
            weights + (VOCABULARY.tokens.index("F") == np.arange(len(VOCABULARY))) * 50.0
            for weights in head.get_weights()
        ]
    )
    assert set(VOCABULARY.decode(writer.write(3, 4, seed=1, batch_size=20))) == {"FFFFF"}


def test_streams_with_different_names_share_nothing():
    writer, names = Writer(build()), [1, (1, 0), (1, 0, 0), (1, 1, 0), (2, 0, 0), (1, 0, 1)]
    texts = [writer.write(60, 8, temperature=3.0, seed=name, batch_size=20) for name in names]
    batches = [text[start : start + 20].tobytes() for text in texts for start in (0, 20, 40)]
    assert len(set(batches)) == len(batches)
    # A stream is named by all of its numbers: 60 texts of one say nothing about those of another.
    agreement = np.mean(texts[2] == texts[3])
    by_chance = np.mean(texts[2] == texts[3][np.random.default_rng(0).permutation(60)])
    assert abs(agreement - by_chance) < 0.15


@pytest.mark.parametrize("changes", [{"temperature": 0.0}, {"count": 0}, {"longest": 0}])
def test_nothing_cannot_be_written(changes):
    with pytest.raises(InputError, match="above zero"):
        Writer(build()).write(**({"count": 1, "longest": 5, "seed": 0} | changes))


STEERING = molecule_steering.SteeringRecipe(
    steering_rounds=3,
    steering_written=200,
    steering_kept=30,
    steering_epochs=8,
    steering_rate=0.1,
    steering_temperature=1.0,
)


def test_the_price_of_steering_is_counted_in_texts():
    assert STEERING.texts == 600


def oxygen(smiles):
    """Share of oxygen; what has a nitrogen must not be learned from."""
    return np.array([np.nan if "N" in one else one.count("O") / len(one) for one in smiles])


@pytest.mark.notebooks
def test_steering_moves_what_is_written_toward_the_score_and_leaves_the_model_alone():
    model = memoryless(C=1.0, O=0.0, N=0.0, end=-0.5)
    before = [weights.copy() for weights in model.get_weights()]
    steered, rounds = molecule_steering.steer(model, VOCABULARY, oxygen, ["CO"], NUMBERS, STEERING, longest=12, seed=0)
    for old, kept in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(kept, old)
    assert list(rounds["round"]) == [1, 2, 3] and rounds["score"].is_monotonic_increasing
    texts = ["".join(VOCABULARY.decode(Writer(one).write(300, 12, seed=9, batch_size=300))) for one in (model, steered)]
    nitrogen, oxygen_share = ([text.count(atom) / len(text) for text in texts] for atom in "NO")
    assert nitrogen[1] < 0.5 * nitrogen[0] and oxygen_share[1] > 2 * oxygen_share[0]
    assert rounds[["valid", "unique", "novel"]].to_numpy().max() <= 1 and (rounds["perplexity"] > 1).all()


def test_nothing_to_learn_from_is_said():
    with pytest.raises(InputError, match="no new molecule has a score"):
        molecule_steering.steer(
            memoryless(C=0.0, end=0.0),
            VOCABULARY,
            lambda smiles: np.full(len(smiles), np.nan),
            [],
            NUMBERS,
            STEERING,
            longest=5,
            seed=0,
        )
