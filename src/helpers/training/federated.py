"""Federated learning: the data stay where they are, weights travel.

In every round all sites start from the same weights, train on their own samples, and send back what they arrived at; the
server takes the mean. FedAvg (McMahan et al. 2017, arXiv:1602.05629) weighs the sites by their samples. FedProx (Li et al.
2020, arXiv:1812.06127) adds ``mu / 2 * ||w - w_start||²`` to every site's loss, which holds back sites whose data pull away
from the others. Taught in ``10_privacy``. Weights are not data, but they are made of data: see
:mod:`helpers.training.secure_aggregation` for how the server can be kept from seeing a single site's.

Here all sites are in one process. :mod:`helpers.training.federated_server` and :mod:`helpers.training.federated_client` do
the same over a network, and end at the same weights: what a site does in a round is :class:`LocalTraining` in both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import keras
import numpy as np
import pandas as pd

from helpers import runtime
from helpers.runtime import InputError

Weights = list[np.ndarray]
Average = Callable[[Sequence[Weights], Sequence[int]], Weights]


@dataclass(frozen=True)
class Federation:
    """How a federation trains, apart from data, network and seed.

    Attributes:
        rounds: how often weights are averaged.
        local_epochs: passes over its own samples that each site makes in a round.
        batch_size: samples per local step; 0 for all samples of a site in one step.
        learning_rate: of the local steps of plain gradient descent.
        proximal: FedProx' mu; 0 is FedAvg.
    """

    rounds: int
    local_epochs: int = 1
    batch_size: int = 32
    learning_rate: float = 0.1
    proximal: float = 0.0

    def __post_init__(self) -> None:
        if self.rounds < 1 or self.local_epochs < 1:
            raise InputError(
                f"{self.rounds} rounds of {self.local_epochs} epochs: a federation needs at least 1 of each"
            )
        if self.batch_size < 0 or self.learning_rate <= 0 or self.proximal < 0:
            raise InputError(
                f"batch size {self.batch_size}, learning rate {self.learning_rate}, proximal term {self.proximal}: "
                "none may be negative, and the learning rate is above 0"
            )


class ProximalDescent(keras.optimizers.SGD):
    """Plain gradient descent that is drawn back to where the round started: ``w -= rate * (gradient + mu * (w - start))``.

    Args:
        learning_rate: size of a step.
        proximal: mu; 0 is plain gradient descent.
    """

    def __init__(self, learning_rate: float, proximal: float = 0.0) -> None:
        super().__init__(learning_rate)
        self.proximal = proximal

    def build(self, variables) -> None:
        super().build(variables)
        self._start = [self.add_variable_from_reference(variable, "start") for variable in variables]

    def begin_round(self) -> None:
        """Remember the present weights as the start of this round."""
        for start, variable in zip(self._start, self._trainable_variables, strict=True):
            start.assign(variable)

    def update_step(self, gradient, variable, learning_rate) -> None:
        start = self._start[self._get_variable_index(variable)]
        super().update_step(gradient + self.proximal * (variable - start), variable, learning_rate)


def average_weights(weights: Sequence[Weights], samples: Sequence[int]) -> Weights:
    """Mean of the sites' weights, weighted by their samples: ``sum_k n_k w_k / sum_k n_k``.

    Args:
        weights: for each site the arrays of ``model.get_weights()``.
        samples: for each site how many samples it trained on.

    Returns:
        The arrays of the mean, added up in double precision, in the types they came in.

    Raises:
        InputError: the sites disagree about the shapes, or there is no sample.
    """
    if not len(weights) or len(weights) != len(samples) or min(samples) < 0 or sum(samples) <= 0:
        raise InputError(
            f"{len(weights)} sites with {list(samples)} samples: every site needs a count, one of them above 0"
        )
    shapes = [[np.shape(array) for array in site] for site in weights]
    if any(other != shapes[0] for other in shapes):
        raise InputError("the sites' weights differ in number or shape: all of them must train the same network")
    shares = np.asarray(samples, dtype=np.float64) / sum(samples)
    return [
        sum(share * array.astype(np.float64) for share, array in zip(shares, arrays, strict=True)).astype(
            arrays[0].dtype
        )
        for arrays in zip(*weights, strict=True)
    ]


def train_federated(
    model: keras.Model,
    sites: Mapping[str, tuple[np.ndarray, np.ndarray]],
    federation: Federation,
    *,
    loss: str | keras.losses.Loss = "binary_crossentropy",
    seed: int,
    average: Average = average_weights,
    evaluate: Callable[[keras.Model], Mapping[str, float]] | None = None,
) -> pd.DataFrame:
    """Train one model across sites that share weights and no samples.

    All weights are averaged, also the moving statistics of batch normalization: where the sites' data differ, those of one
    site are wrong for another, so prefer a network with group normalization.

    Args:
        model: functional; starts from its present weights and ends with the last average.
        sites: name to inputs (n, ...) and targets (n,) or (n, outputs).
        federation: rounds, local training, FedAvg or FedProx.
        loss: mean over a batch.
        seed: of the order of the samples; the model's own dropout goes on from where it is.
        average: how the server makes one set of weights of many.
        evaluate: called after each round with the averaged model; what it returns becomes columns.

    Returns:
        One row per round: ``round``; ``loss``, the mean over samples of what the sites saw while they trained; ``drift``,
        the mean over samples of how far (Euclidean distance) a site moved away from the average; then what ``evaluate``
        gave.

    Raises:
        InputError: there is no site, or one of them is empty or has inputs and targets of different length.
    """
    for name, (inputs, targets) in sites.items():
        check_site(name, inputs, targets)
    if not sites:
        raise InputError("a federation needs at least one site")
    local = LocalTraining(model, federation, loss, seed)
    samples = [len(targets) for _, targets in sites.values()]
    shared, rows = model.get_weights(), []
    for number, orders in zip(
        range(1, federation.rounds + 1), rounds_of_orders(samples, federation, seed), strict=False
    ):
        results = [local.train(shared, *data, order) for data, order in zip(sites.values(), orders, strict=True)]
        arrived, losses = zip(*results, strict=True)
        shared = average(arrived, samples)
        model.set_weights(shared)
        drift = [_distance(weights, shared) for weights in arrived]
        row = {
            "round": number,
            "loss": np.average(losses, weights=samples),
            "drift": np.average(drift, weights=samples),
        }
        rows.append(row | dict(evaluate(model) if evaluate else {}))
    return pd.DataFrame(rows)


class LocalTraining:
    """What a site does in a round: start from the shared weights, train on its own samples, hand back weights and loss.

    Args:
        model: functional; compiled here.
        federation: local training, FedAvg or FedProx.
        loss: mean over a batch.
        seed: of what the model itself draws (dropout).
    """

    def __init__(self, model: keras.Model, federation: Federation, loss: str | keras.losses.Loss, seed: int) -> None:
        runtime.seed_everything(seed)
        self._model, self._federation = model, federation
        self._optimizer = ProximalDescent(federation.learning_rate, federation.proximal)
        model.compile(self._optimizer, loss)
        self._optimizer.build(model.trainable_variables)

    def train(
        self, shared: Weights, inputs: np.ndarray, targets: np.ndarray, orders: Sequence[np.ndarray]
    ) -> tuple[Weights, float]:
        """One round at one site.

        Args:
            shared: weights that the round starts from.
            inputs: (n, ...).
            targets: (n,) or (n, outputs).
            orders: for each local epoch the (n,) order of the samples, from :func:`rounds_of_orders`.

        Returns:
            The weights that the site arrived at, and the mean loss over its samples while it trained.
        """
        self._model.set_weights(shared)
        self._optimizer.begin_round()
        loss = _train_locally(self._model, inputs, targets, self._federation.batch_size, orders)
        return self._model.get_weights(), loss


def rounds_of_orders(samples: Sequence[int], federation: Federation, seed: int) -> Iterator[list[list[np.ndarray]]]:
    """Round after round, without end: for each site and each of its local epochs the order of its samples.

    All orders come from one stream of random numbers, so whoever knows the seed and how many samples each site has draws
    the same ones, wherever a site is.
    """
    generator = np.random.default_rng(seed)
    while True:
        yield [[generator.permutation(count) for _ in range(federation.local_epochs)] for count in samples]


def check_site(name: str, inputs: np.ndarray, targets: np.ndarray) -> None:
    """Refuse a site that has nothing to train on, or not one target for each sample.

    Raises:
        InputError: see above.
    """
    if not len(inputs) or len(inputs) != len(targets):
        raise InputError(
            f"site {name}: {len(inputs)} samples and {len(targets)} targets; a site needs one target for each of its "
            "samples, and at least one sample (leave empty sites out)"
        )


def _train_locally(
    model: keras.Model, inputs: np.ndarray, targets: np.ndarray, batch_size: int, orders: Sequence[np.ndarray]
) -> float:
    """Mean loss over the batches of all local epochs."""
    size = batch_size or len(targets)
    losses, counts = [], []
    for order in orders:
        for start in range(0, len(order), size):
            batch = order[start : start + size]
            model.reset_metrics()
            losses.append(float(model.train_on_batch(inputs[batch], targets[batch])))
            counts.append(len(batch))
    return float(np.average(losses, weights=counts))


def _distance(weights: Weights, center: Weights) -> float:
    return float(np.sqrt(sum(np.sum((ours - theirs) ** 2.0) for ours, theirs in zip(weights, center, strict=True))))
