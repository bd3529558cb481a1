"""Precision, recall, modes and copies, where the answer is known."""

import numpy as np
import pytest

from helpers.evaluation import generated_samples
from helpers.runtime import InputError


def cloud(count=200, dimensions=8, seed=0):
    return np.random.default_rng(seed).normal(size=(count, dimensions))


def shares(real, generated, neighbors=3):
    found = generated_samples.precision_and_recall(real, generated, neighbors)
    return found["precision"].value, found["recall"].value


def test_identical_sets_have_both():
    # Seven hundred rows need two pieces; far from the origin, squares and products would round distances away.
    assert shares(cloud(700) + 1e6, cloud(700) + 1e6) == (1, 1)


def test_repeated_samples_fill_balls_of_radius_zero():
    repeated = np.repeat(cloud(10), 4, axis=0)
    assert shares(repeated, repeated) == (1, 1)


def test_disjoint_sets_have_neither():
    assert shares(cloud(), cloud(seed=1) + 100) == (0, 0)


def test_points_on_a_line_by_hand():
    # One neighbor: the real balls reach 1 around 0 and 1, and 9 around 10; the generated ones 0.5, 0.5 and 27.5.
    real, generated = np.array([[0.0], [1.0], [10.0]]), np.array([[2.0], [2.5], [30.0]])
    assert shares(real, generated, 1) == (pytest.approx(2 / 3), pytest.approx(1 / 3))


def test_the_wider_set_has_recall_and_the_narrower_one_precision():
    precision, recall = shares(cloud(), 0.1 * cloud(seed=1))
    assert shares(0.1 * cloud(seed=1), cloud()) == (recall, precision)
    assert precision == 1 and recall < 0.2


def test_a_collapsed_generator_is_precise_and_misses_nearly_everything():
    real = np.concatenate([cloud(50, seed=seed) + 100 * seed for seed in range(4)])
    precision, recall = shares(real, np.repeat(real[:1], 200, axis=0) + 1e-3 * cloud(seed=9))
    assert precision == 1
    assert recall <= 1 / 200


def test_a_generator_of_one_mode_of_four_recalls_a_quarter():
    real = np.concatenate([cloud(50, 2, seed) + 100 * seed for seed in range(4)])
    # The generated ones are the first mode itself, repeated to the same number.
    precision, recall = shares(real, np.tile(real[:50], (4, 1)), neighbors=3)
    assert (precision, recall) == (1, 0.25)


def test_intervals_are_of_the_generated_for_precision_and_of_the_real_for_recall():
    found = generated_samples.precision_and_recall(cloud(100), cloud(400, seed=1) + 100)
    assert found["precision"].high == pytest.approx(1.959964**2 / (400 + 1.959964**2), rel=1e-5)
    assert found["recall"].high == pytest.approx(1.959964**2 / (100 + 1.959964**2), rel=1e-5)


def test_pictures_are_flattened():
    pictures = cloud(30, 16).reshape(30, 4, 4, 1)
    assert shares(pictures, pictures) == (1, 1)


def test_modes_are_counted():
    centers = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 10.0]])
    samples = np.array([[0.5, 0.0], [0.0, -1.0], [9.0, 0.0], [5.0, 5.0], [10.0, 1.1]])
    found = generated_samples.mode_coverage(samples, centers, radius=1.0)
    assert found.counts.tolist() == [2, 1, 0, 0]
    assert found.near.value == pytest.approx(3 / 5)
    # A quarter of an equal part of five samples over four modes is less than one sample.
    assert found.reached == 2


def test_a_sample_counts_for_its_nearest_mode_alone():
    found = generated_samples.mode_coverage([[0.4]], [[0.0], [1.0]], radius=5.0)
    assert found.counts.tolist() == [1, 0]


@pytest.mark.parametrize(("arrived", "reached"), [(24, 1), (25, 2)])
def test_a_mode_is_reached_by_a_quarter_of_its_due(arrived, reached):
    samples = np.repeat([0.0, 10.0], [200 - arrived, arrived])[:, None]
    assert generated_samples.mode_coverage(samples, [[0.0], [10.0]], radius=1.0).reached == reached


def test_a_sample_of_another_mode_than_was_asked_for_does_not_count():
    samples, centers = [[0.0], [10.0], [10.0]], [[0.0], [10.0]]
    found = generated_samples.mode_coverage(samples, centers, 1.0, asked=[0, 0, 1])
    assert found.counts.tolist() == [1, 1]
    assert found.near.value == pytest.approx(2 / 3)


