"""Members and strangers: drawn image by image, within patients, once and for all."""

import numpy as np
import pytest
from scipy.stats import chi2

from helpers.data.dataset import Dataset, Source
from helpers.data.membership import members_and_strangers
from helpers.runtime import InputError

PATIENTS, IMAGES = 40, 50


def pool(patients=PATIENTS, images=IMAGES):
    count = patients * images
    return Dataset(
        name="pool",
        inputs=np.arange(count)[:, None].astype(float),
        targets=np.arange(count) % 2,
        task="binary",
        groups=np.repeat(np.arange(patients), images),
        groups_known=True,
        split=np.full(count, "train"),
        source=Source("pool", "", ""),
    )


def test_everybody_is_on_one_side_and_always_on_the_same():
    members, strangers = members_and_strangers(pool(), 0.5, 1, 1)
    together = np.concatenate([members.inputs, strangers.inputs])[:, 0]
    assert np.array_equal(np.sort(together), np.arange(PATIENTS * IMAGES))
    again, _ = members_and_strangers(pool(), 0.5, 1, 1)
    assert np.array_equal(members.inputs, again.inputs)


@pytest.mark.parametrize("share", [0.5, 0.75])
def test_coins_know_nothing_of_patients(share):
    """The number of members of each patient is binomial: its chi-square statistic lies where it should."""
    members, _ = members_and_strangers(pool(), share, 1, 1)
    counts = np.bincount(members.groups, minlength=PATIENTS)
    assert abs(len(members) / (PATIENTS * IMAGES) - share) < 4 * np.sqrt(share * (1 - share) / (PATIENTS * IMAGES))
    statistic = np.sum((counts - IMAGES * share) ** 2) / (IMAGES * share * (1 - share))
    assert chi2.ppf(0.001, PATIENTS) < statistic < chi2.ppf(0.999, PATIENTS)


def test_too_small_a_pool_says_how_many_are_needed_and_that_many_suffice():
    with pytest.raises(InputError, match=r"120 training samples.*200 members.*100 strangers.*about 4\d\d training"):
        members_and_strangers(pool(12, 10), 0.5, 200, 100)
    members, strangers = members_and_strangers(pool(44, 10), 0.5, 200, 100)
    assert len(members) >= 200 and len(strangers) >= 100
    with pytest.raises(InputError, match="strangers: about"):
        members_and_strangers(pool(30, 10), 0.9, 200, 100)


@pytest.mark.parametrize("share", [0.0, 1.0, float("nan")])
def test_one_empty_side_is_refused(share):
    with pytest.raises(InputError, match="share of members"):
        members_and_strangers(pool(), share, 1, 1)
