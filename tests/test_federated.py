"""``medlab federated``: misuse in one line, and the real thing over a real network where Flower is installed."""

import datetime
import ipaddress
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from helpers import cli
from helpers.data import catalog
from helpers.report import federations, loopback

ROOT = Path(__file__).resolve().parents[1]
MEDLAB = [sys.executable, "-m", "helpers.cli", "federated"]
NEEDS_FLOWER = (
    "needs Flower: make federated installs it, then .venv-federated/bin/python -m pytest tests/test_federated.py"
)


@pytest.fixture(autouse=True)
def folders(monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("MEDLAB_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("MEDLAB_REPORTS", str(tmp_path / "reports"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--rounds", "0"], "0 is not in the range"),
        (["--dataset", "wisconsin"], "'wisconsin' is not one of 'heart-phantom', 'uci-heart'"),
        (["--rounds", "3", "server", "--site", "A"], "--rounds belongs behind server"),
        (["server"], "Missing option '--site'"),
        (["server", "--site", "A", "--tls", "a.pem", "b.pem", "c.pem"], "does not exist"),
        (["client", "--site", "A"], "Give either --table or --dataset"),
        (
            ["client", "--site", "A", "--dataset", "uci-heart", "--table", "README.md"],
            "Give either --table or --dataset",
        ),
        (["client", "--dataset", "heart-phantom"], "Missing option '--site'"),
    ],
)
def test_misuse_is_one_line_and_exit_status_2(capsys, arguments, words):
    assert cli.run_command(["federated", *arguments]) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert (captured.out, captured.err.count("\n")) == ("", 1)


