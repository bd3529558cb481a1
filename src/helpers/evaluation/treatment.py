"""From a probability to a treatment: what a policy gains over treating everybody or nobody, with its interval.

Net benefit is that of Vickers and Elkin (2006, Med Decis Making 26:565): true positives less false ones at the exchange rate
of the threshold. It presumes that treatment helps the ill and harms the healthy by the amounts that the threshold says.
"""

from __future__ import annotations

import numpy as np

from helpers.evaluation.comparison import PairedComparison, paired_group_bootstrap
from helpers.evaluation.decisions import check_threshold, net_benefit, net_benefit_treat_all
from helpers.evaluation.metrics import decide
from helpers.evaluation.resampling import Statistic
from helpers.evaluation.samples import checked_scores


def weighted_net_benefit(threshold: float) -> Statistic:
    """The statistic "net benefit per patient of treating from this probability on"."""
    check_threshold(threshold)
    odds = threshold / (1 - threshold)

    def statistic(targets: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
        treated = decide(scores, threshold)
        worth = np.where(targets == 1, 1.0, -odds) * treated
        return weights @ worth / weights.sum(axis=1)

    return statistic


def simple_policy(prevalence: float, threshold: float) -> str:
    """The better of the two policies that need no model: ``treat all`` where the disease is commoner than the threshold."""
    return "treat all" if net_benefit_treat_all(prevalence, threshold) > 0 else "treat none"


def policy_gain(
    targets: np.ndarray, probability: np.ndarray, threshold: float, resamples: int = 1000, seed: int = 0
) -> PairedComparison:
    """Net benefit of treating by the model less that of the better simple policy, on the same patients.

    Args:
        targets: (n,) of 0 and 1.
        probability: (n,) between 0 and 1.
        threshold: from which on one treats.
        resamples, seed: of the bootstrap.

    Returns:
        ``first`` is the model's net benefit, ``second`` the simple policy's. Where both treat exactly the same patients the
        difference is 0 and its interval ``nan``: these patients cannot tell the policies apart.
    """
    targets, probability = checked_scores(targets, probability, probabilities=True)
    everybody = simple_policy(float(targets.mean()), threshold) == "treat all"
    policy = np.full(len(targets), float(everybody))
    if (decide(probability, threshold) == everybody).all():
        value = net_benefit(targets, probability, threshold)
        return PairedComparison(value, value, 0.0, np.nan, np.nan, np.nan, "same decisions")
    statistic = weighted_net_benefit(threshold)
    return paired_group_bootstrap(statistic, targets, probability, policy, resamples=resamples, seed=seed)
