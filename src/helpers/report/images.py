"""Figures made of images: a sheet of cases with or without overlays, and how bright the classes are."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.data.dataset import Dataset
from helpers.report.figures import CLASS_COLORS, LINES, PALETTE, WIDTH, finish, legend_below, new_figure, series_style
from helpers.runtime import InputError


def image_sheet(
    images: np.ndarray,
    titles: Sequence[str] | None = None,
    columns: int = 6,
    overlays: np.ndarray | None = None,
    title: str = "",
) -> Figure:
    """A sheet of images, each with a line of text above it.

    Args:
        images: (n, height, width), (n, height, width, 1) gray or (n, height, width, 3) color. uint8 is shown from 0 to
            255; other numbers from the smallest to the largest of the whole sheet, so that images stay comparable.
        titles: n texts, or None.
        columns: images per row.
        overlays: (n, height, width); booleans (lesion masks) are outlined, numbers (attribution maps) are laid over
            the image as colors, the stronger the denser.
        title: of the figure.
    """
    images = np.asarray(images)
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[..., 0]
    if images.ndim not in (3, 4) or not len(images) or columns < 1:
        raise InputError(f"images have shape {images.shape}: give (n, height, width) with at least one image")
    for name, values in (("titles", titles), ("overlays", overlays)):
        if values is not None and len(values) != len(images):
            raise InputError(f"{len(values)} {name} for {len(images)} images: give one for each")
    if overlays is not None and np.asarray(overlays).shape != images.shape[:3]:
        raise InputError(f"overlays have shape {np.shape(overlays)}: give {images.shape[:3]}, that of the images")
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    # Few columns do not need the full width; text above each image needs about a sixth of an inch per line.
    cell = min(2.0, WIDTH / columns)
    characters = max(8, int(cell * 14.5))
    texts = [_wrapped(str(text), characters) for text in titles] if titles is not None else [""] * len(images)
    lines = max(text.count("\n") + 1 for text in texts) if titles is not None else 0
    aspect = images.shape[1] / images.shape[2]
    height = rows * (cell * aspect + 0.15 * lines + 0.08) + (0.35 if title else 0.05)
    figure = new_figure(title, width=max(cell * columns, 3.2), height=height)
    figure.get_layout_engine().set(w_pad=0.03, h_pad=0.03, wspace=0, hspace=0)
    all_axes = np.atleast_1d(figure.subplots(rows, columns, squeeze=False)).ravel()
    lowest, highest = (0, 255) if images.dtype == np.uint8 else (float(images.min()), float(images.max()))
    for axes in all_axes:
        axes.set_axis_off()
    for number, (axes, image, text) in enumerate(zip(all_axes, images, texts, strict=False)):
        axes.imshow(image, cmap="gray", vmin=lowest, vmax=highest, interpolation="nearest")
        axes.set_title(text, fontsize=8.5, pad=3)
        if overlays is not None:
            _lay_over(axes, np.asarray(overlays[number]))
    return figure


def group_sheet(dataset: Dataset, groups: int = 3, columns: int = 6) -> Figure:
    """Images of a few groups (patients, source tiles), one group in each row; groups are lettered, never named.

    Where no groups are published, or they hold too few images, single images are shown and the title says so.
    """
    numbers, counts = np.unique(dataset.groups, return_counts=True)
    large = numbers[counts >= columns][:groups]
    if not len(large):
        title = "No groups to compare: every image counts as its own"
        return image_sheet(dataset.inputs[: groups * columns], columns=columns, title=title)
    rows = np.concatenate([np.flatnonzero(dataset.groups == number)[:columns] for number in large])
    names = [f"{dataset.source.group} {letter}" for letter in "ABCDEFGH"[: len(large)] for _ in range(columns)]
    return image_sheet(dataset.inputs[rows], names, columns=columns, title="Each row is one group")


def normalization_plot(before: Mapping[str, np.ndarray], after: Mapping[str, np.ndarray]) -> Figure:
    """Gray values of the parts of a split before and after normalization, as shares of all pixels.

    Args:
        before: part to uint8 images.
        after: part to normalized images.
    """
    before, after = ({name: _sample(part) for name, part in parts.items()} for parts in (before, after))
    figure = new_figure("What normalizing moves, and what it leaves", height=3.2)
    left, right = figure.subplots(1, 2)
    lowest, highest = min(part.min() for part in after.values()), max(part.max() for part in after.values())
    for axes, parts, edges in (
        (left, before, np.linspace(0, 256, 33)),
        (right, after, np.linspace(float(lowest), float(highest), 33)),
    ):
        for number, (name, part) in enumerate(parts.items()):
            shares = np.histogram(part, edges)[0] / part.size
            label = name if axes is left else None
            axes.stairs(shares, edges, label=label, linewidth=1.6, **series_style(number))
    finish(left, "gray value as it comes", "share of pixels")
    finish(right, "gray value, normalized", "")
    legend_below(figure)
    return figure


def _sample(images: np.ndarray, most: int = 2000) -> np.ndarray:
    """At most so many images, evenly spread: their gray values look like those of all, which may not fit into memory."""
    if len(images) <= most:
        return np.asarray(images)
    return images[np.linspace(0, len(images) - 1, most).astype(int)]


def intensity_plot(
    images: np.ndarray, targets: np.ndarray, class_names: Sequence[str], title: str = "", bins: int = 32
) -> Figure:
    """How bright the pixels of each class are: the mean histogram of its images, with the middle 80 % of them.

    Args:
        images: (n, height, width, 1) or (n, height, width) uint8.
        targets: (n,) number of the class.
        class_names: in the order of the targets.
        title: of the figure.
        bins: equal steps of brightness from 0 to 255.
    """
    targets = np.asarray(targets)
    if images.dtype != np.uint8 or len(images) != len(targets) or not len(images):
        raise InputError(
            f"images of type {images.dtype} and {len(targets)} targets: give uint8 images, one target each"
        )
    edges = np.linspace(0, 256, bins + 1)
    shares = np.stack([np.histogram(image, edges)[0] / image.size for image in images])
    figure = new_figure(title)
    axes = figure.subplots()
    for number, name in enumerate(class_names):
        inside = shares[targets == number]
        if not len(inside):
            continue
        color = CLASS_COLORS[number] if len(class_names) == 2 else list(PALETTE.values())[number % len(PALETTE)]
        low, high = np.quantile(inside, [0.1, 0.9], axis=0)
        centers = (edges[:-1] + edges[1:]) / 2
        axes.fill_between(centers, low, high, color=color, alpha=0.2, linewidth=0)
        axes.plot(
            centers,
            inside.mean(axis=0),
            color=color,
            linestyle=LINES[number % len(LINES)],
            label=f"{name} ({len(inside)} images)",
        )
    axes.set_xlim(0, 255)
    axes.set_ylim(bottom=0)
    finish(axes, "brightness (0 black, 255 white)", "share of an image's pixels")
    legend_below(figure)
    return figure


def _wrapped(text: str, characters: int) -> str:
    """The caller's lines, each wrapped; "p = 0.93" stays in one piece."""
    lines = text.replace(" = ", "\u00a0=\u00a0").split("\n")
    return "\n".join(textwrap.fill(line, characters) for line in lines)


def _lay_over(axes: Axes, overlay: np.ndarray) -> None:
    if overlay.dtype == bool:
        if overlay.any() and not overlay.all():
            axes.contour(overlay.astype(float), levels=[0.5], colors=[PALETTE["vermilion"]], linewidths=1.4)
        return
    largest = float(np.abs(overlay).max())
    if largest > 0:
        # Density follows the strength, so that where nothing speaks the image itself is seen.
        strength = np.abs(overlay) / largest
        axes.imshow(overlay, cmap="inferno", alpha=0.65 * strength, interpolation="bilinear")
