"""Datasets that do not fit are refused in one line that names what would."""

import numpy as np
import pytest

from helpers.data import catalog
from helpers.data.dataset import Dataset, Source
from helpers.data.molecule_requirements import (
    SOLUBILITY,
    is_solubility,
    require_properties,
    require_solubility,
    require_texts,
)
from helpers.runtime import InputError


def molecules(task="regression", held_out=20, **changes) -> Dataset:
    count = 20 + 2 * held_out
    values = {
        "name": "some",
        "inputs": np.array(["C" * length for length in range(1, count + 1)], dtype=object),
        "targets": np.arange(count) % 2 if task == "binary" else np.arange(float(count)),
        "task": task,
        "groups": np.arange(count),
        "groups_known": True,
        "split": np.repeat(["train", "validation", "test"], [20, held_out, held_out]),
        "source": Source("Chains", "none", "nobody"),
        "class_names": ("no", "yes") if task == "binary" else (),
        "target_names": (SOLUBILITY,) if task == "regression" else (),
    }
    return Dataset(**(values | changes))


PICTURES = molecules(inputs=np.zeros((60, 4, 4, 1), dtype=np.uint8))


@pytest.mark.parametrize("require", [require_properties, require_solubility, require_texts])
def test_what_fits_is_given_back(require):
    data = molecules()
    assert require(data) is data


@pytest.mark.parametrize(
    ("require", "data", "message"),
    [
        (require_properties, PICTURES, "no molecules: choose one of esol"),
        (require_properties, molecules("unlabeled"), "nothing was measured"),
        (require_properties, molecules(held_out=19), "the validation part holds 19 molecules; at least 20"),
        (require_solubility, PICTURES, "no molecules: choose one of esol, molecule-phantom"),
        (require_solubility, molecules("binary"), "no log10 solubility .* was measured here"),
        (require_solubility, molecules(target_names=("log10 lipophilicity",)), "no log10 solubility"),
        (require_solubility, molecules(held_out=5), "holds 5 molecules"),
        (require_texts, PICTURES, "no molecules: choose one of zinc"),
        (require_texts, molecules(held_out=5), "the validation part holds 5 molecules"),
    ],
)
def test_what_does_not_fit_gets_one_line(require, data, message):
    with pytest.raises(InputError, match=message) as caught:
        require(data)
    assert str(caught.value).startswith("some: ") and "\n" not in str(caught.value)


def test_a_list_without_measurements_can_still_be_written_from():
    assert require_texts(molecules("unlabeled")).task == "unlabeled"


def test_the_phantom_measures_solubility_and_the_tissue_does_not():
    assert is_solubility(require_solubility(catalog.load("molecule-phantom", maximum=300)))
    with pytest.raises(InputError, match="tissue-phantom: no molecules"):
        require_solubility(catalog.load("tissue-phantom", maximum=60))
