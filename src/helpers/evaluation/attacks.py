"""Does a model give away whom it was trained on? Membership inference, and what privacy promises against it.

Whoever knows an example with its label and may ask the model computes the loss; a model that has learned its training
examples by heart answers them with smaller losses than others (Yeom et al. 2018, arXiv:1709.01604). A mean over all
examples hides harm to a few, so beside AUROC stands how many members are found while hardly any stranger is accused
(Carlini et al. 2022, arXiv:2112.03570). The same paper's attack, LiRA, knows better which losses are small: it compares
every example with what *shadow models*, trained with and without it, say about that very example.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import logit
from scipy.stats import binomtest, norm

from helpers.evaluation.auroc_intervals import auroc_delong
from helpers.evaluation.proportions import LEVEL, Interval, cluster_proportion
from helpers.evaluation.samples import checked_scores
from helpers.runtime import InputError

FALSE_POSITIVE_RATE = 0.01
CONFIDENCE_EDGE = (
    1e-15  # double precision knows no probability closer to 0 or 1; ties would hide members from every threshold
)


@dataclass(frozen=True)
class MembershipInference:
    """How well the loss tells members of the training part from strangers.

    Attributes:
        auroc: chance of a member to have a smaller loss than a stranger; .5 is no leak.
        found: share of the members below the threshold, with the interval for a given threshold.
        accused: share of the strangers below it, the same.
        threshold: call a member whose loss lies below.
        members, strangers: numbers of examples.
    """

    auroc: Interval
    found: Interval
    accused: Interval
    threshold: float
    members: int
    strangers: int


def cross_entropy(targets: np.ndarray, logits: np.ndarray) -> np.ndarray:
    """Loss of every example, (n,): minus the logarithm of what the model gave its true class.

    From logits, because a sure model in single precision says exactly 1, and losses of 0 cannot be told apart.

    Args:
        targets: (n,) of 0 and 1.
        logits: (n,) log odds of class 1.
    """
    targets, logits = checked_scores(targets, logits)
    return np.logaddexp(0, np.where(targets == 1, -logits, logits))


def infer_membership(
    member_losses: np.ndarray,
    stranger_losses: np.ndarray,
    false_positive_rate: float = FALSE_POSITIVE_RATE,
    groups: tuple[np.ndarray, np.ndarray] | None = None,
    level: float = LEVEL,
) -> MembershipInference:
    """Attack by threshold: small loss, member.

    The threshold accuses at most ``false_positive_rate`` of these strangers. It comes from the strangers and the found
    members do not decide it, so the interval of their share is that for a given threshold; how far the threshold itself
    would move with other strangers shows in the interval of ``accused``. Of independent examples the shares get Clopper
    and Pearson's interval (1934). Images of one patient are not independent: what the attack would find among *other*
    patients is known as well as the number of patients allows, so with groups the intervals are those of groups. Where a
    coin makes members and strangers within each patient, a patient's own level of loss is on both sides, and the
    interval of AUROC is hardly wider for it; where they are different patients, that level passes for membership.

    Args:
        member_losses: (m,) of training examples.
        stranger_losses: (k,) of examples that training has not seen, of the same kind otherwise: with another mixture
            of classes or another hospital the attack would tell these apart, not membership.
        false_positive_rate: share of strangers that may be accused, above 0 and below 1.
        groups: (m,) and (k,) patient of each, the same number for the same patient; None: every example is independent.
        level: confidence level.

    Raises:
        InputError: too few strangers to speak of such a rate, or losses that are not finite.
    """
    members, strangers = (
        _checked_losses(values, name) for values, name in ((member_losses, "members"), (stranger_losses, "strangers"))
    )
    if not 0 < false_positive_rate < 1:
        raise InputError(f"false positive rate {false_positive_rate}: it lies between 0 and 1, usually 0.01")
    allowed = int(np.floor(false_positive_rate * len(strangers) + 1e-9))
    if not allowed:
        raise InputError(
            f"{len(strangers)} strangers cannot show a false positive rate of {false_positive_rate:g}: "
            f"{int(np.ceil(1 / false_positive_rate))} or more are needed"
        )
    # Strictly below the next stranger's loss, so that ties accuse nobody more.
    threshold = float(np.partition(strangers, allowed)[allowed])
    membership = np.repeat([1, 0], [len(members), len(strangers)])
    together, of_members, of_strangers = (None, None, None) if groups is None else (np.concatenate(groups), *groups)
    return MembershipInference(
        auroc=auroc_delong(membership, -np.concatenate([members, strangers]), together, level),
        found=_share(members < threshold, of_members, level),
        accused=_share(strangers < threshold, of_strangers, level),
        threshold=threshold,
        members=len(members),
        strangers=len(strangers),
    )


def confidence(targets: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """Log odds that the model gives the true class, (n,); unlike the loss they are close to normally distributed.

    From probabilities in single precision large odds are lost.

    Args:
        targets: (n,) of 0 and 1.
        probability: (n,) of class 1.
    """
    targets, probability = checked_scores(targets, probability, probabilities=True)
    odds = logit(np.clip(probability, CONFIDENCE_EDGE, 1 - CONFIDENCE_EDGE))
    return np.where(targets == 1, odds, -odds)


def random_halves(examples: int, models: int, generator: np.random.Generator) -> np.ndarray:
    """Which examples each model is trained on, (models, examples) of booleans: half of them, drawn for each model anew."""
    if examples < 2 or models < 1:
        raise InputError(f"{examples} examples, {models} models: halves need two examples and one model at least")
    first = np.arange(examples) < examples // 2
    return generator.permuted(np.tile(first, (models, 1)), axis=1)


def likelihood_ratio(target: np.ndarray, shadows: np.ndarray, trained: np.ndarray) -> np.ndarray:
    """LiRA, online: log likelihood of each confidence under shadow models trained with the example minus without it.

    Both are normal with a mean of the example's own; the standard deviations, of which a few shadow models say little,
    are shared by all examples (the paper's *fixed variance*).

    Args:
        target: (n,) :func:`confidence` of the attacked model.
        shadows: (models, n) confidences of the shadow models.
        trained: (models, n) whether a shadow model was trained on the example.

    Returns:
        (n,); larger means member.

    Raises:
        InputError: shapes that do not fit, or an example that fewer than two shadow models have seen, or not seen.
    """
    target, shadows, trained = _checked_shadows(target, shadows, trained)
    with_it, without_it = _spread(shadows, trained), _spread(shadows, ~trained)
    return norm.logpdf(target, *with_it) - norm.logpdf(target, *without_it)


def surprising_confidence(target: np.ndarray, shadows: np.ndarray, trained: np.ndarray) -> np.ndarray:
    """LiRA, offline: how many standard deviations each confidence lies above that of models without the example.

    For an attacker whose shadow models were trained before the example was known; arguments and errors as for
    :func:`likelihood_ratio`.
    """
    target, shadows, trained = _checked_shadows(target, shadows, trained)
    mean, deviation = _spread(shadows, ~trained)
    return (target - mean) / deviation


def most_members_found(
    epsilon: float, delta: float, false_positive_rate: float | np.ndarray = FALSE_POSITIVE_RATE
) -> float | np.ndarray:
    """The largest true positive rate that (epsilon, delta) leaves to any attack (Kairouz et al. 2015, arXiv:1311.0776).

    The smaller of e^epsilon FPR + delta and 1 - e^-epsilon (1 - delta - FPR), at most 1. Holds for an attacker who knows
    everything but whether one example took part.
    """
    if not epsilon >= 0 or not 0 <= delta < 1:
        raise InputError(f"epsilon {epsilon}, delta {delta}: epsilon is not below 0, delta at least 0 and below 1")
    rate = np.asarray(false_positive_rate, dtype=np.float64)
    if np.isinf(epsilon):
        bound = np.ones_like(rate)
    else:
        bound = np.minimum(np.exp(epsilon) * rate + delta, 1 - np.exp(-epsilon) * (1 - delta - rate))
    bound = np.clip(bound, 0.0, 1.0)
    return float(bound) if bound.ndim == 0 else bound


def _checked_losses(losses: np.ndarray, name: str) -> np.ndarray:
    values = np.asarray(losses, dtype=np.float64)
    if values.ndim != 1 or not len(values):
        raise InputError(f"losses of {name} have shape {values.shape}: give one per example, at least one")
    if not np.isfinite(values).all():
        raise InputError(f"some losses of {name} are not finite: look at the training, it may have diverged")
    return values


def _share(hits: np.ndarray, groups: np.ndarray | None, level: float) -> Interval:
    if groups is not None:
        return cluster_proportion(hits, groups, level=level)
    test = binomtest(int(hits.sum()), len(hits))
    ends = test.proportion_ci(confidence_level=level, method="exact")
    return Interval(float(hits.mean()), float(ends.low), float(ends.high), "Clopper-Pearson", level)


def _checked_shadows(
    target: np.ndarray, shadows: np.ndarray, trained: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    target, shadows = np.asarray(target, dtype=np.float64), np.asarray(shadows, dtype=np.float64)
    trained = np.asarray(trained, dtype=bool)
    if shadows.ndim != 2 or trained.shape != shadows.shape or target.shape != shadows.shape[1:]:
        raise InputError(
            f"confidences of shape {target.shape}, of shadow models {shadows.shape}, trained {trained.shape}: give (n,) "
            "and twice (models, n)"
        )
    if not (np.isfinite(target).all() and np.isfinite(shadows).all()):
        raise InputError("some confidences are not finite: look at the training, it may have diverged")
    seen = trained.sum(axis=0)
    if min(seen.min(), (len(trained) - seen).min()) < 2:
        raise InputError("an example was seen, or not seen, by fewer than two shadow models: train more of them")
    return target, shadows, trained


def _spread(shadows: np.ndarray, chosen: np.ndarray) -> tuple[np.ndarray, float]:
    """Mean of each example over the chosen models, (n,), and the standard deviation around it, shared by all."""
    count = chosen.sum(axis=0)
    mean = np.where(chosen, shadows, 0.0).sum(axis=0) / count
    squares = np.where(chosen, (shadows - mean) ** 2, 0.0).sum()
    deviation = float(np.sqrt(squares / (count - 1).sum()))
    if not deviation > 0:
        raise InputError("all shadow models say the same: train each of them on other examples")
    return mean, deviation
