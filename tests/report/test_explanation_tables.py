"""What goes into the results is what the rules give, under the names that are promised."""

import numpy as np
import pytest

from helpers.data.phantoms.tissue import tissue_phantom
from helpers.evaluation import localization
from helpers.evaluation.auroc_intervals import auroc_delong
from helpers.report import explanation_tables, writing

GENERATOR = np.random.default_rng(0)
MASKS = np.zeros((12, 16, 16), dtype=bool)
MASKS[:, 4:8, 4:8] = True
GROUPS = np.repeat(np.arange(6), 2)
MAPS = {"Grad-CAM": MASKS + 0.01 * GENERATOR.random(MASKS.shape), "dark pixels": GENERATOR.random(MASKS.shape)}
IMAGES = GENERATOR.random((12, 16, 16, 1))


@pytest.fixture
def run(tmp_path):
    return writing.Run("11_interpretability", "Test", "tissue-phantom", "quick", 0, str(tmp_path))


def metrics(run):
    run.add_dataset(tissue_phantom(20))
    return {metric["name"]: metric for metric in run.save()["metrics"]}


def test_localization(run):
    tables = explanation_tables.localization_table(run, "lesion", MAPS, MASKS, GROUPS, 1, ("dark pixels",))
    stored = metrics(run)
    assert tables["pointing"].loc["Grad-CAM", "value"] == 1 and stored["lesion_pointing_grad_cam"]["value"] == 1
    expected = localization.mass_inside(MAPS["dark pixels"], MASKS)
    assert stored["lesion_mass_dark_pixels"]["value"] == pytest.approx(expected.mean())
    assert stored["lesion_mass_chance"]["value"] == 1 / 16
    assert stored["lesion_pointing_chance"]["value"] == 36 / 256  # the widened mask
    assert tables["mass"].loc["Grad-CAM", "above"] > 0.8
    low, high = (tables["mass"].loc["dark pixels", end] for end in ("above", "below"))
    assert low < 0 < high
    lead = localization.paired_means(
        localization.mass_inside(MAPS["Grad-CAM"], MASKS), localization.mass_inside(MAPS["dark pixels"], MASKS), GROUPS
    )
    assert tables["mass"].loc["Grad-CAM", "ahead"] == lead.low > 0
    assert (
        tables["mass"].loc["dark pixels", "ahead"] != tables["mass"].loc["dark pixels", "ahead"]
    )  # beside itself: nan
    assert (stored["lesion_mass_grad_cam"]["n"], stored["lesion_mass_grad_cam"]["groups"]) == (12, 6)


def test_faithfulness(run):
    def bright_inside(images):
        return (images[..., 0] * MASKS).sum(axis=(1, 2)) / 16

    table, curves = explanation_tables.faithfulness_table(run, bright_inside, IMAGES, MAPS, GROUPS, steps=8, seed=0)
    assert list(table.index) == ["Grad-CAM", "dark pixels", "random order"]
    assert table.loc["Grad-CAM", "low"] > 0.2 and table.loc["random order", "yield"] == 0
    # All masks lie at one place, so somebody else's map is as good.
    assert table.loc["Grad-CAM", "own"] == pytest.approx(0)
    assert table.loc["dark pixels", "own_low"] < 0 < table.loc["dark pixels", "own_high"]
    assert curves["Grad-CAM"].shape == (2, 9)
    stored = metrics(run)
    assert stored["deletion_random_order"]["value"] == pytest.approx(table.loc["random order", "deletion"])
    assert stored["yield_grad_cam"]["value"] == pytest.approx(table.loc["Grad-CAM", "yield"])
    assert stored["yield_own_dark_pixels"]["low"] == pytest.approx(table.loc["dark pixels", "own_low"])


def test_the_right_map_yields_more_than_that_of_somebody_else(run):
    places = np.zeros((12, 16, 16), dtype=bool)
    for number in range(12):
        places[number, 4 * (number // 3) : 4 * (number // 3) + 4, 4 * (number % 4) : 4 * (number % 4) + 4] = True

    def bright_inside(images):
        return (images[..., 0] * places).sum(axis=(1, 2)) / 16

    maps = {"true": places.astype(float)}
    table, _ = explanation_tables.faithfulness_table(run, bright_inside, IMAGES, maps, GROUPS, steps=8, seed=0)
    assert table.loc["true", "own_low"] > 0.2


def test_scrambling(run):
    stages = {"last 2": {"Grad-CAM": MAPS["Grad-CAM"][:4]}, "all": {"Grad-CAM": GENERATOR.random((4, 16, 16))}}
    table, last = explanation_tables.scrambling_table(run, MAPS, stages, GROUPS[:4])
    assert table.loc["last 2", "Grad-CAM"] == pytest.approx(1) and abs(table.loc["all", "Grad-CAM"]) < 0.2
    assert metrics(run)["scrambled_grad_cam"]["value"] == pytest.approx(last["Grad-CAM"].value)


def test_conditions(run):
    part = tissue_phantom(100).part("validation")
    scores = {"no mark": GENERATOR.random(len(part)), "mark on the ill": part.targets.astype(float)}
    table = explanation_tables.condition_aurocs(run, "shortcut", scores, part)
    expected = auroc_delong(part.targets, scores["no mark"], part.groups)
    stored = metrics(run)
    assert stored["auroc_shortcut_no_mark"]["low"] == table.loc["no mark", "low"] == expected.low
    assert stored["auroc_shortcut_mark_on_the_ill"]["value"] == 1.0
    assert stored["auroc_shortcut_no_mark"]["split"] == "validation"
