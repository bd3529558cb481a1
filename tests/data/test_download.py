"""Downloads: mirror and network, verified whatever the origin, and never a half file."""

from __future__ import annotations

import gzip
import hashlib
import os
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pooch
import pytest

from helpers.data import download
from helpers.runtime import InputError

CONTENT = b"original bytes " * 1000


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves a folder; counts requests, breaks off or refuses as often as told."""

    def do_GET(self):
        self.server.requests.append(self.path)
        if self.server.broken > 0:
            self.server.broken -= 1
            self.send_response(200)
            self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            self.wfile.write(CONTENT[:100])
        elif self.server.refused > 0:
            self.server.refused -= 1
            self.send_error(503)
        else:
            super().do_GET()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server(tmp_path):
    folder = tmp_path / "served"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(folder)))
    server.requests, server.broken, server.refused = [], 0, 0
    server.folder, server.address = folder, f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def put(folder, content=CONTENT):
    (folder / "small_folder").mkdir(parents=True, exist_ok=True)
    (folder / "small_folder" / "small.npz").write_bytes(content)


def test_mirror_folder(small, tmp_path, data_folder, monkeypatch):
    small(CONTENT)
    put(tmp_path / "mirror")
    monkeypatch.setenv("MEDLAB_MIRROR", str(tmp_path / "mirror"))
    (path,) = download.fetch("small")
    assert path == data_folder / "small_folder" / "small.npz"
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize("slash", ["", "/"])
def test_mirror_over_http(small, server, data_folder, monkeypatch, slash):
    small(CONTENT)
    put(server.folder)
    monkeypatch.setenv("MEDLAB_MIRROR", server.address + slash)
    (path,) = download.fetch("small")
    assert path.read_bytes() == CONTENT
    assert server.requests == ["/small_folder/small.npz"]


def test_public_address_after_a_mirror_without_the_file(small, server, tmp_path, monkeypatch):
    small(CONTENT, addresses=(f"{server.address}/public.npz?download=1",))
    (server.folder / "public.npz").write_bytes(CONTENT)
    (tmp_path / "mirror").mkdir()
    monkeypatch.setenv("MEDLAB_MIRROR", str(tmp_path / "mirror"))
    (path,) = download.fetch("small")
    assert path.read_bytes() == CONTENT


def test_the_mirror_is_tried_first(small, server, tmp_path, monkeypatch):
    small(CONTENT, addresses=(f"{server.address}/public.npz",))
    put(tmp_path / "mirror")
    monkeypatch.setenv("MEDLAB_MIRROR", str(tmp_path / "mirror"))
    download.fetch("small")
    assert server.requests == []


def test_what_is_there_is_not_fetched_again(small, server, data_folder):
    small(CONTENT, addresses=(f"{server.address}/public.npz",))
    put(data_folder)
    assert download.fetch("small")[0].read_bytes() == CONTENT
    assert server.requests == []


def test_a_changed_file_is_replaced(small, server, data_folder):
    small(CONTENT, addresses=(f"{server.address}/public.npz",))
    (server.folder / "public.npz").write_bytes(CONTENT)
    put(data_folder, b"changed")
    assert download.fetch("small")[0].read_bytes() == CONTENT


def test_a_shaky_network_is_tried_again(small, server):
    small(CONTENT, addresses=(f"{server.address}/public.npz",))
    (server.folder / "public.npz").write_bytes(CONTENT)
    server.broken, server.refused = 1, 1
    assert download.fetch("small")[0].read_bytes() == CONTENT
    assert len(server.requests) == 3


@pytest.mark.parametrize("algorithm", ["sha256", "md5"])
def test_a_wrong_checksum_names_everything_and_leaves_nothing(small, server, data_folder, monkeypatch, algorithm):
    expected, found = (hashlib.new(algorithm, content).hexdigest() for content in (CONTENT, b"forged"))
    small(CONTENT, checksum=f'{algorithm} = "{expected}"')
    put(server.folder, b"forged")
    monkeypatch.setenv("MEDLAB_MIRROR", server.address)
    with pytest.raises(InputError) as caught:
        download.fetch("small")
    message = str(caught.value)
    assert "small.npz" in message and expected in message and found in message and "\n" not in message
    assert list((data_folder / "small_folder").iterdir()) == []


def test_a_truncated_copy_says_so_and_leaves_nothing(small, tmp_path, data_folder, monkeypatch):
    small(CONTENT)
    put(tmp_path / "mirror", CONTENT[:5000])
    monkeypatch.setenv("MEDLAB_MIRROR", str(tmp_path / "mirror"))
    with pytest.raises(InputError, match="truncated: 5,000 of 15,000 bytes"):
        download.fetch("small")
    assert list((data_folder / "small_folder").iterdir()) == []


def test_a_connection_that_always_breaks_off(small, server, data_folder):
    small(CONTENT, addresses=(f"{server.address}/public.npz",))
    server.broken = 99
    with pytest.raises(InputError, match="connection broke off"):
        download.fetch("small")
    assert len(server.requests) == download.ATTEMPTS
    assert list((data_folder / "small_folder").iterdir()) == []


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, RuntimeError])
def test_an_interruption_leaves_no_half_file(small, data_folder, monkeypatch, interruption):
    small(CONTENT, addresses=("http://127.0.0.1:1/public.npz",))

    def interrupted(self, address, output, _):
        Path(output).write_bytes(CONTENT[:700])
        assert len(list((data_folder / "small_folder").iterdir())) == 1
        raise interruption

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", interrupted)
    with pytest.raises(interruption):
        download.fetch("small")
    assert list((data_folder / "small_folder").iterdir()) == []


def test_no_network_and_no_mirror_says_what_to_do(small, data_folder):
    small(CONTENT, addresses=("http://127.0.0.1:1/public.npz",))
    with pytest.raises(InputError) as caught:
        download.fetch("small")
    message = str(caught.value)
    assert "http://127.0.0.1:1/public.npz" in message and "FOLDER/small_folder/small.npz, set MEDLAB_MIRROR" in message
    assert "no connection" in message and "\n" not in message


def test_not_found_is_not_tried_three_times(small, server):
    small(CONTENT, addresses=(f"{server.address}/gone.npz",))
    with pytest.raises(InputError, match="HTTP 404"):
        download.fetch("small")
    assert len(server.requests) == 1


def test_a_mirror_folder_that_is_not_there(small, tmp_path, monkeypatch):
    small(CONTENT)
    monkeypatch.setenv("MEDLAB_MIRROR", str(tmp_path / "stick"))
    with pytest.raises(InputError, match=r"MEDLAB_MIRROR is .* no such folder"):
        download.fetch("small")


def test_a_data_folder_that_is_a_file(small, tmp_path, monkeypatch):
    small(CONTENT)
    put(tmp_path / "mirror")
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MEDLAB_MIRROR", str(tmp_path / "mirror"))
    monkeypatch.setenv("MEDLAB_DATA", str(tmp_path / "file"))
    with pytest.raises(InputError, match="MEDLAB_DATA"):
        download.fetch("small")


def test_old_leftovers_are_swept_young_ones_are_not(small, tmp_path, data_folder, monkeypatch):
    small(CONTENT)
    put(tmp_path / "mirror")
    monkeypatch.setenv("MEDLAB_MIRROR", str(tmp_path / "mirror"))
    folder = data_folder / "small_folder"
    folder.mkdir(parents=True)
    for name, age in ((".small.npz.part-1", 2 * download.STALE_SECONDS), (".small.npz.part-2", 0)):
        (folder / name).write_bytes(b"half")
        os.utime(folder / name, (time.time() - age,) * 2)
    download.fetch("small")
    assert sorted(path.name for path in folder.iterdir()) == [".small.npz.part-2", "small.npz"]


def test_a_file_without_a_public_address_names_the_way_to_make_it(data_folder):
    with pytest.raises(InputError, match=r"FOLDER/lc25000_lung/.*`medlab fetch lc25000-lung-built`"):
        download.fetch("lc25000-lung")


def test_embedded_datasets_need_no_files(data_folder):
    assert download.fetch("wisconsin") == []
    assert not data_folder.exists()


def test_an_archive_is_unpacked_before_it_is_verified(small, server, data_folder):
    put(server.folder)
    (server.folder / "small_folder" / "small.npz.gz").write_bytes(gzip.compress(CONTENT))
    address = f"{server.address}/small_folder/small.npz.gz"
    small(CONTENT, (address,))
    (path,) = download.fetch("small", progress=False)
    assert path.read_bytes() == CONTENT and path.name == "small.npz"
    path.unlink()
    (server.folder / "small_folder" / "small.npz.gz").write_bytes(gzip.compress(CONTENT)[:-20])
    with pytest.raises(InputError, match="is no whole gzip archive; nothing was kept"):
        download.fetch("small", progress=False)
    assert not list(path.parent.iterdir())


def test_a_second_file_may_count_as_well(small, server):
    put(server.folder, b"another header, the same rows")
    other = hashlib.md5(b"another header, the same rows").hexdigest()
    digest = hashlib.sha256(CONTENT).hexdigest()
    checksum = f'sha256 = "{digest}"\nalternative_md5 = "{other}"'
    small(CONTENT, (f"{server.address}/small_folder/small.npz",), checksum)
    (path,) = download.fetch("small", progress=False)
    assert path.read_bytes() == b"another header, the same rows"
    put(server.folder, b"something else")
    path.unlink()
    with pytest.raises(InputError, match="is not the published file"):
        download.fetch("small", progress=False)
