"""Sample sizes against formulas solved by hand, and against studies drawn at the size they ask for."""

import math

import numpy as np
import pytest

from helpers.evaluation.auroc_intervals import auroc_newcombe
from helpers.evaluation.comparison import PairedComparison, delong_paired
from helpers.evaluation.proportions import Interval, cluster_proportion, wilson
from helpers.evaluation.sample_size import (
    auroc_at,
    design_effect,
    groups_for_half_width,
    groups_for_measured,
    groups_to_detect,
    half_width,
    measured_curves,
    precision_table,
    proportion_at,
    rescaled_half_width,
)
from helpers.runtime import InputError


def test_design_effect():
    assert design_effect(1, 0.7) == 1
    assert design_effect(5, 0.5) == 3
    assert design_effect(5, 1.0) == 5


def test_proportion_is_wilson_for_the_effective_number():
    assert half_width(proportion_at(148, 15 / 148)) == pytest.approx(wilson(15, 148).width / 2)
    assert proportion_at(60, 0.9, 5, 0.5).low == pytest.approx(wilson(90, 100).low)
    assert proportion_at(60, 0.9, 5, 1.0).low == pytest.approx(proportion_at(60, 0.9).low)


def test_number_for_two_points_solves_the_equation():
    """At a share of one half Wilson's half width is q / 2 / √(n + q²), so n = (q / 2w)² - q²."""
    expected = math.ceil((1.959964 / 0.04) ** 2 - 1.959964**2)
    assert groups_for_half_width(0.02, lambda groups: proportion_at(groups, 0.5)) == expected


@pytest.mark.parametrize("wanted", [0.02, 0.05, 0.3])
def test_the_number_is_the_smallest(wanted):
    for interval_at in (lambda n: proportion_at(n, 0.9, 4, 0.3), lambda n: auroc_at(n, 0.95, 0.3)):
        number = groups_for_half_width(wanted, interval_at)
        assert half_width(interval_at(number)) <= wanted
        assert number == 2 or half_width(interval_at(number - 1)) > wanted


def test_auroc_is_newcombe_for_the_effective_numbers():
    assert auroc_at(100, 0.9, 0.3) == auroc_newcombe(0.9, 30, 70)
    assert auroc_at(100, 0.9, 0.3, 5, 0.5).low == pytest.approx(auroc_newcombe(0.9, 50, 350 / 3).low)


def test_measured_interval_goes_with_the_root():
    interval = Interval(0.9, 0.85, 0.95, "any")
    assert rescaled_half_width(interval, 100, 400) == pytest.approx(0.025)
    assert groups_for_measured(0.025, interval, 100) == 400
    assert groups_for_measured(0.02, interval, 100) == 625


def test_a_study_of_that_size_has_that_width():
    """Patients with five images each, correlation one half: the measured design-effect interval is as wide as said."""
    generator = np.random.default_rng(0)
    widths = []
    for _ in range(60):
        shared = generator.random(200) < 0.8
        copied = generator.random((200, 5)) < math.sqrt(0.5)  # each image repeats the patient, or is drawn afresh
        hits = np.where(copied, shared[:, None], generator.random((200, 5)) < 0.8)
        widths.append(cluster_proportion(hits.ravel(), np.repeat(np.arange(200), 5)).width / 2)
    assert np.mean(widths) == pytest.approx(half_width(proportion_at(200, 0.8, 5, 0.5)), rel=0.06)


def test_table_shrinks():
    table = precision_table([20, 50, 100, 400], 0.9, 0.95, 0.4)
    assert list(table.columns) == ["share", "auroc"] and table.index.name == "groups"
    assert (table.diff().dropna() < 0).all().all()


def test_groups_to_detect_by_hand():
    # Interval ± 0.04 on 100 groups: error 0.04 / 1.96; (1.96 + 0.8416)² × error² × 100 / 0.03².
    compared = PairedComparison(0.9, 0.88, 0.02, -0.02, 0.06, 0.3, "any")
    expected = math.ceil(100 * (2.801585 * 0.04 / 1.959964 / 0.03) ** 2)
    assert groups_to_detect(0.03, compared, 100) == expected


def test_a_study_of_that_size_finds_the_difference():
    generator = np.random.default_rng(5)

    def study(groups):
        targets = np.arange(groups) % 2
        common = generator.normal(size=groups)
        first = common + 0.7 * generator.normal(size=groups) + 1.6 * targets
        return targets, first, common + 1.3 * generator.normal(size=groups) + 1.6 * targets

    pilot = study(4000)
    compared = delong_paired(*pilot)
    number = groups_to_detect(compared.difference, compared, 4000, power=0.8)
    found = np.mean([delong_paired(*study(number)).decided for _ in range(200)])
    assert 0.7 < found < 0.9


@pytest.mark.parametrize(
    "call",
    [
        lambda: design_effect(0.5, 0.1),
        lambda: proportion_at(0, 0.5),
        lambda: auroc_at(50, 0.9, prevalence=1.0),
        lambda: groups_for_half_width(0.0, lambda n: proportion_at(n, 0.5)),
        lambda: groups_for_half_width(1e-6, lambda n: proportion_at(n, 0.5)),
        lambda: groups_for_measured(0.7, Interval(0.9, 0.8, 1.0, "any"), 20),
        lambda: groups_to_detect(0.0, PairedComparison(0.9, 0.8, 0.1, 0.0, 0.2, 0.05, "any"), 50),
        lambda: rescaled_half_width(Interval(0.9, 0.8, 1.0, "any"), 0, 10),
    ],
)
def test_bad_input(call):
    with pytest.raises(InputError):
        call()


def test_measured_widths_are_carried_over_by_the_square_root():
    curves, today = measured_curves({"accuracy": Interval(0.8, 0.7, 0.9, "any")}, 25, np.array([25, 100, 400]))
    assert curves["accuracy"].tolist() == pytest.approx([0.1, 0.05, 0.025])
    assert today == {"accuracy": (25, pytest.approx(0.1))}
