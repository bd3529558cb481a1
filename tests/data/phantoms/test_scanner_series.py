"""One tissue through several scanners: the same pictures as the phantom's own, and nothing but the machine differs."""

import numpy as np
import pytest

from helpers.data.phantoms.anatomy import sample_tissue
from helpers.data.phantoms.rendering import SCANNERS, Scanner, render
from helpers.data.phantoms.scanner_series import THREE_SCANNERS, scanner_series
from helpers.data.phantoms.tissue import tissue_phantom
from helpers.runtime import InputError


@pytest.fixture(scope="module")
def series():
    return scanner_series(1)


def test_same_tissue_in_every_row(series):
    first, *others = series.values()
    assert list(series) == ["scanner A", "scanner B", "scanner C"] and len(first) == 100
    for other in others:
        for name in ("targets", "groups", "split"):
            np.testing.assert_array_equal(getattr(first, name), getattr(other, name))
        assert (first.inputs != other.inputs).any(axis=(1, 2, 3)).all()
        # Different machines, the same cells: picture k resembles picture k more than any other one.
        flat = [some.inputs.reshape(100, -1).astype(float) for some in (first, other)]
        likeness = np.corrcoef(*flat)[:100, 100:]
        np.testing.assert_array_equal(likeness.argmax(axis=1), np.arange(100))


def test_pictures_of_the_phantom_itself(series):
    """``tissue-phantom`` draws a scanner for each patient: its tiles are found in the series of that scanner."""
    known = tissue_phantom(300)
    first = np.flatnonzero(np.diff(known.groups, prepend=-1))
    for row, patient in zip(first, known.groups[first], strict=True):
        same = series[SCANNERS[known.sites[row]].name]
        np.testing.assert_array_equal(same.inputs[patient], known.inputs[row])
        assert same.split[patient] == known.split[row] and same.targets[patient] == known.targets[row]


def test_noise_of_two_photographs_is_independent(series):
    """What is left of two pictures without their smooth part is noise: it is not the same noise made stronger."""

    def rough(name):
        pictures = series[name].inputs[..., 0].astype(float)
        return (pictures[:, 1:-1, 1:-1] - (pictures[:, 1:-1, :-2] + pictures[:, 1:-1, 2:]) / 2).ravel()

    twice = scanner_series(1)
    np.testing.assert_array_equal(series["scanner C"].inputs, twice["scanner C"].inputs)
    one_noise = [render(sample_tissue(20, 0, True, 0), scanner, 0).astype(float) for scanner in THREE_SCANNERS[::2]]
    other_noise = render(sample_tissue(20, 0, True, 0), THREE_SCANNERS[2], 3).astype(float)
    shared, apart = (np.corrcoef(one_noise[0].ravel(), some.ravel())[0, 1] for some in (one_noise[1], other_noise))
    assert apart < shared
    assert 0 < np.corrcoef(rough("scanner A"), rough("scanner C"))[0, 1] < 0.5


def test_scanner_c_is_farther_from_a_than_b_is(series):
    near, far = (
        np.abs(series[name].inputs.astype(float) - series["scanner A"].inputs).mean()
        for name in ("scanner B", "scanner C")
    )
    assert far > 2 * near


@pytest.mark.parametrize("tiles", [0, 21])
def test_refused(tiles):
    with pytest.raises(InputError, match="1 to 20"):
        scanner_series(tiles)


def test_scanner_c_obeys_the_same_physics():
    """Without blur and noise the third scanner is a tone curve: darker where the first one is darker."""
    tissue = sample_tissue(0, 1, True, 0)
    plain, dark = (render(tissue, Scanner("x", gain, gamma, 0.01, 0)) for gain, gamma in ((1, 1), (0.85, 1.35)))
    expected = 255 * (0.85 * plain[plain < 255] / 255) ** 1.35
    np.testing.assert_allclose(dark[plain < 255], expected, atol=1.5)
