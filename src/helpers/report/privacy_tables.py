"""Tables of 10_privacy: attacks and hospitals, every number into the results with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.data import heart_columns
from helpers.data.dataset import Dataset
from helpers.evaluation import attacks, intervals, within_sites
from helpers.evaluation.attacks import MembershipInference, infer_membership
from helpers.evaluation.comparison import PairedComparison, delong_paired
from helpers.report.writing import Run
from helpers.runtime import InputError

SPLIT = "cross-validation"
BOTH_SIDES = "members+strangers"


def attack_scores(
    run: Run, name: str, members: Dataset, strangers: Dataset, losses: Sequence[np.ndarray]
) -> MembershipInference:
    """Attack by the loss; ``attack_auroc_<name>`` and ``attack_found_<name>`` go into the results.

    Args:
        run: gets the estimates.
        name: of the network.
        members, strangers: of :func:`helpers.data.membership.members_and_strangers`.
        losses: of the members (m,) and of the strangers (k,).
    """
    groups = members.groups, strangers.groups
    found, slug = infer_membership(*losses, groups=groups), name.replace(" ", "_").replace(".", "_")
    run.add_interval(
        f"attack_auroc_{slug}", "AUROC of the attack", found.auroc, np.concatenate(groups), BOTH_SIDES, name
    )
    label = "Members found while at most 1 % of the strangers are accused"
    run.add_interval(f"attack_found_{slug}", label, found.found, members.groups, "members", name)
    return found


def noise_against_attack(
    run: Run, members: Dataset, strangers: Dataset, losses: Mapping[str, Sequence[np.ndarray]]
) -> PairedComparison:
    """AUROC of the attack on the private network minus that on the memorizing one; ``attack_difference_epsilon_3``.

    Args:
        run: gets it.
        members, strangers: as for :func:`attack_scores`.
        losses: name of the network to losses of members and of strangers; ``epsilon 3`` and ``memorizing`` are used.
    """
    membership = np.repeat([1, 0], [len(members), len(strangers)])
    groups = np.concatenate([members.groups, strangers.groups])
    private, plain = (-np.concatenate(losses[name]) for name in ("epsilon 3", "memorizing"))
    gap = delong_paired(membership, private, plain, groups)
    label = "AUROC of the attack, epsilon 3 minus memorizing"
    run.add_interval("attack_difference_epsilon_3", label, gap, groups, BOTH_SIDES, "epsilon 3")
    return gap


def shadow_attacks(
    run: Run, images: Dataset, probability: np.ndarray, halves: np.ndarray
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Attack one model by its losses and by shadow models; estimates ``shadow_auroc_...``, ``shadow_found_...``, a finding.

    Args:
        run: gets them.
        images: n of them, from which members and strangers were drawn.
        probability: (models, n) of class 1; the first model is attacked, the others are its shadows.
        halves: (models, n) whether a model was trained on an image.

    Returns:
        Name of the attack to values of members (n // 2,) and of strangers, the smaller the more like a member.
    """
    confidence = np.stack([attacks.confidence(images.targets, answers) for answers in probability])
    target, shadows, member = confidence[0], (confidence[1:], halves[1:]), halves[0]
    scores = {
        "threshold": target,
        "LiRA offline": attacks.surprising_confidence(target, *shadows),
        "LiRA online": attacks.likelihood_ratio(target, *shadows),
    }
    parts = "+".join(np.unique(images.split).tolist())
    for name, score in scores.items():
        groups = images.groups[member], images.groups[~member]
        found, slug = infer_membership(-score[member], -score[~member], groups=groups), name.lower().replace(" ", "_")
        run.add_interval(f"shadow_auroc_{slug}", "AUROC of the attack", found.auroc, images.groups, parts, name)
        label = "Members found while at most 1 % of the strangers are accused"
        run.add_interval(f"shadow_found_{slug}", label, found.found, images.groups[member], parts, name)
    gain = delong_paired(member.astype(int), scores["LiRA online"], scores["threshold"], images.groups)
    run.add_interval(
        "shadow_gain", "AUROC of the attack, LiRA minus threshold", gain, images.groups, parts, "LiRA online"
    )
    run.add_claim("shadow_models_help", "LiRA tells members better than a threshold on the loss.", gain.low > 0)
    return {name: (-score[member], -score[~member]) for name, score in scores.items()}


def price_of_privacy(
    run: Run, part: Dataset, scores: Mapping[str, np.ndarray], margin: float
) -> dict[str, PairedComparison]:
    """What epsilon 3 costs in AUROC, whole and in its two parts: the recipe, and the noise.

    Private training is another recipe also where nothing is added: fewer and clipped steps. So its noise is compared
    with the same recipe without noise, and that one with ordinary training. Estimates ``price_epsilon_3`` (whole),
    ``price_noise_epsilon_3``, ``price_recipe``; a finding about the whole.

    Args:
        run: gets them.
        part: whose diagnoses are judged.
        scores: (n,) probabilities of the networks ``no privacy``, ``clipping only`` and ``epsilon 3``.
        margin: loss that was called acceptable beforehand.

    Returns:
        ``whole``, ``noise`` and ``recipe``.
    """
    compared = {
        "whole": ("price_epsilon_3", "epsilon 3", "no privacy"),
        "noise": ("price_noise_epsilon_3", "epsilon 3", "clipping only"),
        "recipe": ("price_recipe", "clipping only", "no privacy"),
    }
    prices = {}
    for kind, (slug, first, second) in compared.items():
        prices[kind] = delong_paired(part.targets, scores[first], scores[second], part.groups)
        run.add_interval(slug, f"AUROC, {first} minus {second}", prices[kind], part.groups, part.split[0], first)
    cheap = prices["whole"].low > -margin
    run.add_claim("price_below_margin", f"Epsilon 3 costs less than {margin:g} of AUROC.", cheap)
    return prices


