"""Budgets: sizes per profile, single sizes per dataset, clear errors."""

import pytest

from helpers.budgets import load_budget, profiles
from helpers.budgets.budgets import FOLDER
from helpers.data import catalog
from helpers.runtime import InputError


@pytest.mark.parametrize("notebook", sorted(path.stem for path in FOLDER.glob("*.toml")))
def test_every_notebook_has_both_profiles_with_the_same_sizes(notebook):
    assert profiles(notebook) == ("quick", "full")
    assert vars(load_budget(notebook, "quick")).keys() == vars(load_budget(notebook, "full")).keys()


@pytest.mark.parametrize("notebook", sorted(path.stem for path in FOLDER.glob("*.toml")))
@pytest.mark.parametrize("profile", ["quick", "full"])
def test_sizes_of_a_dataset_only_replace_known_ones(notebook, profile):
    general = vars(load_budget(notebook, profile)).keys()
    for dataset in catalog.names():
        assert vars(load_budget(notebook, profile, dataset)).keys() == general


def test_sizes_of_a_dataset_take_precedence():
    assert load_budget("06_tumor_diagnosis", "quick").size == 64
    assert load_budget("06_tumor_diagnosis", "quick", "breastmnist").size == 28


def test_unknown_names():
    with pytest.raises(InputError, match="quick and full"):
        load_budget("06_tumor_diagnosis", "medium")
    with pytest.raises(InputError, match="06_tumor_diagnosis"):
        load_budget("99_nothing", "quick")