def test_copied_samples_are_flagged_one_by_one():
    training, fresh = cloud(400), cloud(150, seed=1)
    generated = np.concatenate([training[:50] + 1e-3 * cloud(50, seed=3), fresh])
    found = generated_samples.memorization(generated, training, cloud(200, seed=2))
    assert found.copied[:50].all()
    assert found.copied[50:].mean() < 0.05
    # The copies are nearer than every held-out sample, the others even: (50 + 150 / 2) / 200.
    assert found.nearer.value == pytest.approx(0.625, abs=0.06)
    assert found.nearer.low > 0.5
    assert found.flagged.value == found.copied.mean()


def test_fresh_samples_are_no_copies():
    flagged, covered = [], 0
    for seed in range(40):
        training, held_out, generated = (cloud(200, 4, 3 * seed + part) for part in range(3))
        found = generated_samples.memorization(generated, training, held_out, rare=0.05)
        flagged.append(found.copied.mean())
        covered += found.nearer.low <= 0.5 <= found.nearer.high
    assert np.mean(flagged) == pytest.approx(0.05, abs=0.02)
    # Of 40 intervals of 95 percent fewer than 33 hold the truth about once in 1,000 times.
    assert covered >= 33


def grouped_cloud(groups, per_group, seed):
    """Samples of one group lie close together, so they are near to training together or not at all."""
    draws = np.random.default_rng(seed)
    centers = draws.normal(size=(groups, 4))
    return np.repeat(centers, per_group, axis=0) + 0.05 * draws.normal(size=(groups * per_group, 4))


def test_samples_of_few_patients_tell_less_than_their_number():
    held_out, own = grouped_cloud(10, 20, 1), np.repeat(np.arange(10), 20)
    training = cloud(300, 4)
    alone = generated_samples.memorization(cloud(200, 4, 2), training, held_out)
    found = generated_samples.memorization(cloud(200, 4, 2), training, held_out, held_out_groups=own)
    assert found.nearer.value == alone.nearer.value
    assert found.nearer.width > 1.8 * alone.nearer.width
    new, plain = (
        generated_samples.memorization(held_out, training, cloud(200, 4, 2), rare=0.5, generated_groups=groups)
        for groups in (own, None)
    )
    assert new.flagged.value == plain.flagged.value
    assert new.flagged.width > 1.8 * plain.flagged.width


def test_equal_group_numbers_on_both_sides_are_different_groups():
    one, other = cloud(60, seed=1), cloud(60, seed=2)
    patients = np.arange(60) // 3
    found = [
        generated_samples.memorization(one, cloud(), other, generated_groups=patients, held_out_groups=numbers)
        for numbers in (patients, patients + 100)
    ]
    assert found[0].nearer == found[1].nearer


def test_recall_knows_the_patients_and_precision_does_not():
    real, own = grouped_cloud(10, 20, 1), np.repeat(np.arange(10), 20)
    drawn = np.random.default_rng(3).permutation(grouped_cloud(10, 20, 1)[:100].repeat(2, axis=0))
    plain = generated_samples.precision_and_recall(real, drawn)
    found = generated_samples.precision_and_recall(real, drawn, real_groups=own)
    assert found["precision"] == plain["precision"]
    assert found["recall"].value == plain["recall"].value == 0.5
    assert found["recall"].width > 2 * plain["recall"].width


def test_a_copy_is_at_distance_zero_also_far_from_the_origin():
    training = cloud(600) + 1e4
    found = generated_samples.memorization(training[:50], training, cloud(50, seed=1) + 1e4)
    assert (found.generated == 0).all()


def test_typical_samples_are_near_and_none_is_a_copy_of_its_own():
    found = generated_samples.memorization(0.3 * cloud(300, seed=2), cloud(300), cloud(300, seed=1))
    assert found.nearer.low > 0.9


def test_distances_are_euclidean_and_to_the_nearest():
    training = np.array([[0.0, 0.0], [10.0, 0.0]])
    found = generated_samples.memorization([[3.0, 4.0], [10.0, 2.0]], training, [[0.0, 1.0], [6.0, 0.0]])
    assert found.generated.tolist() == [5, 2]
    assert found.held_out.tolist() == [1, 4]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: shares(cloud(3), cloud()), "more samples than neighbors"),
        (lambda: shares(cloud(), cloud(), 0), "at least one neighbor"),
        (lambda: shares(cloud(), cloud(dimensions=7)), "one shape"),
        (lambda: shares(cloud(), np.full((200, 8), np.nan)), "diverged"),
        (lambda: generated_samples.mode_coverage(np.empty((0, 2)), np.zeros((1, 2)), 1), "empty"),
        (lambda: generated_samples.mode_coverage(np.zeros((1, 2)), np.zeros((1, 2)), 0), "positive"),
        (lambda: generated_samples.memorization(cloud(1), cloud(), cloud()), "at least two"),
        (lambda: generated_samples.memorization(cloud(), cloud(), cloud(), rare=1), "between 0 and 1"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
