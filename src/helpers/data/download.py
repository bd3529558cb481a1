"""Get the files of a dataset: from the mirror, else from their public addresses, verified whatever the origin."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import sys
import time
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import requests
from tqdm import tqdm

from helpers.data.catalog.entries import Entry, File, describe
from helpers.runtime import InputError

ATTEMPTS = 3
PAUSE_SECONDS = 0.5
TIMEOUT_SECONDS = (10, 60)  # to connect, and between two pieces of an answer
STALE_SECONDS = 3600


def fetch(name: str, progress: bool = True) -> list[Path]:
    """Make the files of a dataset present and verified; what is there and right is left alone.

    Args:
        name: catalog name. Embedded and generated datasets need no files.
        progress: show progress bars on stderr.

    Returns:
        The files, in the data folder.

    Raises:
        InputError: unknown name, wrong checksum, truncated file, or neither network nor mirror has it.
    """
    entry = describe(name)
    if entry.origin == "build":
        from helpers.data.lc25000 import build_from_catalog

        return build_from_catalog(entry, progress)
    for path, file in zip(entry.paths(), entry.files, strict=True):
        if not (path.is_file() and mismatch(path, file) is None):
            _fetch_file(entry, file, path, progress)
    return entry.paths()


def file_hash(path: Path, algorithm: str) -> str:
    """Hexadecimal checksum of a file; ``algorithm`` as :mod:`hashlib` names it."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def import_pooch():
    """Import pooch when something is downloaded; inside Jupyter it asks for widgets that are not needed here."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="IProgress not found")
        import pooch
    return pooch


def mirror() -> str:
    """``MEDLAB_MIRROR``: a folder or an http(s) address without a slash at its end; empty when it is not set.

    Raises:
        InputError: it names a folder that is not there.
    """
    text = os.environ.get("MEDLAB_MIRROR", "").strip()
    if not text or text.startswith(("http://", "https://")):
        return text.rstrip("/")
    folder = Path(text).expanduser()
    if not folder.is_dir():
        raise InputError(
            f"MEDLAB_MIRROR is {text!r}: there is no such folder (or unset it to use the public addresses)"
        )
    return str(folder)


def mismatch(path: Path, file: File) -> str | None:
    """What is wrong with a file, as words (``sha256 is …, expected …``); None when all its checksums match."""
    if file.alternative_md5 and file_hash(path, "md5") == file.alternative_md5:
        return None
    for algorithm, expected in (("sha256", file.sha256), ("md5", file.md5)):
        if expected:
            found = file_hash(path, algorithm)
            if found != expected:
                return f"{algorithm} is {found}, expected {expected}"
    return None


def place(target: Path, write: Callable[[Path], None]) -> None:
    """Let ``write`` fill a temporary file beside ``target``, then rename it: never a half file under the final name."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.part-{os.getpid()}")
        _sweep(target)
        try:
            write(temporary)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except (PermissionError, FileExistsError, NotADirectoryError) as error:
        raise InputError(
            f"cannot write {target.name} into the data folder: {error.strerror} (set MEDLAB_DATA elsewhere)"
        ) from error


def stream(address: str, temporary: Path, label: str, progress: bool) -> None:
    """Copy or download one address (a file path or http(s)) into ``temporary``, trying a shaky network three times.

    Raises:
        OSError: it is not there, or the network failed three times (requests' errors are OSErrors).
    """
    if not address.startswith(("http://", "https://")):
        shutil.copyfile(address, temporary)
        return
    for attempt in range(1, ATTEMPTS + 1):
        # Bars go to stderr and only where somebody looks: a log full of carriage returns helps nobody.
        shown = progress and sys.stderr.isatty()
        bar = tqdm(total=0, unit="B", unit_scale=True, desc=label, file=sys.stderr, leave=False, disable=not shown)
        try:
            with bar:
                import_pooch().HTTPDownloader(progressbar=bar, timeout=TIMEOUT_SECONDS)(address, str(temporary), None)
            return
        except requests.HTTPError as error:
            if error.response.status_code < 500 or attempt == ATTEMPTS:
                raise
        except requests.RequestException:
            if attempt == ATTEMPTS:
                raise
        time.sleep(PAUSE_SECONDS * attempt)


def _fetch_file(entry: Entry, file: File, target: Path, progress: bool) -> None:
    """Try the mirror, then every public address; the first that has the file decides."""
    source = mirror()
    origins = []
    if source:
        remote = source.startswith("http")
        address = (
            f"{source}/{quote(entry.folder)}/{quote(file.name)}"
            if remote
            else str(Path(source) / entry.folder / file.name)
        )
        origins.append(("MEDLAB_MIRROR", address))
    origins.extend((address.split("?")[0], address) for address in file.addresses)
    failures = []
    for label, address in origins:

        def write(temporary: Path, label=label, address=address) -> None:
            stream(address, temporary, file.name, progress)
            if address.endswith(".gz") and not file.name.endswith(".gz"):
                _unpack(temporary, file, label)
            _verify(temporary, file, label)

        try:
            place(target, write)
            return
        except OSError as error:
            failures.append(f"{label}: {reason(error)}")
    tried = f" (tried {'; '.join(failures)})" if failures else ""
    hint = f"; {entry.unavailable_hint}" if entry.unavailable_hint else ""
    raise InputError(
        f"{entry.name}: cannot get {file.name}{tried}; put a copy at FOLDER/{entry.folder}/{file.name}, "
        f"set MEDLAB_MIRROR to FOLDER and fetch again{hint}"
    )


def _unpack(path: Path, file: File, label: str) -> None:
    """Replace a gzip archive by what it holds: checksums are of the content, which an archive's date does not change."""
    try:
        content = gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{file.name} from {label} is no whole gzip archive; nothing was kept, fetch again") from error
    path.write_bytes(content)


def _verify(path: Path, file: File, label: str) -> None:
    size = path.stat().st_size
    if file.bytes and size < file.bytes:
        raise InputError(
            f"{file.name} from {label} is truncated: {size:,} of {file.bytes:,} bytes; nothing was kept, fetch again"
        )
    wrong = mismatch(path, file)
    if wrong:
        raise InputError(f"{file.name} from {label} is not the published file: {wrong}; nothing was kept")


def reason(error: OSError) -> str:
    """One short phrase for why an origin failed."""
    if isinstance(error, requests.HTTPError):
        return f"HTTP {error.response.status_code}"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "connection broke off"
    if isinstance(error, requests.RequestException):
        return "no connection"
    if isinstance(error, FileNotFoundError):
        return "no such file"
    return error.strerror or type(error).__name__


def _sweep(target: Path) -> None:
    """Remove what a killed download left behind, unless it is young enough to be another one at work."""
    for leftover in target.parent.glob(f".{target.name}.part-*"):
        if time.time() - leftover.stat().st_mtime > STALE_SECONDS:
            leftover.unlink(missing_ok=True)
