"""The look of every figure, and the one way to show it.

Figures are built without pyplot, so nothing is drawn twice and nothing stays open. The face is white also on a dark
page: colors and gray text were chosen for it, and so they print.
"""

from __future__ import annotations

import base64
import io
import sys
import textwrap
from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from helpers.runtime import InputError

# Okabe & Ito (2008), told apart by people with any of the common color deficiencies.
PALETTE = {
    "blue": "#0072B2",
    "vermilion": "#D55E00",
    "green": "#009E73",
    "purple": "#CC79A7",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "black": "#000000",
}
SERIES = tuple(PALETTE.values())
LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 3)), (0, (7, 3)))  # so that gray prints tell them apart
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
CLASS_COLORS = (PALETTE["blue"], PALETTE["vermilion"])  # healthy, diseased: the same in every figure
REFERENCE = "#6B6B6B"  # lines that are no model: chance, prevalence, perfect calibration
WIDTH, HEIGHT, DOTS = 6.4, 4.2, 110  # inches, inches, dots per inch
TITLE_CHARACTERS = 68
PLAIN_WORDS = "plain words"  # figures made here hold no formulas; those of pyplot may


def new_figure(title: str = "", width: float = WIDTH, height: float = HEIGHT) -> Figure:
    """An empty white figure whose title (wrapped, at the left) may be a sentence."""
    wrapped = textwrap.fill(title, max(20, int(TITLE_CHARACTERS * width / WIDTH)))
    height = height + 0.19 * wrapped.count("\n")
    figure = Figure(figsize=(width, height), dpi=DOTS, layout="constrained", facecolor="white")
    figure.set_gid(PLAIN_WORDS)
    if title:
        figure.suptitle(wrapped, x=0.01, horizontalalignment="left", fontsize=11.5)
    return figure


def finish(axes: Axes, horizontal: str, vertical: str) -> None:
    """Labels, a light grid behind the data, no frame at the top and right."""
    axes.set_xlabel(horizontal, fontsize=10)
    axes.set_ylabel(vertical, fontsize=10)
    axes.tick_params(labelsize=9)
    axes.grid(color="#E2E2E2", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def legend_below(figure: Figure) -> None:
    """One legend under the axes, hiding no data, in as many columns as fit the width of the figure."""
    labels = [label for axes in figure.axes for label in axes.get_legend_handles_labels()[1]]
    longest = max((len(label) for label in labels), default=0)
    # A character is about 0.075 inches at this size, line sample and gap about 0.65.
    columns = max(1, min(int(figure.get_figwidth() / (0.65 + 0.075 * longest)), len(labels)))
    rows = -(-len(labels) // columns)
    # Every further line gets its own room, so that the axes keep theirs.
    figure.set_figheight(figure.get_figheight() + 0.17 * (rows - 1))
    figure.legend(loc="outside lower center", ncols=columns, frameon=False, fontsize=9)


def series_style(number: int) -> dict[str, object]:
    """Color and line style of the series with this number; they repeat after seven."""
    return {"color": SERIES[number % len(SERIES)], "linestyle": LINES[number % len(LINES)]}


def check_models(models: Mapping[str, object]) -> None:
    """At least one model to draw, or InputError."""
    if not models:
        raise InputError("nothing to draw: give at least one model as name: scores")


def png(figure: Figure) -> bytes:
    """The figure as PNG; the same figure gives the same bytes on the same machine."""
    if figure.get_gid() == PLAIN_WORDS:
        _take_words_as_they_are(figure)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", facecolor="white", metadata={"Software": None})
    return buffer.getvalue()


def _take_words_as_they_are(figure: Figure) -> None:
    """A class may be called ``$5 or $10``: dollars make formulas only at logarithmic axes, where Matplotlib writes them."""
    both = [axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)]
    powers = {label for axis in both if axis.get_scale() != "linear" for label in axis.get_ticklabels(which="both")}
    for text in figure.findobj(Text):
        if text not in powers:
            text.set_parse_math(False)


def show(figure: Figure, alt: str) -> None:
    """Show a figure in a notebook, once, and close it.

    Args:
        figure: from any plot function here, or from pyplot.
        alt: what the figure says, for those who cannot see it; lands in ``output.metadata.alt`` and in the plain text.
    """
    if not alt.strip():
        raise InputError("this figure has no alternative text: say in one sentence what it shows")
    from IPython.display import display

    content = {"image/png": base64.b64encode(png(figure)).decode("ascii"), "text/plain": alt}
    # The first "alt" is the metadata of the output; the second is the place where Jupyter looks for its own images.
    display(content, raw=True, metadata={"alt": alt, "image/png": {"alt": alt}})
    if "matplotlib.pyplot" in sys.modules:
        # A figure made by pyplot would be shown a second time at the end of the cell.
        sys.modules["matplotlib.pyplot"].close(figure)
    figure.clear()


def show_cases(figure: Figure, alt: str, allowed: bool) -> None:
    """Show a figure made of images of cases, or say in its place that they must not travel.

    Args:
        figure: as for :func:`show`.
        alt: as for :func:`show`; it describes no single case, so it may be shown in any event.
        allowed: False keeps the pixels out of the notebook and of every report made from it.
    """
    if allowed:
        show(figure, alt)
        return
    figure.clear()
    print(f"Images are kept out of this report. Here stood: {alt}")
