"""The tissue phantom: what it promises about classes, brightness, split and reproducibility."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import multivariate_normal, norm
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from helpers.data.dataset import PARTS
from helpers.data.phantoms import atypia
from helpers.data.phantoms.architecture import draw_focus
from helpers.data.phantoms.cohort import cohort_size
from helpers.data.phantoms.nuclei import throw_darts
from helpers.data.phantoms.outlines import outline_radius
from helpers.data.phantoms.rendering import SCANNERS, Scanner, render
from helpers.data.phantoms.tissue import sample_tissue, tissue_phantom
from helpers.runtime import InputError


@pytest.fixture(scope="module")
def phantom():
    started = time.process_time()
    dataset = tissue_phantom()
    seconds = time.process_time() - started
    print(f"tissue phantom: {len(dataset) / seconds:.0f} tiles per CPU-second")
    assert seconds < 60
    return dataset


def grouped_auroc(features: np.ndarray, dataset) -> float:
    """AUROC of a logistic regression in cross-validation that keeps patients together."""
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=3000))
    folds = GroupKFold(5, shuffle=True, random_state=0)
    scores = cross_val_predict(
        model, features, dataset.targets, groups=dataset.groups, cv=folds, method="predict_proba"
    )
    return roc_auc_score(dataset.targets, scores[:, 1])


def test_default_dataset_has_the_promised_shape(phantom):
    assert phantom.name == "tissue-phantom"
    assert phantom.inputs.shape == (2000, 64, 64, 1) and phantom.inputs.dtype == np.uint8
    assert phantom.class_names == ("normal", "cancer")
    assert phantom.groups_known and phantom.source.synthetic and phantom.source.group == "patient"
    assert np.unique(phantom.groups, return_counts=True)[1].tolist() == [20] * 100
    assert len(np.unique(phantom.inputs.reshape(2000, -1), axis=0)) == 2000


def test_split_is_by_patient_balanced_and_sixty_twenty_twenty(phantom):
    patients = {name: set(phantom.part(name).groups) for name in PARTS}
    assert [len(patients[name]) for name in PARTS] == [60, 20, 20]
    assert not patients["train"] & patients["validation"]
    assert not patients["train"] & patients["test"]
    assert not patients["validation"] & patients["test"]
    for name in PARTS:
        assert phantom.part(name).targets.mean() == 0.5


def test_prevalence_varies_between_patients(phantom):
    prevalence = np.array([phantom.targets[phantom.groups == patient].mean() for patient in range(100)])
    # Beta(a, a) has variance 1 / (4 (2 a + 1)); binomial counts of 20 add mean p(1-p)/20. Together .131 for a = .6.
    assert np.var(prevalence) == pytest.approx(0.131, abs=0.03)


def test_one_patient_is_scanned_by_one_scanner_whatever_the_class(phantom):
    for patient in range(100):
        assert len(np.unique(phantom.sites[phantom.groups == patient])) == 1
    for site in (0, 1):
        assert phantom.targets[phantom.sites == site].mean() == 0.5
    assert 0.3 < phantom.sites.mean() < 0.7


def test_lesion_covers_a_part_of_cancer_tiles_and_nothing_of_normal_ones(phantom):
    covered = phantom.truth["lesion_mask"].mean(axis=(1, 2))
    assert (covered[phantom.targets == 0] == 0).all()
    assert covered[phantom.targets == 1].min() > 0.2 and covered[phantom.targets == 1].max() < 0.62
    np.testing.assert_allclose(covered, phantom.truth["lesion_fraction"])
    assert ((phantom.truth["grade"] > 0) == (phantom.targets == 1)).all()
    assert set(phantom.truth["grade"]) == {0, 1, 2, 3}


def test_oracle_separates_as_well_as_intended(phantom):
    assert 0.93 <= roc_auc_score(phantom.targets, phantom.truth["oracle"]) <= 0.97
    assert 0.93 <= atypia.oracle_auroc() <= 0.97


def test_no_single_factor_reaches_the_oracle(phantom):
    best = roc_auc_score(phantom.targets, phantom.truth["oracle"])
    for factor in atypia.FACTORS:
        assert 0.7 < roc_auc_score(phantom.targets, phantom.truth[factor]) < best


def test_brightness_does_not_give_the_class_away(phantom):
    pixels = phantom.inputs.reshape(len(phantom), -1) / 255
    low, high = np.quantile(pixels, [0.1, 0.9], axis=1)
    features = np.column_stack([pixels.mean(axis=1), pixels.std(axis=1), low, high])
    auroc = grouped_auroc(features, phantom)
    assert 0.40 <= auroc <= 0.60  # below .40 the reversed score would give the class away just as well
    for column in features.T:
        assert abs(roc_auc_score(phantom.targets, column) - 0.5) <= 0.10


def test_histogram_is_far_from_the_oracle(phantom):
    pixels = phantom.inputs.reshape(len(phantom), -1)
    histograms = np.stack([np.bincount(row // 16, minlength=16) for row in pixels])
    assert grouped_auroc(histograms, phantom) <= 0.70


def test_staining_recognizes_patients(phantom):
    """Patients differ more than the tiles of a patient do: the signature that leaks labels under a random split."""
    brightness = phantom.inputs.mean(axis=(1, 2, 3)).reshape(100, 20)
    assert brightness.mean(axis=1).std() > brightness.std(axis=1).mean()


def test_limited_dataset_holds_tiles_of_the_whole_one(phantom):
    limited = tissue_phantom(150)
    assert len(limited) == 150 and len(np.unique(limited.groups)) == 30
    rows = np.concatenate([np.flatnonzero(phantom.groups == patient)[:5] for patient in range(30)])
    expected = phantom.select(rows)
    np.testing.assert_array_equal(limited.inputs, expected.inputs)
    np.testing.assert_array_equal(limited.targets, expected.targets)
    np.testing.assert_array_equal(limited.split, expected.split)
    np.testing.assert_array_equal(limited.sites, expected.sites)
    for name, values in limited.truth.items():
        np.testing.assert_array_equal(values, expected.truth[name])
    for part in PARTS:
        assert set(limited.part(part).targets) == {0, 1}


@pytest.mark.parametrize(
    ("maximum", "patients", "tiles"),
    [
        (None, 100, 20),
        (5000, 100, 20),
        (1500, 100, 15),
        (1000, 100, 10),
        (600, 60, 10),
        (300, 30, 10),
        (200, 30, 6),
        (40, 30, 1),
        (10, 10, 1),
    ],
)
def test_size_of_a_limited_cohort(maximum, patients, tiles):
    assert cohort_size(maximum) == (patients, tiles)


def test_too_few_tiles_are_refused():
    with pytest.raises(InputError, match="at least 10"):
        tissue_phantom(9)


def test_same_seed_same_bytes():
    first, second = (sample_tissue(4, 2, True, tile=3) for _ in range(2))
    assert render(first).tobytes() == render(second).tobytes()
    assert render(first).tobytes() == render(first).tobytes()
    for changed in (
        sample_tissue(5, 2, True, tile=3),
        sample_tissue(4, 3, True, tile=3),
        sample_tissue(4, 2, True, tile=4),
    ):
        assert (render(changed) != render(first)).mean() > 0.5


def test_two_scanners_see_the_same_tissue_differently():
    tissue = sample_tissue(4, 2, True)
    first, second = render(tissue, SCANNERS[0]), render(tissue, SCANNERS[1])
    assert (first != second).mean() > 0.5
    # The same cells are there: what differs is tone and sharpness.
    assert np.corrcoef(first.ravel(), second.ravel())[0, 1] > 0.95


def test_scanner_settings_do_what_they_say():
    tissue = sample_tissue(4, 2, False)
    clean = Scanner("clean", gain=1.0, gamma=1.0, blur=0.5, noise=0.0)
    # Brightness is set before clipping; the stain asks for a mean transmission.
    assert render(tissue, clean).mean() / 255 == pytest.approx(tissue.stain.brightness, abs=0.02)
    dim = render(tissue, Scanner("dim", gain=0.5, gamma=1.0, blur=0.5, noise=0.0))
    assert dim.mean() / 255 == pytest.approx(0.5 * tissue.stain.brightness, abs=0.01)
    soft = render(tissue, Scanner("soft", gain=1.0, gamma=1.0, blur=1.5, noise=0.0))
    assert soft.astype(float).std() < render(tissue, clean).astype(float).std()


def test_nucleus_count_is_the_number_of_centers_inside(phantom):
    first = sample_tissue(20, int(phantom.groups[0]), bool(phantom.targets[0]), 0)
    inside = sum(-0.5 < nucleus.row < 63.5 and -0.5 < nucleus.column < 63.5 for nucleus in first.nuclei)
    assert inside == first.nucleus_count == phantom.truth["nucleus_count"][0]
    assert len(first.nuclei) > inside  # some reach in from outside


def test_twins_share_everything_but_their_focus():
    normal, cancer = (sample_tissue(4, 2, malignant) for malignant in (False, True))
    np.testing.assert_array_equal(normal.focus, cancer.focus)
    np.testing.assert_array_equal(normal.stroma.angle, cancer.stroma.angle)
    assert normal.stain == cancer.stain
    np.testing.assert_allclose(cancer.standardized - normal.standardized, atypia.SEPARATION)
    assert not normal.lesion_mask.any() and not any(nucleus.malignant for nucleus in normal.nuclei)
    np.testing.assert_array_equal(cancer.lesion_mask, cancer.focus)
    malignant = [nucleus for nucleus in cancer.nuclei if nucleus.malignant]
    assert malignant and all(nucleus.kind == 0 for nucleus in malignant)
    inside = [nucleus for nucleus in cancer.nuclei if 0 <= nucleus.row <= 63 and 0 <= nucleus.column <= 63]
    for nucleus in inside:
        in_lesion = cancer.lesion_mask[round(nucleus.row), round(nucleus.column)]
        assert nucleus.malignant == (in_lesion and nucleus.kind == 0)


def test_factors_show_in_the_nuclei():
    def focus_nuclei(standardized):
        tissues = [sample_tissue(1, patient, True, standardized=standardized) for patient in range(12)]
        return [nucleus for tissue in tissues for nucleus in tissue.nuclei if nucleus.malignant]

    low, high = focus_nuclei(np.zeros(5)), focus_nuclei(np.full(5, 3.0))

    def middle(nuclei, attribute):
        return np.median([getattr(nucleus, attribute) for nucleus in nuclei])

    # Darts favor small nuclei a little, hence the tolerance.
    assert middle(low, "diameter") == pytest.approx(atypia.morphology(np.zeros(5)).size, rel=0.06)
    assert middle(high, "diameter") == pytest.approx(atypia.morphology(np.full(5, 3.0)).size, rel=0.12)
    assert middle(high, "chromatin") > middle(low, "chromatin") + 0.3
    ragged = [np.linalg.norm([nucleus.amplitudes for nucleus in nuclei], axis=1).mean() for nuclei in (low, high)]
    assert ragged[1] > 2 * ragged[0]


def test_larger_tile_shows_more_nuclei_of_the_same_size():
    small, large = (sample_tissue(4, 2, True, size=size) for size in (64, 128))
    assert render(large).shape == (128, 128)
    assert 3 < large.nucleus_count / small.nucleus_count < 5
    diameters = [np.median([nucleus.diameter for nucleus in tissue.nuclei]) for tissue in (small, large)]
    assert diameters[1] == pytest.approx(diameters[0], rel=0.2)


def test_oracle_is_the_ratio_of_two_gaussian_densities():
    points = np.random.default_rng(0).normal(1, 2, (20, 5))
    normal = multivariate_normal(np.zeros(5), atypia.covariance())
    cancer = multivariate_normal(atypia.SEPARATION, atypia.covariance())
    np.testing.assert_allclose(atypia.log_likelihood_ratio(points), cancer.logpdf(points) - normal.logpdf(points))


def test_closed_form_auroc_of_the_oracle():
    # The ratio is Gaussian in both classes, with means -D2/2 and +D2/2 and variance D2; integrate P(normal < cancer).
    squared = 2 * atypia.log_likelihood_ratio(atypia.SEPARATION)
    value, _ = quad(
        lambda x: norm.cdf(x, -squared / 2, np.sqrt(squared)) * norm.pdf(x, squared / 2, np.sqrt(squared)),
        -60,
        60,
        points=[0],
    )
    assert atypia.oracle_auroc() == pytest.approx(value, abs=1e-6)


def test_drawn_factors_have_the_stated_distribution():
    generator = np.random.default_rng(0)
    drawn = np.stack(
        [
            atypia.standardized_factors(True, atypia.draw_effect(generator), atypia.draw_effect(generator))
            for _ in range(20_000)
        ]
    )
    np.testing.assert_allclose(drawn.mean(axis=0), atypia.SEPARATION, atol=0.03)
    np.testing.assert_allclose(np.cov(drawn.T), atypia.covariance(), atol=0.04)


def test_morphology_grows_with_each_factor():
    for position, factor in enumerate(atypia.FACTORS):
        levels = [atypia.morphology(step * np.eye(5)[position]) for step in (-2, 0, 2, 4)]
        values = [getattr(level, factor) for level in levels]
        assert values == sorted(set(values))


def test_darts_keep_their_distance_and_are_maximal():
    generator = np.random.default_rng(0)
    places, radii = generator.uniform(0, 40, (200, 2)), generator.uniform(1, 4, 200)
    kept = throw_darts(places, radii)
    distance = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    overlap = distance < radii[:, None] + radii[None]
    among_kept = overlap[np.ix_(kept, kept)]
    assert among_kept.sum() == len(kept)  # each overlaps itself only
    left_out = np.setdiff1d(np.arange(200), kept)
    for candidate in left_out:
        assert overlap[candidate, kept[kept < candidate]].any()


def test_outline_equals_the_sum_of_cosines():
    angle = np.linspace(0, 2 * np.pi, 50)
    amplitudes, phases = np.array([[0.2, -0.1, 0.05]]), np.array([[0.3, 2.0, 4.0]])
    expected = 1 + sum(a * np.cos(k * angle + p) for k, a, p in zip((2, 3, 4), amplitudes[0], phases[0], strict=True))
    found = outline_radius(np.cos(angle)[None], np.sin(angle)[None], amplitudes, phases)
    np.testing.assert_allclose(found[0], expected, atol=1e-5)


def test_focus_covers_the_wanted_share():
    mask, soft = draw_focus(np.random.default_rng(0), 64, 0.375)
    assert mask.sum() == 0.375 * 64 * 64
    assert soft.mean() == pytest.approx(0.375, abs=0.02)


def test_phantom_needs_no_tensorflow():
    code = "import sys, helpers.data.phantoms.tissue; sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    finished = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": os.pathsep.join(sys.path)}, check=False)
    assert finished.returncode == 0
