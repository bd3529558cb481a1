"""The door to Flower (flower.ai), which carries weights over a network; it is an extra that most people do not have.

Importing this module imports nothing of it. :func:`import_flower` does, with everything turned off that Flower would send to
its makers (read in the source of 1.41): usage events and a random identifier of the machine (``FLWR_TELEMETRY_ENABLED``), and
the question for a newer version (``FLWR_DISABLE_UPDATE_CHECK``).

Flower's newer runtime, SuperLink and SuperNodes, ships the server's code to the hospitals, installs what it asks for, and
starts a process there for every message. What is used here is its older transport (gRPC in both directions, in Flower's words
deprecated, pinned by ``requirements-extras.lock``): a hospital runs the code that it has installed itself, in one process that
stays, and the server can send it nothing but numbers.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import tempfile
from collections.abc import Iterator
from types import ModuleType

from helpers.runtime import InputError

OFF = {"FLWR_TELEMETRY_ENABLED": "0", "FLWR_DISABLE_UPDATE_CHECK": "1", "FLWR_TRACING_ENABLED": "0"}
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class FederationError(Exception):
    """The federation ended before its last round: one line that says who left, and when."""


def import_flower() -> ModuleType:
    """The module ``flwr``: telemetry off, log silent (our own lines say what happens).

    Raises:
        InputError: it is not installed.
    """
    os.environ.update(OFF)
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # it would write of connections that end, and we do that
    try:
        import flwr.client
        import flwr.common
        import flwr.server
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "flwr":
            raise
        raise InputError(
            "a federation over a network needs Flower: `make federated` installs it in an environment of its own, or say "
            "pip install -e '.[federated]'"
        ) from None
    logging.getLogger("flwr").setLevel(logging.CRITICAL + 1)
    return flwr


@contextlib.contextmanager
def no_traces() -> Iterator[None]:
    """Flower keeps files in a folder of the user's home; meanwhile it is a temporary one."""
    before = os.environ.get("FLWR_HOME")
    with tempfile.TemporaryDirectory(prefix="medlab-federated-", ignore_cleanup_errors=True) as folder:
        os.environ["FLWR_HOME"] = folder
        try:
            yield
        finally:
            del os.environ["FLWR_HOME"]
            if before is not None:
                os.environ["FLWR_HOME"] = before


def split_address(address: str) -> tuple[str, int]:
    """Host and port of ``host:port``; an IPv6 host stands in brackets, and keeps them.

    Raises:
        InputError: it is no such thing.
    """
    found = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^\s:\[\]/]+):([0-9]{1,5})", address)
    if not found or not 0 < int(found[2]) < 2**16:
        raise InputError(f"{address!r} is no address: write host:port, for instance 127.0.0.1:8470")
    return found[1], int(found[2])


def on_loopback(address: str) -> bool:
    """Whether an address stays on this machine."""
    return split_address(address)[0] in LOOPBACK
