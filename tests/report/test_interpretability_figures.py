"""Figures and sentences of 11_interpretability: everything has room, and no sentence contradicts its numbers."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from helpers.data.known_effects import Expectation
from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.proportions import Interval
from helpers.evaluation.table_effects import HeldOutEffects
from helpers.report import interpretability_plots, interpretability_readings
from helpers.runtime import InputError

GENERATOR = np.random.default_rng(0)
METHODS, FREE = ("Grad-CAM", "occlusion"), ("edges", "dark pixels")
IMAGES = GENERATOR.normal(size=(3, 16, 16, 1))
MAPS = {name: GENERATOR.random((5, 16, 16)) for name in ("Grad-CAM", "integrated gradients", "occlusion", "SmoothGrad")}
MASKS = np.zeros((5, 16, 16), dtype=bool)
MASKS[:, 4:8, 4:8] = True
NAMES = ("age (years)", "highest heart rate on exertion (per minute)", "hair color")
KNOWN = {
    NAMES[0]: Expectation(1, "vessels narrow with age", "Somebody 1979"),
    NAMES[1]: Expectation(-1, "a sick heart is slow", "Somebody 1999"),
}


def judged(values, half=0.05, chance=0.1):
    table = pd.DataFrame({"value": values}, index=[*METHODS, *FREE], dtype=float)
    gap, lead = table["value"] - chance, table["value"] - table["value"].loc[list(FREE)].max()
    table = table.assign(low=table["value"] - half, high=table["value"] + half, chance=chance)
    return table.assign(above=gap - half, below=gap + half, ahead=lead - half, behind=lead + half)


def tables(pointing, mass):
    return {"pointing": judged(pointing), "mass": judged(mass)}


def conditions(marked, clean, swapped=0.6):
    table = pd.DataFrame({"value": {"mark on the ill": marked, "no mark": clean, "mark on the healthy": swapped}})
    return table.assign(low=table["value"] - 0.05, high=table["value"] + 0.05)


def gap(low, high):
    return PairedComparison(0.9, 0.5, (low + high) / 2, low, high, 0.01, "test")


def signs(**rows):
    table = pd.DataFrame.from_dict(
        dict(zip(NAMES, rows.values(), strict=False)), orient="index", columns=["strength", "sign"]
    )
    return table.assign(value=0.5 * table["sign"], low=0.4 * table["sign"], high=0.6 * table["sign"])


EFFECTS = HeldOutEffects(
    GENERATOR.normal(size=(60, 3)), np.zeros(60), GENERATOR.normal(size=(60, 3)), np.zeros(60, dtype=int)
)
CURVES = {name: np.sort(GENERATOR.random((2, 9))) for name in (*METHODS, *FREE, "random order")}
STAGES = pd.DataFrame(
    {name: [0.4, 0.1, 0.0] for name in (*METHODS, "edges")}, index=[f"last {n} of\n10 layers" for n in (2, 6, 10)]
)
FIGURES = {
    "sheet": lambda: interpretability_plots.explanation_sheet(IMAGES, MAPS, MASKS, "Where the network looks"),
    "sheet without masks": lambda: interpretability_plots.explanation_sheet(IMAGES, MAPS, None, "Where it looks"),
    "localization": lambda: interpretability_plots.localization_plot(
        tables([1, 0.9, 0.5, 0.2], [0.7, 0.6, 0.2, 0.1]), "Do the maps find the mark?"
    ),
    "curves": lambda: interpretability_plots.replacement_plot(CURVES),
    "scrambling": lambda: interpretability_plots.scrambling_plot(STAGES),
    "effects": lambda: interpretability_plots.effect_plot(
        EFFECTS, NAMES, signs(a=(1, 1), b=(0.5, -1), c=(0.1, 0)), KNOWN
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_titles_labels_and_legends_lie_inside_the_figure(name, assert_inside):
    assert_inside(FIGURES[name](), texts=True)


def test_column_titles_of_the_sheet_do_not_touch():
    figure = FIGURES["sheet"]()
    FigureCanvasAgg(figure).draw()
    boxes = [axes.title.get_window_extent() for axes in figure.axes[:5]]
    assert all(one.x1 < other.x0 for one, other in zip(boxes, boxes[1:], strict=False))


def test_every_map_is_drawn_from_zero_on_its_own_scale():
    pictures = [axes.images[0] for axes in FIGURES["sheet"]().axes]
    assert [picture.get_cmap().name for picture in pictures[:2]] == ["gray", "inferno"]
    assert pictures[1].get_clim() == (0, pytest.approx(MAPS["Grad-CAM"][0].max()))


def test_the_trained_network_comes_first_and_is_like_itself():
    lines = FIGURES["scrambling"]().axes[0].get_lines()
    assert list(lines[0].get_ydata()) == [1.0, 0.4, 0.1, 0.0]


def test_expectations_stand_beside_their_columns():
    axes = FIGURES["effects"]().axes[0]
    assert [text.get_text() for text in axes.texts] == ["rise", "fall", "(not judged)", "risk should"]


@pytest.mark.parametrize(
    "call",
    [
        lambda: interpretability_plots.explanation_sheet(IMAGES, {}, None, "t"),
        lambda: interpretability_plots.explanation_sheet(IMAGES, {"a": np.zeros((3, 8, 8))}, None, "t"),
        lambda: interpretability_plots.explanation_sheet(IMAGES, MAPS, MASKS[:2], "t"),
        lambda: interpretability_plots.localization_plot({}, "t"),
        lambda: interpretability_plots.effect_plot(EFFECTS, NAMES, signs(), KNOWN),
    ],
)
def test_bad_input(call):
    with pytest.raises(InputError):
        call()


@pytest.mark.parametrize(
    ("table", "change", "words"),
    [
        (conditions(1.0, 0.52), gap(0.3, 0.6), "that it knew anything besides the mark cannot be shown"),
        (conditions(1.0, 0.8), gap(0.1, 0.3), "knew something besides the mark"),
        (
            conditions(1.0, 0.99, 0.0),
            gap(-0.1, 0.1),
            "follows it wherever it is: with the mark on the healthy AUROC is 0.000",
        ),
        (conditions(0.8, 0.78), gap(-0.1, 0.1), "did not fall for the mark"),
    ],
)
def test_collapse(table, change, words):
    assert words in interpretability_readings.collapse(table, change)


def test_mark():
    strong = interpretability_readings.mark(tables([1, 0.97, 0.3, 0.2], [0.7, 0.6, 0.2, 0.1]), METHODS, FREE)
    assert "for Grad-CAM and occlusion." in strong and "So do maps" not in strong
    assert "Beside edges, which never saw the network, above: Grad-CAM and occlusion." in strong
    mixed = interpretability_readings.mark(tables([1, 0.8, 0.96, 0.2], [0.7, 0.2, 0.2, 0.1]), METHODS, FREE)
    assert "below that: occlusion (0.80)" in mixed and "never saw a network (edges)" in mixed
    assert "above: Grad-CAM; not to be told apart: occlusion." in mixed
    weak = interpretability_readings.mark(tables([0.1] * 4, [0.1] * 4), METHODS, FREE)
    assert (
        "none of the methods" in weak and "never saw the network, not to be told apart: Grad-CAM and occlusion." in weak
    )
    beaten = interpretability_readings.mark(tables([0.1] * 4, [0.1, 0.3, 0.9, 0.2]), METHODS, FREE)
    assert "Beside edges, which never saw the network, below: Grad-CAM and occlusion." in beaten


def test_lesions():
    text = interpretability_readings.lesions(tables([0.3, 0.1, 0.1, 0.1], [0.12, 0.01, 0.1, 0.1]), METHODS, FREE)
    assert "Pointing into the lesion, more than chance: Grad-CAM; not to be told from chance: occlusion." in text
    assert "Mass inside the lesion, less than chance: occlusion; not to be told from chance: Grad-CAM." in text


def test_repair():
    verdicts = {
        "in training helped": gap(0.1, 0.3),
        "has made it worse": gap(-0.3, -0.1),
        "cannot be told": gap(-0.1, 0.1),
    }
    for words, clean in verdicts.items():
        for other, swapped in verdicts.items():
            first, second = interpretability_readings.repair(
                conditions(1, 0.5, 0.0), conditions(0.8, 0.85, 0.9), clean, swapped
            ).splitlines()
            assert words in first and "from 0.500" in first
            assert other in second and "from 0.000" in second


@pytest.mark.parametrize(
    ("swapped", "words"), [(0.3, "not repaired"), (0.52, "stays open"), (0.9, "in training helped")]
)
def test_better_than_nothing_is_not_repaired(swapped, words):
    _, second = interpretability_readings.repair(
        conditions(1, 0.5, 0.0), conditions(0.8, 0.85, swapped), gap(0.1, 0.3), gap(0.1, 0.3)
    ).splitlines()
    assert words in second


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (gap(-0.3, -0.1), "looks like health"),
        (gap(0.1, 0.3), "looks like disease"),
        (gap(-0.1, 0.1), "cannot be shown"),
    ],
)
def test_immune(change, words):
    text = interpretability_readings.immune(conditions(0.8, 0.85, 0.7), change)
    assert words in text and "0.800" in text and "0.700" in text


def faithfulness(*rows):
    columns = ["yield", "own", "own_low", "own_high"]
    table = pd.DataFrame(rows, index=[*METHODS, *FREE], columns=columns)
    return interpretability_readings.faithful(table, METHODS, FREE)


def test_faithful():
    nothing = (0.0, -0.1, 0.1)
    text = faithfulness((0.4, 0.2, 0.1, 0.3), (-0.2, -0.2, -0.3, -0.1), (0.1, *nothing), (0, *nothing))
    assert (
        "map of another patient, more: Grad-CAM; less: occlusion." in text and "Grad-CAM +0.40, occlusion -0.20" in text
    )
    assert "largest of these" not in text
    text = faithfulness((0.0, *nothing), (0.2, 0.2, 0.1, 0.3), (0.1, *nothing), (0.6, *nothing))
    assert "not to be told apart: Grad-CAM" in text and "never saw the network has the largest of these" in text


def test_scrambling():
    last = {
        "edges": Interval(1.0, np.nan, np.nan, "t"),
        "occlusion": Interval(0.4, 0.1, 0.7, "t"),
        "SmoothGrad": Interval(0.2, 0.1, 0.3, "t"),
        "Grad-CAM": Interval(0.02, -0.1, 0.14, "t"),
    }
    text = interpretability_readings.scrambling(last)
    assert "fails the check: edges (1.00)." in text and "some likeness is left: SmoothGrad (0.20)." in text
    assert "cannot be told from so few maps: occlusion (0.40)." in text
    assert text.endswith("could be shown: Grad-CAM.")
    assert interpretability_readings.all_forgotten(last, ("SmoothGrad", "Grad-CAM"))
    assert not interpretability_readings.all_forgotten(last, ("SmoothGrad", "occlusion"))
    assert not interpretability_readings.all_forgotten(last, ("edges",))


def test_agreement():
    nothing = interpretability_readings.agreement(signs(a=(1.0, 1)), {})
    assert "nothing to compare" in nothing
    fine = interpretability_readings.agreement(signs(a=(1.0, 1), b=(0.5, -1), c=(0.4, 1)), KNOWN)
    assert "Of 2 effects" in fine and "2 have the expected sign and none the opposite" in fine
    against = interpretability_readings.agreement(signs(a=(1.0, 0), b=(0.5, 1)), KNOWN)
    assert "0 have the expected sign, 1 cannot be decided, and 1 the opposite one" in against
    assert "a sick heart is slow: Somebody 1999" in against


def test_effects_that_do_not_matter_are_not_judged():
    table = interpretability_readings.judged_effects(signs(a=(1.0, 1), b=(0.05, 1)), KNOWN)
    assert list(table.index) == [NAMES[0]] and not table["against"].any()


def test_summary():
    names = ["auroc_shortcut_mark_on_the_ill", "auroc_shortcut_no_mark", "auroc_repaired_no_mark"]
    names += [f"mark_pointing_{name}" for name in ("grad_cam", "integrated_gradients", "occlusion", "smoothgrad")]
    metrics = [{"name": name, "value": value} for name, value in zip(names, (1, 0.5, 0.9, 0.9, 1, 1, 1), strict=True)]
    claims = [
        {"kind": "finding", "holds": True},
        {"kind": "finding", "holds": False},
        {"kind": "identity", "holds": True},
    ]
    document = {"metrics": metrics, "claims": claims}
    compared = interpretability_readings.judged_effects(signs(a=(1.0, -1), b=(0.5, -1)), KNOWN)
    text = interpretability_readings.summary(document, 1e-9, 2e-8, compared)
    assert "in 90% to 100% of the images; findings that hold: 1 of 2" in text
    assert "1 of 2 effects run against the textbook: ask why" in text and len(text.splitlines()) == 5
