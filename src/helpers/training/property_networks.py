"""From molecules to answers: what a network reads beside the graph, what it starts from, and the ensemble that answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from helpers.data.molecular_features import BASIC_COLUMNS
from helpers.data.molecular_inputs import MolecularInputs
from helpers.data.molecular_table import MolecularTable
from helpers.models.graph import graph_network
from helpers.training.property_training import PropertyEnsemble, PropertyRecipe, fit_ensemble

SHRINKAGES = tuple(10.0**power for power in np.arange(-2, 3.5, 0.5))


@dataclass(frozen=True)
class NetworkSizes:
    """Sizes of a network on molecules.

    Attributes:
        rounds: units of each round of messages.
        property_dense: units of the layers behind.
        property_dropout: share dropped before and between them.
        bits: fingerprint bits beside the descriptors; 0 for none.
    """

    rounds: Sequence[int] = (64, 64, 64)
    property_dense: int = 128
    property_dropout: float = 0.3
    bits: int = 0

    @classmethod
    def from_budget(cls, budget) -> NetworkSizes:
        """Take the fields of the same names from a notebook's budget."""
        return cls(**{entry.name: getattr(budget, entry.name) for entry in fields(cls)})


@dataclass(frozen=True)
class PropertyNetwork:
    """A trained ensemble with everything that it needs to read new molecules.

    Attributes:
        ensemble: the networks.
        table: how rows of descriptors are prepared; None where only the graph is read.
        line: the straight line whose errors the networks learned; None where there is none.
    """

    ensemble: PropertyEnsemble
    table: MolecularTable | None
    line: Pipeline | None

    def answers(self, molecules: MolecularInputs) -> np.ndarray:
        """The mean of what the members say, (n, properties), in the units of the targets, or probabilities."""
        return self.members(molecules).mean(axis=0)

    def members(self, molecules: MolecularInputs) -> np.ndarray:
        """What each member says, (members, n, properties)."""
        said = self.ensemble.answers(_inputs(molecules, self.table))
        return said if self.line is None else said + _along(self.line, molecules)[None, :, None]


def fit_messages(
    molecules: MolecularInputs,
    targets: np.ndarray,
    task: str,
    sizes: NetworkSizes,
    recipe: PropertyRecipe,
    *,
    seed: int,
) -> PropertyNetwork:
    """An ensemble that reads nothing but graphs.

    Args:
        molecules: of training.
        targets: (n,) or (n, properties), NaN where not measured.
        task: ``regression``, ``binary`` or ``multilabel``.
        sizes, recipe: of the networks and their training.
        seed: of initial weights, order and dropout.
    """
    return _fit(molecules, targets, task, sizes, recipe, seed, None, None)


def fit_fused(
    molecules: MolecularInputs,
    targets: np.ndarray,
    task: str,
    sizes: NetworkSizes,
    recipe: PropertyRecipe,
    *,
    seed: int,
) -> PropertyNetwork:
    """An ensemble that reads graphs and, beside them, a table of descriptors and fingerprint bits; arguments as before.

    In regression the networks learn what a straight line through the basic descriptors (ridge regression) leaves over: far
    from the known molecules a network bends as it likes, and a line goes on.
    """
    table = MolecularTable.fit(molecules.descriptors, molecules.fingerprints, sizes.bits)
    line = None
    if task == "regression":
        line = make_pipeline(StandardScaler(), RidgeCV(SHRINKAGES)).fit(_basic(molecules), targets)
        targets = targets - _along(line, molecules)
    return _fit(molecules, targets, task, sizes, recipe, seed, table, line)


def _fit(molecules, targets, task, sizes, recipe, seed, table, line) -> PropertyNetwork:
    inputs = _inputs(molecules, table)
    properties = np.asarray(targets).reshape(len(targets), -1).shape[1]
    width = inputs["table"].shape[1] if table is not None else 0

    def build():
        return graph_network(
            molecules.graphs.atoms.shape[2],
            task,
            properties,
            sizes.rounds,
            sizes.property_dense,
            sizes.property_dropout,
            width,
        )

    ensemble, _ = fit_ensemble(build, inputs, targets, task, recipe, seed=seed)
    return PropertyNetwork(ensemble, table, line)


def _inputs(molecules: MolecularInputs, table: MolecularTable | None) -> dict[str, np.ndarray]:
    inputs = molecules.graphs.inputs()
    if table is not None:
        inputs["table"] = table.rows(molecules.descriptors, molecules.fingerprints)
    return inputs


def _basic(molecules: MolecularInputs) -> np.ndarray:
    return np.nan_to_num(molecules.descriptors[:, BASIC_COLUMNS])


def _along(line: Pipeline, molecules: MolecularInputs) -> np.ndarray:
    return line.predict(_basic(molecules))
