"""From what the user typed to what will run: names and types of parameters, the variant, the folder of the run.

Everything that can be wrong with the input is found here, before a kernel starts. papermill itself only warns about a
mistyped parameter, and would run with the default.
"""

from __future__ import annotations

import ast
import difflib
from dataclasses import dataclass
from pathlib import Path

from helpers import budgets
from helpers.report import notebooks, results
from helpers.report.tables import GATHERED, KINDS
from helpers.runtime import InputError

LARGEST_SEED = 2**32 - 1
EXTERNAL = "external"  # parameter: images of another place to test on, or nothing
RECORD = "results"  # parameter of a notebook that gathers runs: a file of brought-together results to read instead


@dataclass(frozen=True)
class Plan:
    """One run, ready to start.

    Attributes:
        path: the notebook's file.
        given: parameters that differ from the notebook's defaults by the user's wish, with their types.
        effective: all parameters, except ``output``.
        variant: name of the data, never a path.
        final: where the run folder will lie.
    """

    path: Path
    given: dict[str, object]
    effective: dict[str, object]
    variant: str
    profile: str
    seed: int
    final: Path

    @property
    def name(self) -> str:
        """Name of the notebook, without suffix."""
        return self.path.stem

    @property
    def shown(self) -> dict[str, object]:
        """All parameters as reports may show them: folders and tables are replaced by names."""
        return {name: public_value(name, value) for name, value in self.effective.items()}


def make_plan(notebook: str | Path, given: dict[str, str], output: Path | None = None) -> Plan:
    """Check the parameters of a run and complete them.

    Args:
        notebook: number, name or path.
        given: parameter names and values as typed.
        output: folder for the run; None for the one that belongs to the parameters.

    Raises:
        InputError: an unknown notebook, parameter, profile or data set, or a value of the wrong type.
    """
    path = notebooks.find(notebook)
    defaults = notebooks.parameters(path)
    if "output" not in defaults:
        raise InputError(f"{path.stem} has no parameter 'output': every notebook needs one to write its results to")
    given = dict(given)
    output = output or given.pop("output", "") or None
    values = {name: _absolute(name, _convert(path.stem, name, text, defaults)) for name, text in given.items()}
    effective = {name: value for name, value in {**defaults, **values}.items() if name != "output"}
    seed = effective.get("seed", 0)
    if not 0 <= seed <= LARGEST_SEED:
        raise InputError(f"seed is {seed}: it is a whole number from 0 to {LARGEST_SEED}")
    profile = effective.get("profile", "quick")
    if profile not in (profiles := budgets.profiles(path.stem)):
        raise InputError(f"unknown profile {profile!r}: {path.stem} has {' and '.join(profiles)}")
    variant = _variant(effective)
    final = Path(output).expanduser() if output else results.run_folder(path.stem, variant, profile, seed)
    return Plan(path, values, effective, variant, profile, seed, final.absolute())


def _convert(notebook: str, name: str, text: object, defaults: dict[str, object]) -> object:
    """A typed value of the type that the notebook's default has."""
    if name not in defaults:
        close = difflib.get_close_matches(name, defaults, n=1)
        hint = f"did you mean {close[0]!r}; " if close else ""
        raise InputError(f"{notebook} has no parameter {name!r}; {hint}it has {', '.join(defaults)}")
    default, text = defaults[name], str(text)
    if isinstance(default, str):
        return text
    if isinstance(default, bool):
        if text.lower() not in ("true", "false"):
            raise InputError(f"{name} is {text!r}: it takes true or false")
        return text.lower() == "true"
    kinds = {int: "a whole number", float: "a number"}
    try:
        return type(default)(text) if type(default) in kinds else ast.literal_eval(text)
    except (ValueError, SyntaxError):
        wanted = kinds.get(type(default), f"a value such as {default!r}")
        raise InputError(f"{name} is {text!r}: it takes {wanted}") from None


def _is_dataset(name: str) -> bool:
    return name in ("dataset", EXTERNAL) or name.endswith("_dataset")


def _absolute(name: str, value: object) -> object:
    """Folders and tables become absolute: the notebook runs in the project root, not where the user stands."""
    if not isinstance(value, str) or not value or name == "profile":
        return value
    if name in ("disease", GATHERED):
        return value  # names of classes or of rows, also where the user stands among folders of these names
    if name == RECORD:
        return str(Path(value).expanduser().absolute())
    if _is_dataset(name):
        from helpers.data import catalog

        if value in catalog.names():
            return value
    written_as_path = "/" in value or "\\" in value or value.startswith(("~", "."))
    path = Path(value).expanduser()
    table = _is_dataset(name) and (path.suffix.lower() == ".csv" or path.is_file())
    return str(path.absolute()) if written_as_path or table or path.is_dir() else value


def _variant(effective: dict[str, object]) -> str:
    """Variant of the run, that of the data it is made on; all data must be there."""
    from helpers.data import catalog

    datasets = [value for name, value in effective.items() if _is_dataset(name) and name != EXTERNAL]
    external = effective.get(EXTERNAL, "")
    for value in (*datasets, *([external] if external else [])):
        catalog.require(value)
    if GATHERED in effective and not datasets:
        return gathered_variant(effective[GATHERED], effective.get(RECORD, ""))
    return catalog.variant_name(datasets[0]) if datasets else "default"


def gathered_variant(data: str, record: str = "") -> str:
    """Variant of a run that reads others: the kind of their rows, or ``record`` where it reads a file instead.

    Args:
        data: embedded or public.
        record: a file such as ``reports/results.json``; empty for none.

    Raises:
        InputError: there is no such kind of rows.
    """
    if data not in KINDS:
        raise InputError(f"data is {data!r}: it takes {' or '.join(KINDS)}")
    return "record" if record else data


def public_value(name: str, value: object) -> object:
    """What a report may show of a parameter: own images by their variant, a run by its place among the runs."""
    if not isinstance(value, str) or not Path(value).is_absolute():
        return value
    if _is_dataset(name):
        from helpers.data import catalog

        return catalog.variant_name(value)
    parts = Path(value).parts
    return "/".join(parts[parts.index("runs") + 1 :]) if "runs" in parts else name.replace("_", "-")
