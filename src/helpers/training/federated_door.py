"""The door of a federation's server: who comes in from the network, who is sent home, and that the port is ours alone."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from helpers.runtime import InputError
from helpers.training.federated_messages import Introduction
from helpers.training.flower import FederationError, split_address

SECONDS_TO_INTRODUCE = 30.0
SECONDS_TO_LEAVE = 3.0
SECONDS_BETWEEN_LOOKS = 0.05
Certificates = tuple[bytes, bytes, bytes]  # of the authority, of the server, and its key (PEM)


@dataclass(frozen=True)
class Guest:
    """A site that is connected.

    Attributes:
        proxy: Flower's ``ClientProxy``, by which it is asked.
        introduction: what it said about itself.
    """

    proxy: Any
    introduction: Introduction


@contextlib.contextmanager
def listening(address: str, certificates: Certificates | None) -> Iterator[Any]:
    """Flower's list of those who are connected, while a server listens."""
    from flwr.server.client_manager import SimpleClientManager
    from flwr.server.superlink.fleet.grpc_bidi.grpc_server import start_grpc_server

    require_free(address)
    manager = SimpleClientManager()
    try:
        server = start_grpc_server(manager, address, certificates=certificates)
    except (RuntimeError, ValueError, SystemExit) as error:
        raise InputError(f"cannot listen at {address}: choose another address, or look at the certificates") from error
    try:
        yield manager
    finally:
        server.stop(grace=SECONDS_TO_LEAVE).wait(2 * SECONDS_TO_LEAVE)


def require_free(address: str) -> None:
    """Whether one can listen there: gRPC would share a port with another of its kind, and take half of its visitors.

    Raises:
        InputError: somebody listens there, or the host is none of this machine.
    """
    host, port = split_address(address)
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as attempt:
        if os.name == "posix":  # elsewhere this option means something else
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what was given back a moment ago is free
        try:
            attempt.bind((host.strip("[]"), port))
            attempt.listen()
        except OSError as error:
            raise InputError(f"cannot listen at {address}: {error.strerror or error}; choose another port") from None


def gather(manager: Any, sites: Sequence[str], patience: float, say: Callable[[str], None]) -> dict[str, Guest]:
    """The sites that were asked for, each once; others are sent home."""
    guests: dict[str, Guest] = {}
    asked: set[str] = set()
    deadline = time.monotonic() + patience
    while len(guests) < len(sites):
        if time.monotonic() > deadline:
            missing = ", ".join(name for name in sites if name not in guests)
            raise FederationError(f"still missing after {patience:g} s: {missing}")
        connected = dict(manager.all())
        for name, guest in list(guests.items()):
            if guest.proxy.cid not in connected:
                say(f"{name} left before the first round")
                del guests[name]
        for cid, proxy in connected.items():
            if cid in asked:
                continue
            asked.add(cid)
            introduction = _introduction(proxy)
            if introduction is None or introduction.name not in sites or introduction.name in guests:
                name = introduction.name if introduction else "somebody"
                say(f"sent away: {name!r} is not asked for, or is here already")
                send_home(proxy)
                continue
            if any(guest.introduction.sums.shape != introduction.sums.shape for guest in guests.values()):
                raise FederationError(
                    f"{introduction.name} adds up other columns: does it run the same version of medlab?"
                )
            guests[introduction.name] = Guest(proxy, introduction)
            say(f"{introduction.name} is here with {introduction.samples} samples")
        time.sleep(SECONDS_BETWEEN_LOOKS)
    return guests


def _introduction(proxy: Any) -> Introduction | None:
    """What somebody who has just connected says about itself; None where that is nothing to go by."""
    from flwr.common import GetPropertiesIns

    try:
        answer = proxy.get_properties(GetPropertiesIns({}), SECONDS_TO_INTRODUCE, group_id=0)
        return Introduction.from_text(str(answer.properties.get("introduction", "")))
    except Exception:  # noqa: BLE001 - gone, silent, or no site of ours
        return None


def send_home(proxy: Any) -> None:
    """Tell a site that it is over; where it is gone already, that does not matter."""
    from flwr.common import ReconnectIns

    with contextlib.suppress(Exception):
        proxy.reconnect(ReconnectIns(seconds=None), SECONDS_TO_LEAVE, group_id=0)
