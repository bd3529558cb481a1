"""Figures: what is drawn is what was given, everything has room, and each is shown once with its text."""

import base64

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from helpers.evaluation.decisions import decision_curve
from helpers.evaluation.intervals import metric_intervals
from helpers.evaluation.metrics import ConfusionCounts
from helpers.report import plots
from helpers.runtime import InputError

GENERATOR = np.random.default_rng(0)
TARGETS = np.arange(120) % 2
NETWORK = 1 / (1 + np.exp(-(GENERATOR.normal(size=120) + 3 * TARGETS - 1.5)))
HISTOGRAM = 1 / (1 + np.exp(-(GENERATOR.normal(size=120) + TARGETS - 0.5)))
MODELS = {
    "convolutional network": NETWORK,
    "brightness histogram + logistic regression": HISTOGRAM,
    "majority (no image)": np.full(120, 0.5),
}
IMAGES = GENERATOR.integers(0, 256, (7, 16, 16, 1), dtype=np.uint8)
EPOCHS = np.arange(1, 9)
HISTORY = pd.DataFrame(
    {
        "epoch": EPOCHS,
        "loss": 1 / EPOCHS,
        "validation_loss": np.abs(EPOCHS - 5) / 10 + 0.3,
        "auroc": 1 - 0.4 / EPOCHS,
        "validation_auroc": 0.9 - 0.3 / EPOCHS,
    }
)
TITLE = "The network finds 9 of 10 tumors and beats the histogram by 0.21 AUROC (0.17 to 0.25), which decides it"

FIGURES = {
    "roc": lambda: plots.roc_curve_plot(TARGETS, MODELS, None, {"convolutional network": 0.5}, TITLE),
    "roc seeds": lambda: plots.roc_curve_plot(TARGETS, {"network": np.stack([NETWORK, NETWORK**2])}, title=TITLE),
    "precision": lambda: plots.precision_recall_plot(TARGETS, MODELS, None, TITLE),
    "reliability": lambda: plots.reliability_plot(TARGETS, MODELS, np.arange(120) // 3, 5, TITLE),
    "decision": lambda: plots.decision_curve_plot(
        {name: decision_curve(TARGETS, values) for name, values in MODELS.items()}, TITLE
    ),
    "distribution": lambda: plots.probability_distribution_plot(TARGETS, NETWORK, 0.5, ("benign", "malignant"), TITLE),
    "confusion": lambda: plots.confusion_matrix_plot(ConfusionCounts(265, 29, 271, 35), ("benign", "malignant"), TITLE),
    "learning": lambda: plots.learning_curve_plot(HISTORY, title=TITLE),
    "forest": lambda: plots.metric_forest_plot(
        {name: metric_intervals(TARGETS, values, None, 0.5, resamples=100) for name, values in MODELS.items()},
        title=TITLE,
    ),
    "sheet": lambda: plots.image_sheet(IMAGES, [f"case {i:03d}" for i in range(7)], 4, IMAGES[..., 0] > 200, TITLE),
    "heat": lambda: plots.image_sheet(IMAGES, None, 4, IMAGES[..., 0].astype(float), TITLE),
    "intensity": lambda: plots.intensity_plot(IMAGES, np.arange(7) % 2, ("benign", "malignant"), TITLE),
}


@pytest.mark.parametrize("name", FIGURES)
def test_titles_labels_and_legends_lie_inside_the_figure(name):
    figure = FIGURES[name]()
    assert isinstance(figure, Figure)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    page = figure.bbox
    parts = [figure._suptitle, *figure.legends]
    for axes in figure.axes:
        parts += [axes.xaxis.label, axes.yaxis.label, axes.title] if axes.axison else [axes.title]
        parts += axes.texts
    extents = [part.get_window_extent() for part in parts if not hasattr(part, "get_text") or part.get_text()]
    assert len(extents) >= 1
    for extent in extents:
        assert extent.x0 >= -1 and extent.y0 >= -1 and extent.x1 <= page.x1 + 1 and extent.y1 <= page.y1 + 1
    assert plots.png(figure).startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["roc", "precision", "reliability", "decision", "distribution", "learning", "forest"])
def test_legends_hide_no_data(name):
    figure = FIGURES[name]()
    FigureCanvasAgg(figure).draw()
    for legend in figure.legends:
        for axes in figure.axes:
            assert not legend.get_window_extent().overlaps(axes.get_window_extent())


def test_same_figure_same_bytes():
    assert plots.png(FIGURES["roc"]()) == plots.png(FIGURES["roc"]())


