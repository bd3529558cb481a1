"""From a table with gaps to numbers: filled, marked, scaled, unfolded, and equally wide whatever a fold holds."""

from __future__ import annotations

import numpy as np

from helpers.data.heart_columns import CATEGORIES, KEYS, NUMBERS
from helpers.data.phantoms.hospitals import heart_phantom
from helpers.data.table_preparation import heart_preparation


def test_numbers_are_scaled_marked_and_unfolded():
    values = heart_phantom().inputs
    table = heart_preparation().fit_transform(values)
    numbers = len(NUMBERS)
    assert np.isfinite(table).all()
    np.testing.assert_allclose(table[:, :numbers].mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(table[:, :numbers].std(axis=0), 1, atol=1e-12)
    assert (table[:, 2 * numbers :].sum(axis=1) == len(CATEGORIES)).all(), "one code each, missing being one of them"


def test_a_gap_is_filled_with_the_median_and_leaves_a_mark():
    values = heart_phantom().inputs.copy()
    place = NUMBERS.index(KEYS.index("chol"))
    chol = values[:, KEYS.index("chol")]
    row = int(np.flatnonzero(np.isnan(chol))[0])
    prepared = heart_preparation().fit(values)
    filled = values[[row]].copy()
    filled[0, KEYS.index("chol")] = np.nanmedian(chol)
    gap, known = prepared.transform(values[[row]])[0], prepared.transform(filled)[0]
    assert gap[place] == known[place] and gap[len(NUMBERS) + place] > known[len(NUMBERS) + place]
    forgotten = heart_preparation(marked=False).fit(values)
    np.testing.assert_array_equal(forgotten.transform(values[[row]]), forgotten.transform(filled))


def test_width_does_not_depend_on_what_a_fold_holds():
    dataset = heart_phantom()
    nowhere_measured = dataset.inputs[dataset.sites == 2]  # no cholesterol at all
    for marked in (True, False):
        few = heart_preparation(marked).fit_transform(nowhere_measured[:20])
        all_of_them = heart_preparation(marked).fit_transform(dataset.inputs)
        assert few.shape[1] == all_of_them.shape[1] and np.isfinite(few).all()
