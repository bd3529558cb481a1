"""Sentences of 05_gan that depend on numbers: every outcome is worded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from helpers.evaluation.comparison import PairedComparison, from_separate_intervals
from helpers.evaluation.generated_samples import Memorization, ModeCoverage
from helpers.evaluation.proportions import Interval
from helpers.report.readings import listed, with_interval

LOOKS_RIGHT = 0.9  # share of the draws at a kind from which on each of them would pass
GIVEN_UP = 4  # of eight kinds, from which on a generator counts as collapsed
AIM = 0.97  # of the AUROC of real training


def bounds(interval: Interval) -> str:
    """``0.912 (95 % interval 0.880 to 0.941)``."""
    return with_interval(interval.value, interval.low, interval.high)


def change(gap: PairedComparison) -> str:
    """A difference: ``+0.050, 95 % interval +0.040 to +0.060``."""
    return f"{gap.difference:+.3f}, 95 % interval {gap.low:+.3f} to {gap.high:+.3f}"


def _side(gap: PairedComparison, above: str, below: str, between: str) -> str:
    """The word for a difference that lies above zero, below it, or on both sides."""
    return above if gap.low > 0 else below if gap.high < 0 else between


def game(accuracy: Sequence[float]) -> str:
    """How often the discriminator is right at the end of the game."""
    end = accuracy[-1]
    start = f"In the last epoch the discriminator is right on {end:.0%} of the pictures"
    if end > 0.8:
        return f"{start}: it sees through most of them, and the generator is behind."
    if end > 0.6:
        return f"{start}, where 50% is guessing: it is somewhat ahead."
    if end >= 0.45:
        return f"{start}, where 50% is guessing. That is no proof of quality: two bad players can also be even."
    if end >= 0.4:
        return f"{start}, where 50% is guessing: it is somewhat behind."
    return f"{start}, less than by guessing: the generator has the better of it at the moment."


def collapse(found: Mapping[str, ModeCoverage]) -> str:
    """Which generator reaches how many modes, and what share of its draws lies at one; the names are those of the figure.

    Few kinds and nearly every draw at one is a collapse; draws in between are those of a generator that has not learned.
    """
    modes = len(next(iter(found.values())).counts)
    told = "; ".join(
        f"{name}: {cover.reached} of {modes}, {cover.near.value:.0%} of the draws at a kind"
        for name, cover in found.items()
    )
    missing = {name: cover.near.value for name, cover in found.items() if cover.reached < modes}
    between = [f"'{name}'" for name, cover in found.items() if cover.near.value <= LOOKS_RIGHT]
    sentences = [f"Kinds reached: {told}."]
    if missing:
        sentences.append(f"Kinds are missing from {listed([repr(name) for name in missing])}.")
    if any(near > LOOKS_RIGHT for near in missing.values()):
        sentences.append("Nearly every draw looks right, and no loss says what is missing: only counting does.")
    if between:
        sentences.append(f"Many draws lie at no kind, unfinished or driven off: {listed(between)}.")
    if not missing and not between:
        sentences.append("Nothing is missing in this run; other seeds may differ.")
    return " ".join(sentences)


def collapsed(before: ModeCoverage, after: ModeCoverage) -> bool:
    """Whether a generator left alone gave up so many kinds that it counts as collapsed, while most draws lie at a kind."""
    return before.reached - after.reached >= GIVEN_UP and after.near.value > 0.5


def games(covered: Sequence[tuple[ModeCoverage, ModeCoverage]]) -> str:
    """What being left alone did in several games.

    Args:
        covered: for each game what the generator reached before and after.
    """
    count = sum(collapsed(*game) for game in covered)
    kinds = listed([f"{before.reached} to {after.reached}" for before, after in covered])
    first = (
        f"Left alone, the generator gave up at least {GIVEN_UP} kinds in {count} of {len(covered)} games (kinds before and "
        f"after: {kinds})"
    )
    if count == len(covered):
        return f"{first}: what held the kinds together was the opponent."
    slowly = "Where the two are nearly even, the discriminator is flat and harm comes slowly"
    if not count:
        return f"{first}. That is no safety. {slowly}: these steps may be too few."
    return f"{first}: it can happen and need not. {slowly}."


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


def usefulness(ratio: Interval, trivial: Interval, against: PairedComparison) -> str:
    """Train on synthetic: the share of AUROC reached, whether the aim is, and whether the trivial generator does as well.

    Args:
        ratio: AUROC of training on generated over that of training on real pictures.
        trivial: the same of the trivial generator.
        against: AUROC, generator minus trivial generator.
    """
    first = f"Trained on generated pictures alone, a classifier reaches {bounds(ratio)} of the AUROC of real training"
    aim = f"{AIM:.0%} {'are' if ratio.low >= AIM else 'are not'} shown to be reached"
    second = f"The trivial generator's pictures reach {bounds(trivial)}"
    verdict = _side(
        against,
        "the network's teach better",
        "the network's teach *worse*, so it does not win here",
        "the two cannot be told apart",
    )
    easy = ""
    if trivial.low >= AIM:
        easy = " Means and covariances are enough to reach the aim: this task is too easy to need a GAN."
    return f"{first}: {aim}. {second}; {verdict} (AUROC {change(against)}).{easy}"


def quality(shares: Mapping[str, Mapping[str, Interval]], generator: str, real: str, trivial: str) -> str:
    """Precision and recall of the generator beside those of real training pictures and of the trivial generator.

    Args:
        shares: row to ``precision`` and ``recall``.
        generator, real, trivial: names of rows.
    """
    gaps = {
        other: {kind: from_separate_intervals(shares[generator][kind], shares[other][kind]) for kind in shares[other]}
        for other in (real, trivial)
    }
    sentences = []
    for other, gap in gaps.items():
        kinds = listed(
            [
                f"{_side(gap[kind], 'higher', 'lower', 'not clearly different')} {kind} ({change(gap[kind])})"
                for kind in ("precision", "recall")
            ]
        )
        sentences.append(f"Beside {other} the generator has {kinds}.")
    if gaps[real]["precision"].low > 0 and gaps[real]["recall"].high < 0:
        sentences.append("Its pictures are typical rather than varied: they crowd where real ones are common.")
    elif gaps[real]["recall"].high < 0:
        sentences.append("Kinds of real pictures are missing from what it draws.")
    elif gaps[real]["precision"].high < 0:
        sentences.append("Some of what it draws lies where no real picture does.")
    else:
        sentences.append("By these two numbers nothing is missing.")
    return " ".join(sentences)


def copying(rows: Mapping[str, Memorization]) -> str:
    """Whether generated pictures are copies, beside real ones that nobody trained on, and beside deliberate copies.

    Args:
        rows: ``generator``, ``trivial``, ``honest new ones``, ``near copies``, ``shifted copies``.
    """
    flagged = {name: found.flagged for name, found in rows.items()}
    beside = from_separate_intervals(flagged["generator"], flagged["honest new ones"])
    lesson = _side(
        beside,
        "more than of honest ones: some are copies or nearly so, and each flagged pair has to be looked at",
        "fewer than of honest ones: no sign of copying",
        "not clearly more than of honest ones: no sign of copying",
    )
    first = (
        f"Flagged as copies: {flagged['generator'].value:.1%} of the generated pictures, "
        f"{flagged['honest new ones'].value:.1%} of honest new ones ({change(beside)}): {lesson}."
    )
    return f"{first} {_distance(rows, beside)} {_alarm(flagged)}"


def worth(ratio: Interval, trivial: Interval, rows: Mapping[str, Memorization]) -> str:
    """In one line: the share of AUROC, whether the trivial generator reaches the aim too, and what is flagged as copied.

    Args:
        ratio, trivial: as in :func:`usefulness`.
        rows: as in :func:`copying`.
    """
    too = "reaches the aim too" if trivial.low >= AIM else "is not shown to reach the aim"
    flagged = ", ".join(f"{name} {rows[name].flagged.text()}" for name in ("generator", "honest new ones"))
    return f"AUROC ratio {bounds(ratio)}; the trivial generator {too} ({trivial.text()}); flagged as copies: {flagged}"


def _distance(rows: Mapping[str, Memorization], more: PairedComparison) -> str:
    """Whether generated pictures lie nearer to training than honest new ones, and what may explain it; ``more`` are flagged."""
    honest = rows["honest new ones"].nearer
    ours, trivial = (from_separate_intervals(rows[name].nearer, honest) for name in ("generator", "trivial"))
    place = _side(ours, "nearer to training than", "farther from training than", "about as near to training as")
    told = f"They lie {place} honest new ones"
    if ours.low > 0 and trivial.low > 0:
        return f"{told}; so do those of the trivial generator, which knows no single picture: smooth pictures are near to many."
    if ours.low > 0:
        first = f"{told}, which those of the trivial generator do not"
        if more.low > 0:
            return f"{first}: one more reason to look at the pairs."
        return f"{first}; with no more of them flagged than by chance, that makes them typical rather than copied."
    return f"{told}."


def _alarm(flagged: Mapping[str, Interval]) -> str:
    near, shifted = flagged["near copies"].value, flagged["shifted copies"].value
    works = "the alarm works for these" if near > LOOKS_RIGHT else "so the alarm misses copies and proves nothing here"
    blind = (
        f"shifted by one pixel, {shifted:.0%} of the copies are: "
        f"{'a blind spot' if shifted < 0.5 else 'here it sees most of them'}"
    )
    return f"Of copies with a little noise {near:.0%} are flagged, {works}; {blind}."


def restored(auroc: Mapping[str, float], lost: PairedComparison, gap: PairedComparison) -> str:
    """What the other scanner costs a classifier, and what translation brings back.

    Args:
        auroc: what stands in the table, in its order.
        lost: on its own scanner minus on the other one, the same tissue.
        gap: on the other scanner, translated minus as it comes.
    """
    told = ", ".join(f"{name} {value:.3f}" for name, value in auroc.items())
    verdict = _side(gap, "translation helps", "translation hurts", "no effect of translation can be shown")
    first = f"AUROC of the classifier: {told}. The other scanner costs it {change(lost)}"
    if lost.low <= 0:
        return f"{first}: the loss itself cannot be shown on these tiles. Translated minus as it comes: {change(gap)}: {verdict}."
    if gap.low <= 0 <= gap.high:
        return (
            f"{first}. How much of that comes back is not known: translated minus as it comes {change(gap)}, {verdict}."
        )
    share = gap.difference / lost.difference
    return f"{first}; of that {share:.0%} comes back. Translated minus as it comes: {change(gap)}: {verdict}."


def opponent(discriminator: PairedComparison, network: PairedComparison) -> str:
    """What the discriminator, and the network as a whole, are worth to the classifier beside simpler translators.

    Args:
        discriminator: AUROC of translation with minus without one.
        network: AUROC of translation by the network minus by one linear filter.
    """
    adds = _side(discriminator, "it helps", "it *hurts*", "nothing that could be measured here")
    beside = _side(
        network,
        "the network is worth its effort",
        "the filter is *better*",
        "the two cannot be told apart, so the simpler one would do",
    )
    return (
        f"What the discriminator adds to the distance: {change(discriminator)}: {adds}. The network beside one linear "
        f"filter: {change(network)}: {beside}."
    )
