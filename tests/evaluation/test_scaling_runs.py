"""The tidy table of a scaling experiment, and the losses over parameters, samples and operations read from it."""

import numpy as np
import pytest

from helpers.evaluation.scaling_runs import losses_over, scaling_table, training_operations
from helpers.runtime import InputError

PARAMETERS = np.repeat([100, 200, 400], 3)
SAMPLES = np.tile([10, 20, 40], 3)


def table(tokens=None):
    """Three by three configurations, two runs each; the loss falls with both."""
    losses = 10 / np.sqrt(PARAMETERS) + 10 / SAMPLES
    return scaling_table(
        PARAMETERS, SAMPLES, 5 * SAMPLES if tokens is None else tokens, np.column_stack([losses, 1.1 * losses])
    )


def test_operations_of_a_published_model():
    # Brown et al. (2020, arXiv:2005.14165, table D.1): GPT-3, 174.6e9 parameters, 300e9 tokens, 3.14e23 operations.
    assert training_operations(174.6e9, 300e9) == pytest.approx(3.14e23, rel=0.002)


def test_one_row_per_run_from_the_fewest_operations():
    found = table()
    assert found.columns.tolist() == ["parameters", "samples", "tokens", "operations", "repeat", "loss"]
    assert len(found) == 18 and found["operations"].is_monotonic_increasing
    assert found.iloc[0].tolist() == pytest.approx([100, 10, 50, 6 * 100 * 50, 0, 2.0])
    assert found.iloc[1]["loss"] == pytest.approx(2.2)


def test_losses_over_one_thing_keep_the_other_at_its_largest():
    sizes, losses = losses_over(table(), "parameters")
    assert sizes.tolist() == [100, 200, 400] and losses.shape == (3, 2)
    assert losses[:, 0] == pytest.approx(10 / np.sqrt(sizes) + 10 / 40)
    sizes, losses = losses_over(table(), "samples")
    assert sizes.tolist() == [10, 20, 40] and losses[:, 1] == pytest.approx(1.1 * (0.5 + 10 / sizes))


def test_compute_well_spent_is_a_frontier():
    found = table()
    sizes, losses = losses_over(found, "operations")
    # Of the two ways to double and the three to quadruple the operations, the best one stays.
    assert sizes.tolist() == [30_000, 60_000, 120_000, 240_000, 480_000]
    assert losses[:, 0] == pytest.approx([2.0, 1.5, 10 / np.sqrt(200) + 0.5, 10 / np.sqrt(200) + 0.25, 0.75])


def test_more_operations_for_a_higher_loss_are_no_compute_well_spent():
    found = scaling_table([100, 200, 400], [10, 10, 10], [50, 50, 50], [2.0, 3.0, 1.0])
    assert losses_over(found, "operations")[0].tolist() == [30_000, 120_000]


def test_refused_tables():
    with pytest.raises(InputError, match="one of each per configuration"):
        scaling_table(PARAMETERS, SAMPLES[:5], SAMPLES, np.ones(9))
    with pytest.raises(InputError, match="configuration occurs twice"):
        scaling_table(PARAMETERS, np.full(9, 10), np.full(9, 50), np.ones(9))
    with pytest.raises(InputError, match="unknown column 'loss'"):
        losses_over(table(), "loss")
    longer = scaling_table([100, 100, 200], [10, 10, 10], [50, 60, 50], np.ones(3))
    with pytest.raises(InputError, match="several configurations have the same parameters"):
        losses_over(longer, "parameters")
