"""Prediction sets: MAPIE against the taught formula, groups by hand, and the promised coverage by simulation."""

import json
import math

import numpy as np
import pytest
from mapie.classification import SplitConformalClassifier

from helpers.evaluation import conformal
from helpers.evaluation.conformal import ConformalPredictor, coverage_of_sets, fit_conformal, hierarchical_quantile
from helpers.runtime import InputError


def drawn(count, classes=2, seed=0):
    """Calibrated probabilities: the class is drawn from them."""
    generator = np.random.default_rng(seed)
    probability = generator.dirichlet(np.full(classes, 0.7), count)
    targets = np.array([generator.choice(classes, p=row) for row in probability])
    return targets, probability


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("count", [9, 10, 19, 37, 200])
@pytest.mark.parametrize("alpha", [0.1, 0.2])
def test_quantile_is_the_taught_order_statistic(classes, count, alpha):
    targets, probability = drawn(count, classes, seed=count)
    scores = np.sort(1 - probability[np.arange(count), targets])
    place = math.ceil(round((count + 1) * (1 - alpha), 9))
    predictor = fit_conformal(targets, probability, alpha=alpha)
    assert predictor.quantiles == pytest.approx([scores[place - 1]] * classes, abs=1e-12)


def test_sets_equal_those_of_mapie():
    targets, probability = drawn(300, 3)
    _, new = drawn(200, 3, seed=1)
    mapie = SplitConformalClassifier(conformal._Given(3), confidence_level=0.9).conformalize(probability, targets)
    _, expected = mapie.predict_set(new)
    np.testing.assert_array_equal(fit_conformal(targets, probability).sets(new), expected[:, :, 0])


def test_single_precision_probabilities_of_class_1():
    targets, probability = drawn(100)
    plain = fit_conformal(targets, probability[:, 1])
    single = fit_conformal(targets, probability.astype(np.float32))
    assert plain.quantiles == pytest.approx(single.quantiles, abs=1e-6)
    assert plain.sets(probability[:, 1]).shape == (100, 2)


def test_conditional_quantiles_are_those_of_each_class():
    targets, probability = drawn(400)
    predictor = fit_conformal(targets, probability, conditional=True)
    for label in (0, 1):
        scores = np.sort(1 - probability[targets == label, label])
        place = math.ceil(round((len(scores) + 1) * 0.9, 9))
        assert predictor.quantiles[label] == pytest.approx(scores[place - 1])


def test_hierarchical_quantile_by_hand():
    # Groups a (2 samples) and b, c: weights 1/2, 1/2, 1, 1 of 4. Two groups' worth is reached at 0.3.
    scores, groups = np.array([0.1, 0.2, 0.3, 0.4]), np.array(["a", "a", "b", "c"])
    assert hierarchical_quantile(scores, groups, alpha=0.5) == 0.3
    assert hierarchical_quantile(scores, groups, alpha=0.25) == 0.4
    assert hierarchical_quantile(scores, groups, alpha=0.2) == math.inf


def test_groups_of_one_change_nothing_and_copies_neither():
    targets, probability = drawn(90)
    plain = fit_conformal(targets, probability)
    scores = 1 - probability[np.arange(90), targets]
    assert hierarchical_quantile(scores, np.arange(90), 0.1) == pytest.approx(plain.quantiles[0])
    copied = fit_conformal(np.repeat(targets, 4), np.repeat(probability, 4, axis=0), np.repeat(np.arange(90), 4))
    assert copied.quantiles == pytest.approx(plain.quantiles)
    assert (copied.samples, copied.groups) == (360, 90)


def test_too_few_samples_rule_nothing_out():
    targets, probability = np.array([0, 1, 1]), np.array([0.2, 0.7, 0.9])
    predictor = fit_conformal(targets, probability)
    assert predictor.quantiles == (math.inf, math.inf)
    assert predictor.sets([0.01, 0.99]).all()
    missing = fit_conformal(np.ones(50, dtype=int), np.linspace(0.2, 0.9, 50), conditional=True)
    assert math.isinf(missing.quantiles[0]) and missing.quantiles[1] < 1


def test_survives_json():
    targets, probability = drawn(60)
    for predictor in (fit_conformal(targets, probability, alpha=0.2), fit_conformal(targets[:5], probability[:5])):
        assert ConformalPredictor.from_dict(json.loads(json.dumps(predictor.to_dict()))) == predictor


