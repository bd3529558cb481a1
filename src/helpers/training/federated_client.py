"""A site of a federation over a network: it trains on its own samples and lets nothing out but weights, counts and sums.

The other end of :mod:`helpers.training.federated_server`, whose docstring says what leaves a site and what that may give away.
"""

from __future__ import annotations

import _thread
import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from helpers.training.federated import LocalTraining, check_site, rounds_of_orders
from helpers.training.federated_messages import Introduction, Plan, checked_weights
from helpers.training.flower import LOOPBACK, FederationError, import_flower, no_traces, on_loopback, split_address

SECONDS_BETWEEN_TRIES = 0.2


@dataclass(frozen=True)
class Member:
    """A site with its own data, as it takes part in a federation.

    Attributes:
        name: by which the server knows it.
        targets: (n,) of the samples it trains on.
        sums: what it adds to the sums over all sites, any shape.
        prepare: from those sums to its inputs (n, ...).
        evaluate: from the last average to numbers, measured on samples that it kept out of training.
    """

    name: str
    targets: np.ndarray
    sums: np.ndarray
    prepare: Callable[[np.ndarray], np.ndarray]
    evaluate: Callable[[keras.Model, np.ndarray], Mapping[str, float]]


def join(
    address: str,
    member: Member,
    network: keras.Model,
    *,
    loss: str = "binary_crossentropy",
    patience: float,
    authority: bytes | None = None,
    say: Callable[[str], None],
) -> np.ndarray:
    """Take part from the first to the last round; the network ends with the last average.

    Args:
        address: ``host:port`` of the server; it may start later.
        member: this site.
        network: of the same architecture at all sites, without layers that draw random numbers.
        loss: mean over a batch.
        patience: seconds to wait for the server to come, and then half of those to wait for each of its messages: it waits
            as long for the slowest of the other sites.
        authority: certificate (PEM) that vouches for the server; None: the connection is not encrypted.
        say: gets a line whenever something happens.

    Returns:
        The sums over all sites.

    Raises:
        InputError: no such address, the site has no samples, Flower is missing.
        FederationError: the server did not come, left, sent nonsense, or sent this site away.
    """
    flower = import_flower()
    if on_loopback(address):
        # a proxy in the environment is not for this machine; gRPC reads the name in small letters
        os.environ["no_grpc_proxy"] = ",".join(LOOPBACK)  # noqa: SIM112
    _wait_for(address, patience)
    with no_traces(), _Watch(2 * patience) as watch:
        visitor = _Visitor(member, network, loss, watch, say)
        try:
            flower.client.start_client(
                server_address=address, client=visitor, root_certificates=authority, insecure=authority is None
            )
        except KeyboardInterrupt:
            if not watch.expired:
                raise
            raise FederationError(f"the server sent nothing for {2 * patience:g} s") from None
        except Exception as error:  # Flower raises whatever gRPC does
            if visitor.problem is not None:
                raise visitor.problem from None
            raise FederationError(f"lost the server at {address}{visitor.progress()}") from error
    if visitor.plan is None:
        raise FederationError(
            f"the server at {address} sent {member.name} away: it waits for other names, or this one is there already"
        )
    if not visitor.finished:
        raise FederationError(f"the server at {address} ended the federation early{visitor.progress()}")
    return visitor.plan.total


class _Visitor:
    """What Flower calls when a message arrives: a client in its sense."""

    def __init__(
        self, member: Member, network: keras.Model, loss: str, watch: _Watch, say: Callable[[str], None]
    ) -> None:
        self._member, self._network, self._loss, self._watch, self._say = member, network, loss, watch, say
        self._like = network.get_weights()
        self.plan: Plan | None = None
        self.rounds, self.finished = 0, False
        self.problem: Exception | None = None

    def progress(self) -> str:
        """How far it came, for a message."""
        return f" after round {self.rounds}" if self.rounds else " before the first round"

    def get_properties(self, message: Any) -> Any:
        """Name, samples and sums."""
        from flwr.common import Code, GetPropertiesRes, Status

        with self._answering():
            introduction = Introduction(self._member.name, len(self._member.targets), np.asarray(self._member.sums))
            return GetPropertiesRes(Status(Code.OK, ""), {"introduction": introduction.to_text()})

    def fit(self, message: Any) -> Any:
        """One round of local training."""
        from flwr.common import Code, FitRes, Status, ndarrays_to_parameters, parameters_to_ndarrays

        with self._answering():
            if self.plan is None:
                self._begin(str(message.config.get("plan", "")))
            number = message.config.get("round")
            if number != self.rounds + 1 or number > self.plan.federation.rounds:
                raise FederationError(f"the server asks for round {number} after round {self.rounds}")
            shared = checked_weights(parameters_to_ndarrays(message.parameters), self._like, "the server")
            orders = next(self._orders)[self.plan.position]
            weights, loss = self._local.train(shared, self._inputs, self._member.targets, orders)
            self.rounds = number
            self._say(f"round {number}: loss {loss:.4f}")
            return FitRes(
                Status(Code.OK, ""), ndarrays_to_parameters(weights), len(self._member.targets), {"loss": loss}
            )

    def evaluate(self, message: Any) -> Any:
        """Scores of the last average on this site's own samples."""
        from flwr.common import Code, EvaluateRes, Status, parameters_to_ndarrays

        with self._answering():
            if self.plan is None:
                raise FederationError("the server asks for a test before the first round")
            self._network.set_weights(
                checked_weights(parameters_to_ndarrays(message.parameters), self._like, "the server")
            )
            scores = self._member.evaluate(self._network, self.plan.total)
            self.finished = self.rounds == self.plan.federation.rounds
            numbers = {key: float(value) for key, value in scores.items()}
            return EvaluateRes(Status(Code.OK, ""), 0.0, len(self._member.targets), numbers)

    def _begin(self, text: str) -> None:
        plan = Plan.from_text(text, len(self._member.targets))
        self._inputs = self._member.prepare(plan.total)
        check_site(self._member.name, self._inputs, self._member.targets)
        self._local = LocalTraining(self._network, plan.federation, self._loss, plan.seed)
        self._orders = rounds_of_orders(plan.samples, plan.federation, plan.seed)
        self.plan = plan

    @contextlib.contextmanager
    def _answering(self) -> Iterator[None]:
        """While a message is answered the watch stands still; what goes wrong is kept, because Flower wraps it."""
        self._watch.stop()
        try:
            yield
        except Exception as problem:
            self.problem = problem
            raise
        finally:
            self._watch.start()


class _Watch:
    """Interrupt the main thread when the server has been silent for too long: Flower itself would wait forever."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._timer: threading.Timer | None = None
        self.expired = False

    def __enter__(self) -> _Watch:
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def start(self) -> None:
        """Count from 0."""
        self.stop()
        self._timer = threading.Timer(self._patience, self._expire)
        self._timer.daemon = True
        self._timer.start()

    def stop(self) -> None:
        """Stand still."""
        if self._timer is not None:
            self._timer.cancel()

    def _expire(self) -> None:
        self.expired = True
        _thread.interrupt_main()


def _wait_for(address: str, patience: float) -> None:
    """Return when somebody listens at the address.

    Raises:
        InputError: it is no address.
        FederationError: nobody came.
    """
    host, port = split_address(address)
    deadline = time.monotonic() + patience
    while True:
        try:
            socket.create_connection((host.strip("[]"), port), timeout=max(SECONDS_BETWEEN_TRIES, 1.0)).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise FederationError(f"no server at {address} within {patience:g} s") from None
            time.sleep(SECONDS_BETWEEN_TRIES)
