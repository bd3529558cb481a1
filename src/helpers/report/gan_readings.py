"""Sentences of 05_gan that depend on numbers: every outcome is worded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.generated_samples import Memorization
from helpers.evaluation.proportions import Interval
from helpers.report.readings import listed, with_interval

LOOKS_RIGHT = 0.9  # share of the draws at a kind from which on each of them would pass


def bounds(interval: Interval) -> str:
    """``0.912 (95 % interval 0.880 to 0.941)``."""
    return with_interval(interval.value, interval.low, interval.high)


def game(accuracy: Sequence[float]) -> str:
    """How often the discriminator is right at the end of the game."""
    end = accuracy[-1]
    start = f"In the last epoch the discriminator is right on {end:.0%} of the pictures"
    if end > 0.8:
        return f"{start}: it sees through most of them, and the generator is behind."
    if end < 0.4:
        return f"{start}, less than by guessing: the generator has the better of it at the moment."
    return f"{start}, where 50% is guessing. That is no proof of quality: two bad players can also be even."


def collapse(reached: Mapping[str, int], modes: int, near: Mapping[str, float]) -> str:
    """Which generator reaches how many modes, and what share of its draws lies at one; the names are those of the figure.

    Few kinds and nearly every draw at one is a collapse; few kinds and draws in between is a generator that has not learned.
    """
    told = "; ".join(
        f"{name}: {count} of {modes}, {near[name]:.0%} of the draws at a kind" for name, count in reached.items()
    )
    missing = [name for name, count in reached.items() if count < modes]
    collapsed = [f"'{name}'" for name in missing if near[name] > LOOKS_RIGHT]
    blurred = [f"'{name}'" for name in missing if near[name] <= LOOKS_RIGHT]
    sentences = [f"Kinds reached: {told}."]
    if collapsed:
        sentences.append(
            f"Collapsed: {listed(collapsed)}. Nearly every draw looks right, and no loss says what is missing: only counting does."
        )
    if blurred:
        sentences.append(f"Not collapsed but unfinished: {listed(blurred)}, with draws between the kinds.")
    if not missing:
        sentences.append("Nothing has collapsed in this run; other seeds may differ.")
    return " ".join(sentences)


def winning(steps: Sequence[int], slopes: Mapping[str, Sequence[float]]) -> str:
    """What happened to both gradients between the first and the last step."""
    parts = [f"{name}: {lengths[0]:.3g} to {lengths[-1]:.3g}" for name, lengths in slopes.items()]
    saturating, other = (lengths[-1] for lengths in slopes.values())
    end = (
        f"the second is {other / saturating:,.0f} times as long at the end"
        if other > saturating
        else ("here the second is not the longer one, so the discriminator has not won yet")
    )
    return f"Length of the gradient over {steps[-1]} steps: {'; '.join(parts)}: {end}."


def usefulness(ratio: Interval, against: PairedComparison) -> str:
    """Train on synthetic: the share of AUROC reached, and whether the trivial generator does as well."""
    first = f"Trained on generated pictures alone, a classifier reaches {bounds(ratio)} of the AUROC of real training"
    gap = f"{against.difference:+.3f}, 95 % interval {against.low:+.3f} to {against.high:+.3f}"
    if against.low > 0:
        return f"{first}. It is better than training on the trivial generator's pictures (AUROC {gap})."
    if against.high < 0:
        return f"{first}. The trivial generator's pictures teach *better* (AUROC {gap}): the network does not win here."
    return f"{first}. The trivial generator's pictures cannot be told from it (AUROC {gap})."


def copying(found: Memorization, control: Memorization) -> str:
    """Whether generated pictures lie nearer to training than new ones do, beside a control that copies."""
    numbers = f"a generated picture lies nearer to training than a new one with probability {bounds(found.nearer)}"
    check = f"a deliberate copier: {control.nearer.value:.3f}, {control.copied.mean():.0%} of its pictures flagged"
    if found.nearer.low > 0.5:
        lesson = "nearer than chance: copied, or merely typical. The flagged share tells which"
    elif found.nearer.high < 0.5:
        lesson = "farther than new ones: nothing copied, but also not quite like them"
    else:
        lesson = "no sign of copying"
    return f"{numbers}: {lesson}; {found.copied.mean():.1%} are flagged as copies, 1% by construction for new ones ({check})."


def restored(auroc: Mapping[str, float], gap: PairedComparison) -> str:
    """AUROC on the other scanner without translation, with it, and trained there.

    Args:
        auroc: ``as it comes``, ``translated``, ``trained there``.
        gap: translated minus as it comes.
    """
    lost = auroc["trained there"] - auroc["as it comes"]
    change = f"{gap.difference:+.3f}, 95 % interval {gap.low:+.3f} to {gap.high:+.3f}"
    told = ", ".join(f"{name} {value:.3f}" for name, value in auroc.items())
    verdict = "translation helps" if gap.low > 0 else "translation hurts" if gap.high < 0 else "no effect can be shown"
    if lost <= 0:
        return f"AUROC on the other scanner: {told}. Nothing was lost, so there is nothing to restore ({change}: {verdict})."
    share = gap.difference / lost
    return f"AUROC on the other scanner: {told}. Of what was lost, {share:.0%} comes back ({change}: {verdict})."