def test_roc_draws_the_operating_point():
    axes = FIGURES["roc"]().axes[0]
    (marker,) = [line for line in axes.lines if line.get_label() == "threshold 0.50"]
    diseased = TARGETS == 1
    assert marker.get_xdata()[0] == pytest.approx(np.mean(NETWORK[~diseased] >= 0.5))
    assert marker.get_ydata()[0] == pytest.approx(np.mean(NETWORK[diseased] >= 0.5))


def test_confusion_matrix_says_which_class_is_the_disease():
    axes = FIGURES["confusion"]().axes[0]
    words = {text.get_text() for text in axes.texts}
    assert {"271", "29", "35", "265", "false negative\n11.7 % of the row"} <= words
    assert [label.get_text() for label in axes.get_xticklabels()] == ["benign", "malignant\n(the disease)"]


def test_learning_curve_marks_the_lowest_validation_loss():
    figure = FIGURES["learning"]()
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["training", "validation", "kept: epoch 5"]
    assert len(figure.axes) == 2
    assert len(plots.learning_curve_plot(HISTORY[["epoch", "loss"]]).axes) == 1


def test_forest_names_the_undefined():
    table = metric_intervals(np.array([0, 1, 0, 1]), np.array([0.1, 0.2, 0.3, 0.4]), None, 0.9, resamples=100)
    named = plots.metric_forest_plot(table, axis="AUROC (95 % interval)", lowest=0.5).axes[0]
    assert named.get_xlabel() == "AUROC (95 % interval)" and named.get_xlim() == pytest.approx((0.49, 1.01))
    assert plots.metric_forest_plot(table).axes[0].get_xlim() == pytest.approx((-0.02, 1.02))
    texts = [text.get_text() for text in plots.metric_forest_plot(table).axes[0].texts]
    assert texts[3] == "undefined"
    assert len(texts) == 8


def test_sheet_has_one_picture_per_image():
    figure = plots.image_sheet(IMAGES, columns=3)
    assert sum(len(axes.images) for axes in figure.axes) == 7
    assert len(figure.axes) == 9


def test_show_displays_once_with_alt_text_and_closes(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *content, **options: shown.append((content, options)))
    plots.show(FIGURES["confusion"](), "271 benign and 265 malignant tiles were called correctly.")
    ((content, options),) = shown
    assert options["metadata"]["alt"] == "271 benign and 265 malignant tiles were called correctly."
    assert base64.b64decode(content[0]["image/png"]).startswith(b"\x89PNG")


def test_show_closes_a_figure_of_pyplot(monkeypatch):
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    monkeypatch.setattr("IPython.display.display", lambda *content, **options: None)
    figure = pyplot.figure()
    number = figure.number
    plots.show(figure, "An empty figure.")
    assert number not in pyplot.get_fignums()


@pytest.mark.parametrize("alt", ["", "  "])
def test_show_wants_an_alternative_text(alt):
    with pytest.raises(InputError, match="alternative text"):
        plots.show(Figure(), alt)


@pytest.mark.parametrize(
    "call",
    [
        lambda: plots.roc_curve_plot(TARGETS, {}),
        lambda: plots.image_sheet(IMAGES, ["one"]),
        lambda: plots.image_sheet(IMAGES[:0]),
        lambda: plots.image_sheet(IMAGES, overlays=IMAGES[:, :8, :8, 0]),
        lambda: plots.intensity_plot(IMAGES.astype(float), np.zeros(7), ("a", "b")),
        lambda: plots.learning_curve_plot(pd.DataFrame({"epoch": [1]})),
    ],
)
def test_bad_input(call):
    with pytest.raises(InputError):
        call()


def test_cases_that_must_not_travel_leave_a_sentence_and_no_pixels(monkeypatch, capsys):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda content, **_: shown.append(content))
    plots.show_cases(FIGURES["sheet"](), "Seven images.", allowed=False)
    assert shown == [] and "Seven images." in capsys.readouterr().out
    plots.show_cases(FIGURES["sheet"](), "Seven images.", allowed=True)
    assert shown[0]["text/plain"] == "Seven images." and "image/png" in shown[0]


def test_dollars_are_words_and_powers_of_ten_are_not():
    """Two dollars would be a formula, here one that cannot be read."""
    figure = plots.new_figure(r"a $\frac$ b")
    axes = figure.subplots()
    axes.plot([1, 1000], [0, 1])
    axes.set_xscale("log")
    axes.set_yticks([0, 1], [r"$\frac$", "$5 or $10"])
    assert plots.png(figure).startswith(b"\x89PNG")
    assert "mathdefault" in axes.get_xticklabels()[2].get_text() and axes.get_xticklabels()[2].get_parse_math()
