"""The trivial translator finds a filter that is known, and is the best of its kind."""

import numpy as np
import pytest
from scipy.ndimage import correlate

from helpers.evaluation.local_filter import LocalFilter
from helpers.runtime import InputError


def pictures(count=70, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, size=(count, 12, 10, 1))


def test_a_known_filter_with_square_and_offset_is_found_again():
    kernel = np.random.default_rng(1).normal(size=(5, 5))
    originals = pictures()
    blurred = np.stack([correlate(picture[..., 0], kernel, mode="nearest") for picture in originals])[..., None]
    wanted = blurred + 0.7 * originals**2 - 0.3
    found = LocalFilter.fit(originals, wanted)
    np.testing.assert_allclose(found.weights, [*kernel.ravel(), 0.7, -0.3], atol=1e-9)
    # More pictures than one piece, in their order.
    np.testing.assert_allclose(found.translate(originals), wanted, atol=1e-9)


def test_no_other_weights_come_closer():
    originals, wanted = pictures(), pictures(seed=1)
    found = LocalFilter.fit(originals, wanted, reach=1)
    error = np.mean((found.translate(originals) - wanted) ** 2)
    for place in range(len(found.weights)):
        nudged = LocalFilter(1, found.weights + 0.05 * (np.arange(len(found.weights)) == place))
        assert np.mean((nudged.translate(originals) - wanted) ** 2) > error


@pytest.mark.parametrize(
    ("originals", "wanted"),
    [(pictures(3), pictures(4)), (pictures(0), pictures(0)), (pictures()[:, :4], pictures()[:, :4])],
)
def test_bad_input_is_refused(originals, wanted):
    with pytest.raises(InputError, match="neighborhood"):
        LocalFilter.fit(originals, wanted)