def require_hospitals(patients: Dataset) -> Dataset:
    """The dataset, if it holds the 13 heart measurements of at least two hospitals.

    Raises:
        InputError: other columns, no hospitals.
    """
    if patients.task != "binary" or patients.inputs.ndim != 2 or patients.inputs.shape[1] != len(heart_columns.COLUMNS):
        raise InputError(
            f"{patients.name}: not the heart measurements: choose heart-phantom or uci-heart as table_dataset"
        )
    if patients.sites is None or len(np.unique(patients.sites)) < 2 or not patients.site_names:
        raise InputError(f"{patients.name}: no hospitals are named, and a federation needs at least two of them")
    return patients


def hospital_overview(patients: Dataset) -> pd.DataFrame:
    """One row per hospital: patients, share of the ill, share of the values that were not measured."""
    facts = {
        "hospital": np.array(patients.site_names)[patients.sites],
        "ill": patients.targets,
        "not measured": np.isnan(patients.inputs).mean(axis=1),
    }
    table = pd.DataFrame(facts).groupby("hospital", sort=False)
    shares = table.mean().round(2)
    shares.insert(0, "patients", table.size())
    return shares


def hospital_scores(run: Run, patients: Dataset, scores: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """One row per model: AUROC within hospitals, over all pairs, and accuracy at probability one half.

    Args:
        run: gets ``hospital_auroc_<model>``, ``hospital_auroc_all_pairs_<model>``, ``hospital_accuracy_<model>``.
        patients: with sites.
        scores: model to (n,) logits of patients it has not seen.
    """
    targets, groups, rows = patients.targets, patients.groups, {}
    for name, score in scores.items():
        probability = 1 / (1 + np.exp(-score))
        found = {
            "auroc": ("AUROC within hospitals", within_sites.auroc_within(targets, score, patients.sites, groups)),
            "auroc_all_pairs": ("AUROC over all pairs", intervals.auroc_delong(targets, score, groups)),
            "accuracy": ("Accuracy", intervals.metric_interval("accuracy", targets, probability, groups, 0.5)),
        }
        for slug, (label, interval) in found.items():
            run.add_interval(f"hospital_{slug}_{name.lower()}", label, interval, groups, SPLIT, name)
        rows[name] = {label: interval.text() for label, interval in found.values()}
    return pd.DataFrame(rows).T


def hospital_differences(
    run: Run, patients: Dataset, scores: Mapping[str, np.ndarray], pairs: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], PairedComparison]:
    """Paired differences of AUROC within hospitals; ``hospital_difference_<first>_<second>`` go into the results.

    Args:
        run: gets the estimates.
        patients: with sites.
        scores: model to (n,).
        pairs: names of first and second model.
    """
    found = {}
    for pair in pairs:
        one, other = (scores[name] for name in pair)
        found[pair] = within_sites.paired_within(patients.targets, one, other, patients.sites, patients.groups)
        slug, label = "_".join(pair).lower(), f"AUROC within hospitals, {' minus '.join(pair)}"
        run.add_interval(f"hospital_difference_{slug}", label, found[pair], patients.groups, SPLIT, pair[0])
    return found


def image_differences(
    run: Run, part: Dataset, scores: Mapping[str, np.ndarray], pairs: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], PairedComparison]:
    """Paired differences of AUROC on one part; ``image_difference_<first>_<second>`` go into the results.

    Args:
        run: gets the estimates.
        part: of a binary dataset.
        scores: model to (n,) probabilities, or (networks, n) of several whose AUROCs are averaged.
        pairs: names of first and second model.
    """
    found = {}
    for pair in pairs:
        one, other = (scores[name] for name in pair)
        found[pair] = delong_paired(part.targets, one, other, part.groups)
        run.add_interval(
            f"image_difference_{'_'.join(pair).replace(' ', '_')}", " minus ".join(pair), found[pair], part.groups
        )
    return found


def seen_by_server(patients: Dataset, counts: np.ndarray, arrived: np.ndarray, messages: np.ndarray) -> pd.DataFrame:
    """One row per hospital: patients, first weight, and the masked number that the server sees of it.

    Args:
        patients: with sites.
        counts: (sites,) patients that each hospital trained on.
        arrived: (sites, weights).
        messages: (sites, weights) of :func:`helpers.training.secure_aggregation.mask_updates`.
    """
    columns = {"patients": counts, "first weight": arrived[:, 0].round(4), "message": messages[:, 0]}
    return pd.DataFrame(columns, index=list(patients.site_names))