@pytest.mark.parametrize(
    "arguments", [[], ["server", "--site", "A"], ["client", "--site", "hospital A", "--dataset", "heart-phantom"]]
)
def test_without_flower_every_role_says_how_to_get_it(monkeypatch, capsys, arguments):
    monkeypatch.setitem(sys.modules, "flwr", None)  # as if it were not installed
    assert cli.run_command(["federated", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("medlab: a federation over a network needs Flower: `make federated` installs it")
    assert (captured.out, captured.err.count("\n")) == ("", 1)


def start(*arguments, **named):
    return subprocess.Popen(
        [*MEDLAB, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **named
    )


def finish(process, seconds=400):
    out, err = process.communicate(timeout=seconds)
    return process.returncode, out, err


def roles():
    """Processes of servers and clients that are still there."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        words = process.info["cmdline"] or []
        if "helpers.cli" in words and ("--site" in words) and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


@pytest.mark.notebooks
@pytest.mark.parametrize("seed", [0, 7])
def test_four_hospitals_over_a_network_end_at_the_weights_of_one_process(tmp_path, seed):
    pytest.importorskip("flwr", reason=NEEDS_FLOWER)
    folder = tmp_path / "kept"
    environment = {**os.environ, "HOME": str(tmp_path), "http_proxy": "http://127.0.0.1:9"}  # a proxy that is not there
    status, out, err = finish(start("--rounds", "3", "--seed", str(seed), "--output", str(folder), env=environment))
    assert (status, err) == (0, "")
    shared, facts = federations.load(folder)
    twin = federations.in_one_process("heart-phantom", rounds=3, seed=seed)
    assert federations.largest_difference(shared, twin) <= federations.TOLERANCE
    assert (
        federations.largest_difference(shared, federations.Result(federations.network(seed).get_weights(), {}, {}))
        > 0.05
    )
    assert shared.samples == twin.samples
    for name, scores in twin.scores.items():
        assert shared.scores[name] == pytest.approx(scores, abs=1e-4)
    assert facts["bytes_per_round"] > 8 * sum(array.nbytes for array in shared.weights)
    assert out.count("\n    1  ") == out.count("\n    3  ") == 1
    assert roles() == []
    assert not (tmp_path / ".flwr").exists()


@pytest.mark.notebooks
@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("blow", ["kill", "interrupt"])
def test_a_hospital_that_dies_and_an_interrupt_end_everybody(blow):
    pytest.importorskip("flwr", reason=NEEDS_FLOWER)
    process = start("--rounds", "100000")
    for line in process.stdout:
        if line.startswith("    3  "):
            break
    if blow == "kill":
        victim = next(one for one in roles() if "hospital C" in one.cmdline() and "client" in one.cmdline())
        victim.kill()
        status, _, err = finish(process)
        assert (status, err) == (1, "medlab: hospital C failed: its process was ended by SIGKILL\n")
    else:
        process.send_signal(2)
        status, _, err = finish(process)
        assert (status, err.strip()) == (130, "medlab: interrupted")
    assert roles() == []


def own_data(folder, hospital):
    """A hospital's own file in the format of UCI."""
    inputs, targets = federations.hospital_in_dataset("heart-phantom", hospital)
    rows = [
        ",".join("?" if np.isnan(value) else f"{value:g}" for value in row) + f",{target}"
        for row, target in zip(inputs, targets, strict=True)
    ]
    path = folder / f"{hospital[-1]}.data"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def certificates(folder):
    """Files of an authority, and of a server at 127.0.0.1 that it vouches for."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    def name(text):
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

    now = datetime.datetime.now(datetime.UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    for file, subject, key, is_authority in (
        ("authority", "authority", keys[0], True),
        ("server", "server", keys[1], False),
    ):
        address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        signed = (
            x509.CertificateBuilder(name("authority"), name(subject), key.public_key(), x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(address, critical=False)
            .sign(keys[0], hashes.SHA256())
        )
        (folder / f"{file}.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key = keys[1].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(key)
    return [str(folder / f"{file}.pem") for file in ("authority", "server", "key")]


@pytest.mark.notebooks
def test_the_roles_on_several_machines_with_own_files_and_encryption(tmp_path):
    """Two hospitals with their own files; somebody who was not asked for; and one who speaks without encryption."""
    pytest.importorskip("flwr", reason=NEEDS_FLOWER)
    authority, certificate, key = certificates(tmp_path)
    address = f"127.0.0.1:{loopback.free_port()}"
    common = ["--address", address, "--patience", "100"]
    files = {name: str(own_data(tmp_path, name)) for name in ("hospital A", "hospital D")}
    sites = [word for name in files for word in ("--site", name)]
    kept = ["--tls", authority, certificate, key, "--output", str(tmp_path / "kept")]
    trusting = [*common, "--authority", authority]
    strangers = [
        start("client", *trusting, "--site", "hospital X", "--table", files["hospital A"]),
        start("client", *common, "--site", "hospital A", "--table", files["hospital A"]),
    ]
    server = start("server", *common, *sites, "--rounds", "2", "--seed", "4", *kept)
    status, _, err = finish(strangers[0])
    assert (status, err.count("\n")) == (1, 1)
    assert f"the server at {address} sent hospital X away" in err
    status, _, err = finish(strangers[1])
    assert (status, err) == (1, f"medlab: lost the server at {address} before the first round\n")
    clients = [start("client", *trusting, "--site", name, "--table", file) for name, file in files.items()]
    for client in clients:
        status, out, err = finish(client)
        assert (status, err) == (0, "")
        assert [line.split(":")[0] for line in out.splitlines()] == ["round 1", "round 2"]
    status, out, err = finish(server)
    assert (status, err) == (0, "")
    assert "sent away: 'hospital X' is not asked for" in out
    facts = json.loads((tmp_path / "kept/federation.json").read_text(encoding="utf-8"))
    assert facts["samples"] == {"hospital A": 210, "hospital D": 140}
    assert roles() == []


@pytest.mark.notebooks
def test_nobody_waits_forever(tmp_path):
    pytest.importorskip("flwr", reason=NEEDS_FLOWER)
    patients = ["--dataset", "heart-phantom"]
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        taken = f"127.0.0.1:{busy.getsockname()[1]}"
        status, out, err = finish(start("server", "--address", taken, "--site", "A", "--patience", "2"))
        assert (status, out, err) == (
            2,
            "",
            f"medlab: cannot listen at {taken}: Address already in use; choose another port\n",
        )
        # somebody listens there who is no server of ours, and never says a word
        status, _, err = finish(
            start("client", "--address", taken, "--site", "hospital A", *patients, "--patience", "2")
        )
        assert (status, err) == (1, "medlab: the server sent nothing for 4 s\n")
    free = f"127.0.0.1:{loopback.free_port()}"
    status, _, err = finish(start("client", "--address", free, "--site", "hospital A", *patients, "--patience", "2"))
    assert (status, err) == (1, f"medlab: no server at {free} within 2 s\n")
    began = time.monotonic()
    status, _, err = finish(start("server", "--address", free, "--site", "A", "--site", "B", "--patience", "2"))
    assert (status, err) == (1, "medlab: still missing after 2 s: A, B\n")
    assert time.monotonic() - began < 120


@pytest.mark.notebooks
@pytest.mark.skipif(not catalog.present("uci-heart"), reason="needs the real table: medlab fetch uci-heart")
def test_the_real_hospitals(monkeypatch):
    pytest.importorskip("flwr", reason=NEEDS_FLOWER)
    monkeypatch.delenv("MEDLAB_DATA")
    status, out, err = finish(start("--rounds", "2", "--dataset", "uci-heart"))
    assert (status, err) == (0, "")
    assert "Switzerland" in out
