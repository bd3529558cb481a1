"""Scrambling shuffles the layers it is told to, and nothing else."""

import numpy as np
import pytest

from helpers import runtime
from helpers.models import cnn
from helpers.runtime import InputError
from helpers.training import scrambling


@pytest.fixture
def network():
    runtime.configure(0)
    return cnn.tumor_cnn(28, filters=(4, 8), convolutions=1, dense=8)


def test_layers_come_from_the_output_back(network):
    layers = scrambling.weighted_layers(network)
    assert layers[:2] == ["probability", "dense"] and layers[-1] == "convolution_1_1"
    assert all(network.get_layer(name).weights for name in layers)


def test_only_the_named_layers_change_and_keep_their_values(network):
    copy = scrambling.scrambled(network, ["dense", "convolution_2_1"], seed=0)
    for layer in network.layers:
        for ours, theirs in zip(layer.get_weights(), copy.get_layer(layer.name).get_weights(), strict=True):
            assert np.array_equal(ours, theirs) != (layer.name in ("dense", "convolution_2_1") and np.ptp(ours) > 0)
            np.testing.assert_array_equal(np.sort(ours.ravel()), np.sort(theirs.ravel()))


def test_the_seed_decides_and_the_original_stays(network):
    before = [array.copy() for array in network.get_weights()]
    layers = scrambling.weighted_layers(network)
    one, again, other = (scrambling.scrambled(network, layers, seed).get_weights() for seed in (0, 0, 1))
    assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
    assert any(not np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(before, network.get_weights(), strict=True))


def test_an_unknown_layer(network):
    with pytest.raises(InputError, match="no layer 'conv9'"):
        scrambling.scrambled(network, ["conv9"], seed=0)
