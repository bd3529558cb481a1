"""The server of a federation over a network: it sends weights to the sites, averages what comes back, and sees no sample.

The network form of :func:`helpers.training.federated.train_federated`, with Flower's transport (:mod:`helpers.training.flower`);
the sites run :mod:`helpers.training.federated_client`, each in its own process, on this machine or on others. The weights
are the same, because a site trains by the same :class:`~helpers.training.federated.LocalTraining` in the same order of samples.

What arrives here: a site's name, how many samples it trains on, their sums, and in every round its weights and its loss;
after the last one its scores. That is no patient, but not nothing. An update of few samples can be turned back into them (the
gradient inversion of ``10_privacy``); :class:`helpers.training.secure_aggregation.SecureAverage` is the arithmetic by which a server
learns the sum only, and its masks would have to be agreed on between the sites, which is not done here. Nor is noise added
(:mod:`helpers.training.private`). The sites are not told who the server is unless the connection is encrypted, and the server
believes a site its name: let only machines that you trust reach the port.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from helpers.runtime import InputError
from helpers.training.federated import Federation, Weights, average_weights
from helpers.training.federated_door import SECONDS_TO_LEAVE, Certificates, Guest, gather, listening, send_home
from helpers.training.federated_messages import Plan, checked_weights
from helpers.training.flower import FederationError, import_flower, no_traces


@dataclass(frozen=True)
class Outcome:
    """What a federation came to.

    Attributes:
        weights: the last average.
        samples: site to number of samples it trained on.
        total: sums over all sites.
        losses: for each round the loss of each site while it trained.
        scores: site to what it measured on its own samples with the last average.
        bytes_per_round: of weights, sent and received.
        seconds: from the first round to the last score.
    """

    weights: Weights
    samples: Mapping[str, int]
    total: np.ndarray
    losses: list[dict[str, float]]
    scores: Mapping[str, Mapping[str, float]]
    bytes_per_round: int
    seconds: float


def serve(
    address: str,
    sites: Sequence[str],
    start: Weights,
    federation: Federation,
    *,
    seed: int,
    patience: float,
    certificates: Certificates | None = None,
    say: Callable[[str], None],
) -> Outcome:
    """Wait for the sites, train with them, and send them home.

    Args:
        address: ``host:port`` to listen at; ``0.0.0.0:port`` for all networks of this machine.
        sites: the names to wait for; their order decides that of the sum, and with it the last bits of the weights.
        start: weights of the network that all sites build.
        federation: rounds and local training.
        seed: of the orders of the samples.
        patience: seconds to wait for all sites to come, and then for each answer.
        certificates: of the authority, of this server, and its key (PEM), for an encrypted connection.
        say: gets a line whenever something happens.

    Raises:
        InputError: no such address, it is in use, names that are empty or twice there, Flower is missing.
        FederationError: a site did not come, left, or sent nonsense.
    """
    if not sites or "" in sites or len(set(sites)) != len(sites):
        raise InputError(f"sites {list(sites)}: name at least one, each of them once")
    import_flower()
    with no_traces(), listening(address, certificates) as manager:
        say(f"listening at {address}, waiting for {', '.join(sites)}")
        guests = gather(manager, sites, patience, say)
        began = time.monotonic()
        introductions = [guests[name].introduction for name in sites]
        total = np.sum(np.stack([introduction.sums for introduction in introductions]), axis=0)
        samples = tuple(introduction.samples for introduction in introductions)
        plans = [Plan(federation, seed, samples, position, total).to_text() for position in range(len(sites))]
        conversation = _Conversation([guests[name] for name in sites], start, patience)
        named = dict(zip(sites, samples, strict=True))
        say(_head(named))
        shared, losses = start, []
        for number in range(1, federation.rounds + 1):
            arrived, lost = conversation.train(number, shared, plans)
            shared = average_weights(arrived, samples)
            losses.append(dict(zip(sites, lost, strict=True)))
            say(_row(number, losses[-1], named))
        scores = dict(zip(sites, conversation.evaluate(shared), strict=True))
        seconds = time.monotonic() - began
        conversation.dismiss()
    return Outcome(shared, named, total, losses, scores, conversation.bytes_per_round, seconds)


def _head(samples: Mapping[str, int]) -> str:
    """First line of the table of losses: a column for each site, with its samples."""
    return "round  " + "  ".join(_column(name, samples) for name in samples)


def _row(number: int, losses: Mapping[str, float], samples: Mapping[str, int]) -> str:
    """A further line: the mean loss of each site while it trained."""
    return f"{number:>5}  " + "  ".join(f"{loss:>{len(_column(name, samples))}.4f}" for name, loss in losses.items())


def _column(name: str, samples: Mapping[str, int]) -> str:
    return f"{name} (n={samples[name]})"


class _Conversation:
    """Ask all sites the same thing at the same time, and wait for all of them."""

    def __init__(self, guests: Sequence[Guest], like: Weights, patience: float) -> None:
        self._guests, self._like, self._patience = guests, like, patience
        self.bytes_per_round = 0

    def train(self, number: int, shared: Weights, plans: Sequence[str]) -> tuple[list[Weights], list[float]]:
        """Weights and losses of one round, in the order of the sites."""
        from flwr.common import FitIns, ndarrays_to_parameters, parameters_to_ndarrays

        sent = ndarrays_to_parameters(shared)

        def ask(place: int, guest: Guest):
            answer = guest.proxy.fit(
                FitIns(sent, {"round": number, "plan": plans[place]}), self._patience, group_id=number
            )
            return answer.parameters, parameters_to_ndarrays(answer.parameters), float(answer.metrics["loss"])

        answers = self._ask_all(ask, f"in round {number}")
        names = [guest.introduction.name for guest in self._guests]
        self.bytes_per_round = sum(
            len(part)
            for parameters in (*(answer[0] for answer in answers), *[sent] * len(names))
            for part in parameters.tensors
        )
        arrived = [checked_weights(answer[1], self._like, name) for answer, name in zip(answers, names, strict=True)]
        return arrived, [answer[2] for answer in answers]

    def evaluate(self, shared: Weights) -> list[dict[str, float]]:
        """Scores of the last average, in the order of the sites."""
        from flwr.common import EvaluateIns, ndarrays_to_parameters

        sent = ndarrays_to_parameters(shared)

        def ask(place: int, guest: Guest):
            answer = guest.proxy.evaluate(EvaluateIns(sent, {}), self._patience, group_id=0)
            return {key: float(value) for key, value in answer.metrics.items()}

        return self._ask_all(ask, "before it had tested the last average")

    def dismiss(self) -> None:
        """Tell all sites that it is over."""
        for guest in self._guests:
            send_home(guest.proxy)

    def _ask_all(self, ask: Callable[[int, Guest], Any], when: str) -> list[Any]:
        answers: queue.SimpleQueue = queue.SimpleQueue()

        def listen(place: int, guest: Guest) -> None:
            try:
                answers.put((place, ask(place, guest), None))
            except Exception as error:  # noqa: BLE001 - whatever it is, it ends the federation in the main thread
                answers.put((place, None, error))

        # daemons: where one site is gone, nobody waits for the answers of the others
        for place, guest in enumerate(self._guests):
            threading.Thread(target=listen, args=(place, guest), daemon=True).start()
        found: dict[int, Any] = {}
        while len(found) < len(self._guests):
            try:
                place, answer, error = answers.get(timeout=self._patience + SECONDS_TO_LEAVE)
            except queue.Empty:  # it does not even take what is sent
                silent = next(place for place in range(len(self._guests)) if place not in found)
                raise self._left(silent, when) from None
            if error is not None:
                raise self._left(place, when) from error
            found[place] = answer
        return [found[place] for place in range(len(self._guests))]

    def _left(self, place: int, when: str) -> FederationError:
        name = self._guests[place].introduction.name
        return FederationError(
            f"{name} left {when}: its process ended, or it did not answer within {self._patience:g} s"
        )
