"""What holds the checkout together: pins, locks, layers, style, and what must import without TensorFlow."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
TOOLS = Path(sys.executable).parent
LARGEST_FILE = 500 * 1024
WITH_TENSORFLOW = ("helpers.evaluation.explanation", "helpers.evaluation.prediction")


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def locked(name: str) -> dict[str, set[str]]:
    """Versions of every package in a lock; more than one where platforms differ."""
    versions: dict[str, set[str]] = {}
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if match := re.match(r"([A-Za-z0-9._-]+)==([^\s;\\]+)", line):
            versions.setdefault(canonicalize_name(match[1]), set()).add(match[2])
    return versions


def requirements(*extras: str) -> list[Requirement]:
    texts = list(project()["dependencies"])
    for extra in extras:
        texts += project()["optional-dependencies"][extra]
    return [Requirement(text) for text in texts]


def environment_pins() -> list[str]:
    document = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert document["channels"] == ["conda-forge"]
    *conda, pip = document["dependencies"]
    assert conda == ["python=3.11", "pip"]
    return pip["pip"]


def test_environment_has_the_direct_dependencies_in_the_versions_of_the_lock():
    *pins, last = environment_pins()
    assert last == "-e ."
    stated = {canonicalize_name(name): {version} for name, _, version in (pin.partition("==") for pin in pins)}
    lock = locked("requirements.lock")
    names = [canonicalize_name(requirement.name) for requirement in requirements("test")]
    assert stated == {name: lock[name] for name in names}


@pytest.mark.parametrize(
    ("name", "extras"),
    [("requirements.lock", ["test"]), ("requirements-extras.lock", ["test", "cluster", "federated"])],
)
def test_direct_dependencies_are_locked_within_their_bounds(name, extras):
    lock = locked(name)
    for requirement in requirements(*extras):
        versions = lock.get(canonicalize_name(requirement.name))
        assert versions, f"{requirement.name} is not in {name}: make lock"
        assert all(requirement.specifier.contains(version) for version in versions), requirement


def test_locks_agree():
    base, extras = locked("requirements.lock"), locked("requirements-extras.lock")
    assert len(base) > 100
    assert {name: extras.get(name) for name in base} == base


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-extras.lock"])
def test_lock_names_no_address_and_hashes_everything(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"://|--index-url|--extra-index-url|--find-links|--trusted-host|file:| @ ", text)
    entries = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert [entry.split("==")[0] for entry in entries if "--hash=sha256:" not in entry] == []


def run_tool(*command: str) -> subprocess.CompletedProcess:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_imports_go_down_only():
    answer = run_tool(str(TOOLS / "lint-imports"), "--no-cache")
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=" ".join)
def test_style(command):
    answer = run_tool(str(TOOLS / "ruff"), *command, "--no-cache", "--quiet", "--force-exclude", ".")
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_no_large_file_is_tracked():
    answer = run_tool("git", "ls-files", "-z")
    if answer.returncode:
        pytest.skip("not a git checkout")
    files = [ROOT / name for name in answer.stdout.split("\0") if name]
    large = [path.name for path in files if path.is_file() and path.stat().st_size > LARGEST_FILE]
    assert large == []


def test_data_evaluation_report_and_teaching_import_without_tensorflow():
    modules = []
    for floor in ("budgets", "data", "evaluation", "report", "teaching"):
        for path in sorted((ROOT / "src/helpers" / floor).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT / "src").with_suffix("").parts).removesuffix(".__init__")
            if name not in WITH_TENSORFLOW:
                modules.append(name)
    assert len(modules) > 30
    script = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]:\n"
        "    importlib.import_module(name)\n"
        "    heavy = sorted({'tensorflow', 'keras'} & set(sys.modules))\n"
        "    if heavy: sys.exit(f'{name} imports {heavy}')\n"
    )
    answer = run_tool(sys.executable, "-c", script, "helpers.runtime", *modules, "helpers.cli")
    assert answer.returncode == 0, answer.stderr


def test_command_line_starts_light():
    script = (
        "import sys, helpers.cli; print(sorted({'pandas', 'matplotlib', 'sklearn', 'snakemake'} & set(sys.modules)))"
    )
    assert run_tool(sys.executable, "-c", script).stdout == "[]\n"
