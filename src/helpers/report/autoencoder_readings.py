"""Sentences of 04_autoencoder that depend on numbers: every outcome is worded."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from helpers.data.dataset import Dataset
from helpers.data.small_pictures import UNITS
from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.intervals import Interval
from helpers.report import readings

LITTLE = 0.1  # correlation below which an axis is not said to follow a factor


def pictures(data: Dataset) -> str:
    """What one picture shows, and what is known of it."""
    side, known = data.inputs.shape[1], ", ".join(data.truth)
    if "diameter" in data.truth:
        return (
            f"Each picture shows one nucleus in {side} x {side} pixels: {data.class_names[1]} means malignant. Its mean and "
            f"contrast are made equal for all, and what lies around it fades. Known of each nucleus: {known}."
        )
    return f"Each picture is a whole image, made smaller to {side} x {side} pixels. Known of each: {known}."


def quantity(factor: str) -> str:
    """Name and unit of a factor, for an axis."""
    unit = UNITS.get(factor, "")
    return f"{factor} ({unit})" if unit else factor


def subspace(angle: float, bound: float, step: int) -> str:
    """How far the subspace of the linear autoencoder is from that of PCA; angles in degrees."""
    start = f"After {step} steps the largest angle between the two subspaces is {angle:.1e} degrees"
    if angle <= 0.1:
        return f"{start}: they are the same. What the optimizer left undone allows for {bound:.1e}."
    return f"{start}: the optimizer stopped early (what it left undone allows for {bound:.1e})."


def winners(gaps: Mapping[int, PairedComparison]) -> str:
    """Who makes the smaller error at which numbers kept.

    Args:
        gaps: numbers kept to the error of the network minus that of PCA.
    """
    sizes: dict[str, list[str]] = {"the network wins": [], "PCA wins": [], "the two cannot be told apart": []}
    for size, gap in gaps.items():
        outcome = "the network wins" if gap.high < 0 else "PCA wins" if gap.low > 0 else "the two cannot be told apart"
        sizes[outcome].append(str(size))
    return "; ".join(f"{outcome} with {readings.listed(some)}" for outcome, some in sizes.items() if some)


def compression(gaps: Mapping[int, PairedComparison], trivial: float) -> str:
    """Who wins at which size of the code, and how much comes back; ``trivial`` is the mean picture's error."""
    saved = ", ".join(f"{1 - gap.first / trivial:.0%} with {size}" for size, gap in gaps.items())
    lesson = ""
    if any(gap.low > 0 for gap in gaps.values()):
        lesson = " Where PCA wins, the straight method is better, and it is solved in one step, without training."
    elif all(gap.high < 0 for gap in gaps.values()):
        lesson = " Bending pays at every size tried here."
    return (
        f"Always the mean picture leaves an error of {trivial:.3f}. On held-out groups {winners(gaps)}.{lesson} Of what the mean "
        f"picture leaves the network returns {saved}."
    )


def smaller_error(gap: PairedComparison, first: str, second: str) -> str:
    """What a paired difference of mean squared errors allows one to say; smaller is better."""
    interval = f"{gap.difference:+.3f}, 95 % interval {gap.low:+.3f} to {gap.high:+.3f}"
    if gap.high < 0:
        return f"{first} leaves the smaller error than {second} ({interval})."
    if gap.low > 0:
        return f"{first} leaves the larger error than {second} ({interval}): the classical method wins here."
    return f"{first} and {second} cannot be told apart by their errors on these pictures ({interval})."


def detection(found: Interval, name: str, disease: str) -> str:
    """Whether errors are larger on the disease, at chance, or smaller."""
    score = f"AUROC {found.value:.3f}, 95 % interval {found.low:.3f} to {found.high:.3f}"
    if found.low > 0.5:
        return f"{name} ranks {disease} above normal pictures ({score}), although the network has never seen any."
    if found.high < 0.5:
        return (
            f"{name} is *smaller* on {disease} ({score}): it measures how hard a picture is to draw, and the unusual may be "
            "easier to draw than the normal."
        )
    return f"{name} cannot tell {disease} from normal pictures ({score})."


def too_good(table: pd.DataFrame, gap: PairedComparison, widest: int, narrow: int) -> str:
    """What more numbers did to the detector.

    Args:
        table: as for :func:`helpers.report.autoencoder_plots.too_good_plot`.
        gap: AUROC of the widest code minus that of the narrow one.
        widest, narrow: numbers kept.
    """
    least, most = table.loc[narrow], table.loc[widest]
    fact = (
        f"From {narrow} to {widest} numbers the error falls from {least['normal']:.3f} to {most['normal']:.4f} on normal pictures "
        f"and from {least['disease']:.3f} to {most['disease']:.4f} on the disease"
    )
    change = f"AUROC {gap.difference:+.3f}, 95 % interval {gap.low:+.3f} to {gap.high:+.3f}"
    if gap.high < 0:
        return f"{fact}: it copies what it has never seen, and detects worse ({change})."
    if gap.low > 0:
        return f"{fact}. It copies what it has never seen, and yet detects better here ({change}): a surprise to look into."
    return f"{fact}: it copies what it has never seen. Whether it detects worse cannot be told here ({change})."


def units(table: pd.DataFrame, predicted: Mapping[float, int]) -> str:
    """How many units are used, beside what linear theory says for this and for other pixel variances.

    Args:
        table: of :func:`helpers.evaluation.latent_codes.unit_statistics`.
        predicted: of :func:`helpers.evaluation.latent_codes.directions_above`; the model's pixel variance first.
    """
    count, used = len(table), int(table["active"].sum())
    told = ", ".join(
        f"{min(most, count) or 'none'} at a pixel variance of {value:g}" for value, most in predicted.items()
    )
    theory = f"Of {count} units a linear decoder would use {told}."
    if used == count:
        return f"All {count} units are active: nothing has collapsed. {theory}"
    if used == 0:
        return f"None of the {count} units is active: the posterior has collapsed, every picture gets the same code. {theory}"
    return f"{used} of {count} units are active, the others have collapsed to the prior and are ignored. {theory}"


def samples(share: float) -> str:
    """What share of the pixels' variance samples have."""
    if share < 0.9:
        return (
            f"Samples have {share:.0%} of the variance of real pictures: they are smoother. The decoder says where a pixel lies "
            "on average, and averages are smooth; what it cannot say went into the pixel variance."
        )
    if share > 1.1:
        return f"Samples vary more than real pictures ({share:.0%} of their variance): the prior reaches where no code lies."
    return f"Samples have {share:.0%} of the variance of real pictures. That says nothing yet about whether they look real."


def walk(factor: str, trained: float, held_out: Interval) -> str:
    """Whether the axis that was chosen on training follows its factor on held-out groups."""
    numbers = (
        f"correlation {trained:+.2f} on training pictures, where axis and factor were chosen; {held_out.value:+.2f} on held-out "
        f"groups, 95 % interval {held_out.low:+.2f} to {held_out.high:+.2f}"
    )
    clear = held_out.low > LITTLE or held_out.high < -LITTLE
    if clear and held_out.value**2 > 0.5:
        return f"The axis measures {factor} ({numbers}), and nobody ever told the network what that is."
    if clear:
        return (
            f"The axis follows {factor} ({numbers}), and nobody ever told the network what that is. It explains "
            f"{held_out.value**2:.0%} of its variance: related, but no measurement of it."
        )
    return f"That the axis follows {factor} cannot be shown ({numbers})."
