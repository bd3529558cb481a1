"""What travels between the server and the sites of a federation, beside weights: names, counts, sums, losses and scores.

All of it is text (JSON), so that it can be read off the wire by those who have to approve of it. Nothing is executed, and
whoever receives a message checks it: the other end may run another version, or not mean well.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from helpers.runtime import InputError
from helpers.training.federated import Federation, Weights
from helpers.training.flower import FederationError


@dataclass(frozen=True)
class Introduction:
    """What a site says about itself before the first round.

    Attributes:
        name: of the site.
        samples: that it trains on.
        sums: of its samples, any shape; those of all sites are added up. Empty where no sums are needed.
    """

    name: str
    samples: int
    sums: np.ndarray

    def to_text(self) -> str:
        """One line of JSON; float64 survives it exactly."""
        return json.dumps({"name": self.name, "samples": self.samples, "sums": self.sums.tolist()})

    @classmethod
    def from_text(cls, text: str) -> Introduction:
        """The introduction of a line.

        Raises:
            FederationError: it is none, or a number in it is not finite.
        """
        try:
            content = json.loads(text)
            name, samples, sums = content["name"], content["samples"], np.asarray(content["sums"], dtype=np.float64)
            sound = isinstance(name, str) and type(samples) is int and samples > 0 and np.isfinite(sums).all()
        except (KeyError, TypeError, ValueError):
            sound = False
        if not sound:
            raise FederationError("a site introduced itself with something else than name, samples and sums")
        return cls(name, samples, sums)


@dataclass(frozen=True)
class Plan:
    """What the server tells a site before it trains.

    Attributes:
        federation: rounds and local training.
        seed: of the orders of the samples.
        samples: of every site, in the order of the sites; with the seed they decide all orders.
        position: of this site among them.
        total: sums over all sites.
    """

    federation: Federation
    seed: int
    samples: tuple[int, ...]
    position: int
    total: np.ndarray

    def to_text(self) -> str:
        """One line of JSON."""
        return json.dumps({**asdict(self), "total": self.total.tolist()})

    @classmethod
    def from_text(cls, text: str, samples: int) -> Plan:
        """The plan of a line, for a site that trains on so many samples.

        Raises:
            FederationError: it is none, or not meant for this site.
        """
        try:
            content = json.loads(text)
            federation = Federation(**content["federation"])
            counts, position, seed = tuple(content["samples"]), content["position"], content["seed"]
            total = np.asarray(content["total"], dtype=np.float64)
            whole = all(type(number) is int and number >= 0 for number in (*counts, position, seed))
            sound = whole and counts[position] == samples and np.isfinite(total).all()
            plan = cls(federation, seed, counts, position, total)
        except (KeyError, IndexError, TypeError, ValueError, InputError):
            sound = False
        if not sound:
            raise FederationError("the server sent no plan for this site: does it run the same version of medlab?")
        return plan


def checked_weights(weights: Sequence[np.ndarray], like: Weights, sender: str) -> Weights:
    """Weights that came over the network, if they fit ours.

    Raises:
        FederationError: other shapes, or a number that is not finite; the message names the sender.
    """
    shapes, wanted = [np.shape(array) for array in weights], [array.shape for array in like]
    if shapes != wanted:
        raise FederationError(f"{sender} sent the weights of another network: does it run the same version of medlab?")
    if not all(np.issubdtype(array.dtype, np.floating) and np.isfinite(array).all() for array in weights):
        raise FederationError(f"{sender} sent weights that are not finite: training diverged, take a smaller step")
    return [array.astype(ours.dtype) for array, ours in zip(weights, like, strict=True)]