def test_table_by_hand():
    sets = np.array([[1, 0], [1, 1], [0, 1], [0, 0], [0, 1]], dtype=bool)
    table = coverage_of_sets(sets, np.array([0, 0, 1, 1, 0]))
    assert list(table.index) == ["all", "class 0", "class 1"]
    assert table["value"].tolist() == pytest.approx([3 / 5, 2 / 3, 1 / 2])
    assert table.loc["all", ["empty", "single", "several"]].tolist() == pytest.approx([0.2, 0.6, 0.2])
    assert table["samples"].tolist() == [5, 3, 2]
    assert table["single_wrong"].tolist() == pytest.approx([1 / 5, 1 / 3, 0])
    # Every set misses by being empty, or by being sure of the wrong class.
    np.testing.assert_allclose(1 - table["value"], table["empty"] + table["single_wrong"])
    assert ((table["low"] < table["value"]) & (table["value"] < table["high"])).all()


@pytest.mark.parametrize("conditional", [False, True])
def test_coverage_over_repeated_splits(conditional):
    """A model that is badly calibrated and better for one class: the promise holds all the same."""
    generator = np.random.default_rng(3)
    count, covered = 400, []
    for _ in range(150):
        targets = (generator.random(count) < 0.3).astype(int)
        scores = generator.normal(size=count) * np.where(targets, 1.5, 0.7) + 2.2 * targets - 1.5
        probability = 1 / (1 + np.exp(-3 * scores))
        half = np.arange(count) < 200
        sets = fit_conformal(targets[half], probability[half], conditional=conditional).sets(probability[~half])
        hit = sets[np.arange(200), targets[~half]]
        covered.append([hit.mean(), hit[targets[~half] == 0].mean(), hit[targets[~half] == 1].mean()])
    everybody, healthy, diseased = np.mean(covered, axis=0)
    assert abs(everybody - 0.9) < 0.02
    if conditional:
        assert abs(healthy - 0.9) < 0.02 and abs(diseased - 0.9) < 0.02
    else:
        assert diseased < 0.85 < healthy  # what the marginal promise hides


def grouped_study(generator, groups=60):
    """Patients with 1 to 20 images; whoever has many images is harder to read."""
    sizes = np.where(generator.random(groups) < 0.2, 20, 1)
    group = np.repeat(np.arange(groups), sizes)
    targets = generator.integers(0, 2, groups)[group]
    shared = 1.2 * generator.normal(size=groups)[group]
    easy = np.where(sizes == 1, 3.0, 0.5)[group]
    score = (2 * targets - 1) * easy + shared + 0.5 * generator.normal(size=len(group))
    return targets, 1 / (1 + np.exp(-score)), group


def test_groups_keep_the_promise_for_a_new_patient():
    """Counting images, the few patients with many images decide; counting patients, each has its say."""
    generator = np.random.default_rng(5)
    results = {"groups": [], "images": []}
    for _ in range(150):
        targets, probability, group = grouped_study(generator)
        new_targets, new_probability, new_group = grouped_study(generator)
        for name, given in (("groups", group), ("images", None)):
            sets = fit_conformal(targets, probability, given).sets(new_probability)
            hit = sets[np.arange(len(new_targets)), new_targets]
            per_patient = np.bincount(new_group, hit) / np.bincount(new_group)
            results[name].append(per_patient.mean())
    assert abs(np.mean(results["groups"]) - 0.9) < 0.02
    assert abs(np.mean(results["images"]) - 0.9) > 0.03


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: fit_conformal([0, 1], [0.2, 1.2]), "between 0 and 1"),
        (lambda: fit_conformal([0, 2], [0.2, 0.7]), "class numbers"),
        (lambda: fit_conformal([0, 1, 1], [0.2, 0.7]), "one class number per sample"),
        (lambda: fit_conformal([0, 1], [[0.2, 0.2], [0.5, 0.5]]), "add up"),
        (lambda: fit_conformal([0, 1], [0.2, 0.7], alpha=1.0), "alpha"),
        (lambda: fit_conformal([0, 1], [0.2, 0.7]).sets(np.full((2, 3), 1 / 3)), "calibrated for 2"),
    ],
)
def test_bad_input(call, word):
    with pytest.raises(InputError, match=word):
        call()
