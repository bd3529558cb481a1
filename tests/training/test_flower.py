"""The door to Flower: one clear line without it, nothing sent with it."""

import os
import subprocess
import sys

import pytest

from helpers.runtime import InputError
from helpers.training import flower


def test_without_flower_there_is_one_line_that_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "flwr", None)  # as if it were not installed
    with pytest.raises(InputError, match="needs Flower: `make federated` installs it") as raised:
        flower.import_flower()
    assert "\n" not in str(raised.value)


def test_importing_the_door_imports_neither_flower_nor_keras():
    script = "import sys, helpers.training.flower; print(sorted({'flwr', 'grpc', 'keras'} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"


def test_flower_sends_nothing_to_its_makers():
    pytest.importorskip("flwr", reason="needs Flower: make federated installs it")
    script = (
        "import urllib.request\n"
        "from helpers.training import flower\n"
        "flower.import_flower()\n"
        "from flwr.supercore import telemetry, update_check\n"
        "def opened(*given, **named): raise SystemExit('opened a connection')\n"
        "urllib.request.urlopen = update_check.requests.post = opened\n"
        "with flower.no_traces():\n"
        "    print(telemetry.event(telemetry.EventType.PING).result(timeout=30))\n"
        "    update_check.warn_if_flwr_update_available('test')\n"
    )
    environment = {**os.environ, "FLWR_TELEMETRY_ENABLED": "1"}  # ours counts
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, env=environment
    )
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "disabled\n", "")


@pytest.mark.parametrize("before", [None, "/somewhere/else"])
def test_files_of_flower_go_into_a_folder_that_vanishes(monkeypatch, before):
    monkeypatch.delenv("FLWR_HOME", raising=False)
    if before:
        monkeypatch.setenv("FLWR_HOME", before)
    with flower.no_traces():
        folder = os.environ["FLWR_HOME"]
        assert os.path.isdir(folder)
    assert not os.path.exists(folder)
    assert os.environ.get("FLWR_HOME") == before


@pytest.mark.parametrize(
    ("address", "parts", "local"),
    [
        ("127.0.0.1:8470", ("127.0.0.1", 8470), True),
        ("localhost:1", ("localhost", 1), True),
        ("[::1]:8470", ("[::1]", 8470), True),
        ("0.0.0.0:65535", ("0.0.0.0", 65535), False),
        ("heart.example.org:8470", ("heart.example.org", 8470), False),
    ],
)
def test_addresses(address, parts, local):
    assert flower.split_address(address) == parts
    assert flower.on_loopback(address) is local


@pytest.mark.parametrize(
    "address", ["", "8470", "host", "host:", ":8470", "host:0", "host:65536", "http://host:80", "::1:80"]
)
def test_no_address(address):
    with pytest.raises(InputError, match="host:port"):
        flower.split_address(address)
