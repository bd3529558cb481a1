"""The ground floor: quiet and reproducible TensorFlow, where things lie, and the error for bad input.

Importing this module does not import TensorFlow; :func:`configure` does.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import random
import re
import sys
from pathlib import Path

import numpy as np

# What decides the bits of a result besides the code: these versions stand in every results.json.
STACK = ("tensorflow", "keras", "numpy", "scikit-learn", "pandas", "scipy")


class InputError(ValueError):
    """Bad input: the message is one line that says what is wrong and what to do.

    The command line prints the message and exits with 2; a notebook shows it as the error of its cell.
    """


def configure(seed: int, threads: int | None = None) -> None:
    """Seed Python, NumPy and Keras, make TensorFlow deterministic and pin its threads.

    Call it once, before the first tensor. The default is one thread (or ``MEDLAB_THREADS``), because one and two
    threads add floating-point numbers in a different order and so give different bits; parallelism is across notebooks.

    Args:
        seed: initialization, shuffling and augmentation; never the split.
        threads: intra-operation threads of TensorFlow.
    """
    threads = threads or default_threads()
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["TF_NUM_INTRAOP_THREADS"] = str(threads)
    os.environ["TF_NUM_INTEROP_THREADS"] = "1"
    tensorflow, keras = _import_tensorflow_quietly()
    tensorflow.get_logger().setLevel("ERROR")
    if tensorflow.config.threading.get_intra_op_parallelism_threads() != threads:
        tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
        tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    keras.utils.set_random_seed(seed)
    tensorflow.config.experimental.enable_op_determinism()


def seed_everything(seed: int) -> None:
    """Seed Python, NumPy and Keras again, so that what follows does not depend on what was drawn before."""
    import keras

    random.seed(seed)
    np.random.seed(seed % 2**32)
    keras.utils.set_random_seed(seed)


def default_threads() -> int:
    """Threads of one notebook: ``MEDLAB_THREADS``, else 1."""
    text = os.environ.get("MEDLAB_THREADS", "1")
    if not re.fullmatch("[1-9][0-9]*", text):
        raise InputError(f"MEDLAB_THREADS is {text!r}: it takes a whole number of threads, at least 1")
    return int(text)


def _import_tensorflow_quietly():
    """Import TensorFlow with file descriptor 2 closed to its banners.

    One oneDNN line is written by C++ before any logging level applies; switching oneDNN off removes the line but makes
    convolutions 1.3 to 1.6 times slower, so the line is dropped instead.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    silence = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(silence, 2)
        import keras
        import tensorflow

        # The first operation initializes the device and says so; let it speak into the same silence.
        tensorflow.config.list_physical_devices()
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(silence)
    return tensorflow, keras


def describe_environment() -> dict[str, str | int]:
    """Versions, platform and threads, as stored in results.json."""
    versions = {name: importlib.metadata.version(name) for name in STACK}
    return {
        "python": platform.python_version(),
        **versions,
        "platform": f"{platform.system()} {platform.machine()}",
        "threads": default_threads(),
    }


def environment_line() -> str:
    """One line for the top of a report."""
    environment = describe_environment()
    return (
        f"Python {environment['python']}, TensorFlow {environment['tensorflow']}, Keras {environment['keras']}, "
        f"NumPy {environment['numpy']}, scikit-learn {environment['scikit-learn']}, {environment['threads']} thread(s)"
    )


def project_root() -> Path:
    """The folder that holds ``notebooks/`` and ``workflow/``: the one we stand in or below, else the checkout of this package."""
    for folder in (Path.cwd(), *Path.cwd().parents):
        if _is_project_root(folder):
            return folder
    checkout = Path(__file__).resolve().parents[2]
    if _is_project_root(checkout):
        return checkout
    raise InputError("no medlab checkout here: change into the folder that holds notebooks/ and workflow/")


def _is_project_root(folder: Path) -> bool:
    return (folder / "notebooks").is_dir() and (folder / "workflow" / "notebooks.yaml").is_file()


def data_root() -> Path:
    """Where downloads lie: ``MEDLAB_DATA``, else ``data/`` of the checkout."""
    return _folder_from("MEDLAB_DATA") or project_root() / "data"


def reports_root() -> Path:
    """Where run folders and the index lie: ``MEDLAB_REPORTS``, else ``reports/`` of the checkout."""
    return _folder_from("MEDLAB_REPORTS") or project_root() / "reports"


def _folder_from(variable: str) -> Path | None:
    """Absolute folder named by an environment variable; None when it is not set."""
    text = os.environ.get(variable)
    return Path(text).expanduser().absolute() if text else None
