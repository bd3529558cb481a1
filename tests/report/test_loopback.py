"""Processes that work together: one fails, all end, and nobody is left behind."""

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from helpers.report import loopback
from helpers.training.flower import FederationError

SLEEP = "import time; time.sleep(600)"


def python(script, *words):
    return [sys.executable, "-S", "-c", script, *words]


def sleepers(mark):
    """Processes whose command line holds the mark."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        if mark in (process.info["cmdline"] or []) and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


@pytest.fixture
def mark(tmp_path):
    """A word in the command line that finds our processes again."""
    return f"mark-{tmp_path.name}-{time.time_ns()}"


def test_all_end_well_and_one_may_speak(capfd):
    loopback.run_together({"server": python("print('seen')"), "A": python("print('unseen')")}, "server", patience=60)
    assert capfd.readouterr().out == "seen\n"


def test_temporary_files_of_who_is_killed_vanish(capfd):
    script = "import os, tempfile; print(tempfile.mkdtemp(), flush=True); os.kill(os.getpid(), 9)"
    with pytest.raises(FederationError, match="SIGKILL"):
        loopback.run_together({"server": python(script)}, "server", patience=60)
    folder = Path(capfd.readouterr().out.strip())
    assert folder.is_absolute() and not folder.exists()


def test_one_fails_and_all_end(mark):
    commands = {
        "server": python(SLEEP, mark),
        "A": python(SLEEP, mark),
        "B": python("import sys; print('noise\\nmedlab: no patients', file=sys.stderr); sys.exit(2)"),
    }
    with pytest.raises(FederationError, match="^B failed: no patients$"):
        loopback.run_together(commands, "server", patience=60)
    assert sleepers(mark) == []


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("import os; os.kill(os.getpid(), 9)", "A failed: its process was ended by SIGKILL"),
        ("raise SystemExit(3)", "A failed: its process ended with status 3"),
    ],
)
def test_a_process_that_says_nothing(script, words):
    with pytest.raises(FederationError, match=words):
        loopback.run_together({"A": python(script)}, "server", patience=60)


def test_who_is_late_is_ended_even_if_it_will_not_listen(mark, monkeypatch):
    monkeypatch.setattr(loopback, "SECONDS_TO_END", 0.3)
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + SLEEP
    with pytest.raises(FederationError, match=r"not done after 0.5 s: server, A"):
        loopback.run_together({"server": python(deaf, mark), "A": python(SLEEP, mark)}, "server", patience=0.5)
    assert sleepers(mark) == []


@pytest.mark.parametrize("how", ["terminate", "kill"])
def test_nobody_outlives_us(mark, how):
    if how == "kill" and loopback._bound_to_us([]) == []:
        pytest.skip("only Linux ends processes whose parent was killed")
    script = (
        "import sys; from helpers.report import loopback\n"
        f"command = [sys.executable, '-S', '-c', {SLEEP!r}, {mark!r}]\n"
        "loopback.run_together({'server': command, 'A': command}, 'server', 60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while len(sleepers(mark)) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(sleepers(mark)) == 2
    getattr(parent, how)()
    assert parent.wait(30) != 0
    while sleepers(mark) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert sleepers(mark) == []


def test_a_free_port_is_free():
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", loopback.free_port()))
