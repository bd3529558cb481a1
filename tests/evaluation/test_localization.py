"""Rules for heat maps against answers that can be counted by hand."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from helpers.evaluation import localization
from helpers.runtime import InputError


def square(rows, columns, side=8):
    mask = np.zeros((1, side, side), dtype=bool)
    mask[0, rows, columns] = True
    return mask


MASK = square(slice(2, 4), slice(2, 4))


def peak(row, column, value=1.0):
    maps = np.zeros((1, 8, 8))
    maps[0, row, column] = value
    return maps


def test_pointing_hits_inside_beside_and_far_away():
    assert localization.pointing_hits(peak(2, 3), MASK).tolist() == [1.0]
    assert localization.pointing_hits(peak(2, 4), MASK).tolist() == [0.0]
    assert localization.pointing_hits(peak(2, 4), MASK, tolerance=1).tolist() == [1.0]
    assert localization.pointing_hits(peak(5, 5), MASK, tolerance=1).tolist() == [0.0]
    assert localization.pointing_hits(peak(5, 5), MASK, tolerance=2).tolist() == [1.0]


def test_an_empty_map_points_blindly_and_ties_are_shared():
    assert localization.pointing_hits(np.zeros((1, 8, 8)), MASK)[0] == 4 / 64
    assert localization.pointing_hits(peak(2, 2) + peak(0, 0), MASK)[0] == 0.5


def test_widened_masks():
    assert localization.widened(MASK, 1).sum() == 16
    assert localization.widened(MASK, 0) is MASK
    assert not localization.widened(np.zeros((2, 8, 8), dtype=bool), 3).any()
    assert localization.mask_share(localization.widened(MASK, 1)).tolist() == [0.25]


def test_mass_inside():
    assert localization.mass_inside(peak(2, 2, 3.0) + peak(0, 0), MASK)[0] == 0.75
    assert localization.mass_inside(np.full((1, 8, 8), 7.0), MASK)[0] == pytest.approx(4 / 64)
    assert localization.mass_inside(np.zeros((1, 8, 8)), MASK)[0] == 4 / 64
    with pytest.raises(InputError, match="negative"):
        localization.mass_inside(-MASK.astype(float), MASK)


def test_maps_without_a_network():
    images = np.full((1, 8, 8, 1), 200.0)
    images[0, :, 4:] = 50
    found = localization.maps_without_network(images)
    assert found["dark pixels"][0, 0].tolist() == [0] * 4 + [150] * 4
    edges = found["edges"][0]
    assert (edges[:, 3:5] > 0).all() and edges[:, :3].max() == edges[:, 5:].max() == 0


def test_spread_takes_rows_from_all_over():
    chosen = np.arange(100) % 2 == 0
    rows = localization.spread(chosen, 5)
    assert rows[0] == 0 and rows[-1] == 98 and len(rows) == 5 and chosen[rows].all()
    assert localization.spread(chosen, 500).tolist() == list(range(0, 100, 2))
    for bad in ((np.zeros(4, dtype=bool), 3), (chosen, 0)):
        with pytest.raises(InputError):
            localization.spread(*bad)


IMAGE = np.arange(16, dtype=np.float32).reshape(1, 4, 4, 1)


def total(images):
    return images.sum(axis=(1, 2, 3))


def test_deletion_and_insertion_of_a_sum():
    maps = IMAGE[..., 0].astype(float)  # the largest pixels first
    deletion, insertion = localization.replacement_curves(total, IMAGE, maps, steps=4)
    # 12 + 13 + 14 + 15 = 54 go first, then 38, 22 and 6
    assert deletion.tolist() == [[120, 66, 28, 6, 0]]
    assert insertion.tolist() == [[0, 54, 92, 114, 120]]
    backwards = localization.replacement_curves(total, IMAGE, -maps, steps=4)[0]
    assert localization.curve_area(deletion)[0] < localization.curve_area(backwards)[0]


def test_a_removed_pixel_gets_the_fill():
    deletion, insertion = localization.replacement_curves(total, IMAGE, IMAGE[..., 0], steps=2, fill=1.0)
    assert (deletion[0, -1], insertion[0, 0]) == (16, 16)


def test_curve_area():
    assert localization.curve_area(np.array([[1.0, 1.0, 1.0], [0.0, 0.5, 1.0]])).tolist() == [1.0, 0.5]


def test_rank_correlations_are_those_of_scipy():
    generator = np.random.default_rng(0)
    maps, others = generator.normal(size=(2, 4, 8, 8)).round(1)  # with ties
    found = localization.rank_correlations(maps, others)
    expected = [spearmanr(one.ravel(), other.ravel()).statistic for one, other in zip(maps, others, strict=True)]
    np.testing.assert_allclose(found, expected, atol=1e-12)
    np.testing.assert_allclose(localization.rank_correlations(maps, np.exp(maps)), 1, atol=1e-12)
    assert localization.rank_correlations(maps, np.ones_like(maps)).tolist() == [0, 0, 0, 0]


def test_the_interval_of_a_mean_without_groups_is_student_s():
    values = np.array([1.0, 2.0, 4.0, 7.0, 3.0, 5.0])
    found = localization.mean_over_groups(values)
    error = values.std(ddof=1) / np.sqrt(6)
    assert found.value == values.mean()
    # The degrees of freedom come from the fourth moment: at most those of normal values.
    assert found.high - found.value >= 2.5705 * error - 1e-3
    assert found.high - found.value < 4 * error
    assert found.high - found.value == pytest.approx(found.value - found.low)


def test_the_interval_of_a_mean_covers_it_with_groups():
    generator = np.random.default_rng(0)
    groups = np.repeat(np.arange(25), 4)
    hits = 0
    for _ in range(400):
        values = generator.normal(size=25)[groups] + 0.5 * generator.normal(size=100)
        found = localization.mean_over_groups(values, groups)
        hits += found.low <= 0 <= found.high
    assert 0.92 <= hits / 400 <= 0.98  # 0.95 ± 2.7 standard errors


def test_a_mean_that_does_not_vary_or_has_one_group():
    for groups in (None, np.zeros(3)):
        found = localization.mean_over_groups(np.ones(3), groups)
        assert found.value == 1 and np.isnan(found.low) and np.isnan(found.high)


def test_paired_means_subtract_what_both_share():
    generator = np.random.default_rng(0)
    shared = 10 * generator.normal(size=60)
    first, second = shared + 0.5 + 0.1 * generator.normal(size=60), shared
    gap = localization.paired_means(first, second)
    assert gap.low > 0.4 and gap.high < 0.6 and gap.decided
    assert gap.first - gap.second == pytest.approx(gap.difference)


@pytest.mark.parametrize(
    "call",
    [
        lambda: localization.pointing_hits(np.zeros((8, 8)), MASK),
        lambda: localization.pointing_hits(np.zeros((1, 8, 8)), MASK.astype(int)),
        lambda: localization.pointing_hits(np.full((1, 8, 8), np.nan), MASK),
        lambda: localization.widened(MASK, -1),
        lambda: localization.replacement_curves(total, IMAGE, np.zeros((1, 5, 5)), 4),
        lambda: localization.replacement_curves(total, IMAGE, np.zeros((1, 4, 4)), 1),
        lambda: localization.mean_over_groups(np.array([])),
        lambda: localization.mean_over_groups(np.array([np.inf])),
    ],
)
def test_bad_input(call):
    with pytest.raises(InputError):
        call()


def test_somebody_else_is_somebody_else_and_everybody_serves_once():
    groups = np.array([3, 3, 1, 7, 7, 7, 1])
    other = localization.of_somebody_else(groups)
    assert sorted(other) == list(range(7)) and (groups[other] != groups).all()
    with pytest.raises(InputError, match="somebody else"):
        localization.of_somebody_else(np.array([0, 0, 0, 1]))


def test_pixels_of_equal_value_go_in_no_order():
    """A map of nothing must not delete the top rows first: half of the pixels are then half of each row, about."""
    left = np.zeros((1, 20, 20, 1))
    left[:, :10] = 1.0
    deletion, _ = localization.replacement_curves(
        lambda some: some.mean(axis=(1, 2, 3)), left, np.zeros((1, 20, 20)), 2
    )
    assert deletion[0, 1] == pytest.approx(0.25, abs=0.05)
