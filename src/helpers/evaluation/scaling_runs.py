"""Runs of a scaling experiment in one tidy table: parameters, data and compute, and the losses over each of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.runtime import InputError

GRIDS = ("parameters", "samples")
CONFIGURATION = ["parameters", "samples", "tokens"]  # what is set; operations follow


def training_operations(parameters: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    """Floating-point operations of training, about 6 * parameters * tokens (Kaplan et al. 2020, arXiv:2001.08361).

    Two for each parameter and token (a multiplication and an addition) on the way forward, four on the way back. It is an
    approximation: embeddings do not count as parameters, and the products of attention between tokens are left out, which is right
    for tokens few against twelve times the width. For a network without attention, 6 * samples seen *
    :func:`helpers.models.size.multiply_adds` is the same rule with weights counted as often as they are used.

    Args:
        parameters: that a token passes through.
        tokens: processed in training, those seen again included.
    """
    return 6.0 * np.asarray(parameters, dtype=np.float64) * np.asarray(tokens, dtype=np.float64)


def scaling_table(parameters: np.ndarray, samples: np.ndarray, tokens: np.ndarray, losses: np.ndarray) -> pd.DataFrame:
    """One row per run, from the fewest operations to the most.

    Args:
        parameters: (m,) of each configuration.
        samples: (m,) different training samples.
        tokens: (m,) processed in training, those seen again included.
        losses: (m,) or (m, repeats).

    Returns:
        Columns parameters, samples, tokens, operations, repeat (from 0) and loss.

    Raises:
        InputError: shapes that do not fit, or a configuration that occurs twice.
    """
    losses = np.asarray(losses, dtype=np.float64)
    columns = {"parameters": parameters, "samples": samples, "tokens": tokens}
    columns = {name: np.asarray(values) for name, values in columns.items()}
    shapes = {name: values.shape for name, values in columns.items()}
    if losses.ndim not in (1, 2) or set(shapes.values()) != {losses.shape[:1]}:
        raise InputError(f"{shapes} and losses of shape {losses.shape}: give one of each per configuration")
    losses = losses.reshape(len(losses), -1)
    table = pd.DataFrame(columns).assign(operations=training_operations(columns["parameters"], columns["tokens"]))
    if table.duplicated(CONFIGURATION).any():
        raise InputError("a configuration occurs twice: give its runs as repeats, losses of shape (m, repeats)")
    table = table.loc[table.index.repeat(losses.shape[1])].assign(
        repeat=np.tile(np.arange(losses.shape[1]), len(losses)), loss=losses.ravel()
    )
    return table.sort_values(["operations", "parameters", "repeat"], kind="stable", ignore_index=True)


def losses_over(table: pd.DataFrame, column: str) -> tuple[np.ndarray, np.ndarray]:
    """Sizes (k,) and losses (k, repeats) over one column, as :mod:`helpers.evaluation.power_law` takes them.

    Over parameters or samples: the configurations in which the other one is at its largest. Over operations: those that no other
    one beats with at most as many operations (compute spent well, Kaplan et al. 2020, section 6). Choosing them by their losses
    favors lucky runs, so that frontier lies a little too low wherever runs scatter.

    Args:
        table: from :func:`scaling_table`.
        column: ``parameters``, ``samples`` or ``operations``.
    """
    if column not in (*GRIDS, "operations"):
        raise InputError(f"unknown column {column!r}: choose one of {', '.join(GRIDS)}, operations")
    if column == "operations":
        rows = table.merge(_frontier(table), on=CONFIGURATION)
    else:
        (other,) = (name for name in GRIDS if name != column)
        rows = table[table[other] == table[other].max()]
    counts = rows.groupby(column)["repeat"].agg(["size", "nunique"])
    if (counts["size"] != counts["nunique"]).any():
        raise InputError(f"several configurations have the same {column}: leave one of each in the table")
    wide = rows.pivot(index=column, columns="repeat", values="loss")
    return wide.index.to_numpy(dtype=np.float64), wide.to_numpy()


def _frontier(table: pd.DataFrame) -> pd.DataFrame:
    """Configurations with a lower mean log loss than every other one that takes at most as many operations."""
    means = (
        table.assign(loss=np.log(table["loss"])).groupby(CONFIGURATION, as_index=False)[["operations", "loss"]].mean()
    )
    means = means.sort_values(["operations", "loss"], kind="stable")
    return means.loc[means["loss"] < means["loss"].cummin().shift(fill_value=np.inf), CONFIGURATION]
