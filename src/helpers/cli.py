"""``medlab``: one command per thing that people do with this checkout. A thin roof; the work is done below.

Exit status: 0 fine; 1 it ran and found something bad; 2 misuse or bad input, one line on stderr; 130 interrupted.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import click

from helpers.runtime import InputError
from helpers.training.flower import FederationError

FOUND_SOMETHING_BAD = 1
MISUSE = 2
INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=True)
@click.version_option(package_name="medlab", message="medlab %(version)s")
@click.pass_context
def medlab(context: click.Context) -> None:
    """Deep learning in medicine, one notebook at a time."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@medlab.command()
@click.argument("notebook")
@click.option(
    "-p", "parameters", nargs=2, multiple=True, metavar="NAME VALUE", help="A parameter of the notebook; repeatable."
)
@click.option(
    "--output", type=click.Path(file_okay=False, path_type=Path), help="Run folder (default: the one of the run)."
)
@click.option(
    "--skip-unreadable",
    is_flag=True,
    help="List own images that cannot be read and go on without them: -p skip_unreadable true.",
)
def execute(notebook: str, parameters: tuple[tuple[str, str], ...], output: Path | None, skip_unreadable: bool) -> None:
    """Run one NOTEBOOK (06, 06_tumor_diagnosis or a path) from top to bottom and write its report."""
    from helpers.report import execution

    if skip_unreadable:
        parameters = (*parameters, ("skip_unreadable", "true"))
    names = [name for name, _ in parameters]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"parameter {twice[0]} is given twice")
    if skip_unreadable:
        for key in ("dataset", "external"):
            _list_unreadable(dict(parameters).get(key, ""))
    try:
        folder = execution.execute(notebook, dict(parameters), output)
    except execution.ExecutionError as error:
        click.echo(str(error), err=True)
        sys.exit(FOUND_SOMETHING_BAD)
    click.echo(f"{_short(folder)}/report.html")


def _list_unreadable(dataset: str) -> None:
    """Name the files that will be left out: here, in the terminal, and nowhere in a report."""
    from helpers.data import catalog
    from helpers.data.listing import one_line
    from helpers.data.own_images import list_unreadable

    if dataset and dataset not in catalog.names():
        for name, reason in list_unreadable(Path(dataset).expanduser()):
            click.echo(f"left out: {one_line(name)} ({reason})", err=True)


@medlab.command()
@click.argument("notebooks", nargs=-1, metavar="[NOTEBOOK]...")
@click.option(
    "--data", type=click.Choice(["embedded", "public", "all"]), help="Rows to run (default: as the table says)."
)
@click.option("--profile", type=click.Choice(["quick", "full"]), help="Sizes of the runs (default: as the table says).")
@click.option("--seeds", metavar="0,1,2|0-4", default="", help="Seeds of the runs (default: as the table says).")
@click.option("--cores", type=click.IntRange(min=1), help="Runs at the same time (default: all cores).")
@click.option("--dry-run", is_flag=True, help="Say what would run, and why.")
@click.option("--table", default="workflow/notebooks.yaml", show_default=True, help="Table of runs.")
@click.option(
    "--on", "where", default="default", show_default=True, metavar="PROFILE", help="A folder of workflow/profiles."
)
def run(
    notebooks: tuple[str, ...],
    data: str | None,
    profile: str | None,
    seeds: str,
    cores: int | None,
    dry_run: bool,
    table: str,
    where: str,
) -> None:
    """Bring the runs of the table up to date: only what changed runs again. All notebooks when none is named."""
    from helpers.report import batch, scheduling

    plan = batch.make_plan(table, notebooks, data or "", profile or "", seeds)
    code = scheduling.run(plan, table, cores or os.cpu_count() or 1, dry_run, where)
    if code == 0 and not dry_run:
        click.echo(f"{len(plan.all_runs())} runs up to date: {_short(batch.index_page())}")
    sys.exit(code)


@medlab.command("list")
def list_everything() -> None:
    """Notebooks and their rows, datasets, and the runs that are present."""
    from helpers.report import listing

    click.echo("\n".join(listing.lines()))


@medlab.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--public", is_flag=True, help="Everything that the public rows of the table need.")
@click.option(
    "--from",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Build from this folder of images.",
)
def fetch(names: tuple[str, ...], public: bool, folder: Path | None) -> None:
    """Get datasets by NAME, verified by checksum, from MEDLAB_MIRROR or their public address."""
    from helpers.data import catalog

    if public:
        from helpers.report import batch

        names = (*names, *batch.public_datasets())
    names = tuple(dict.fromkeys(names))
    if not names:
        raise click.UsageError(f"which dataset? One or more of {', '.join(catalog.names())}, or --public")
    if folder is not None and len(names) != 1:
        raise click.UsageError("--from builds one dataset: name that one")
    missing = 0
    for name in names:
        try:
            click.echo(_fetch_one(name, folder))
        except InputError as error:
            click.echo(f"medlab: {error}", err=True)
            missing += 1
    if missing:
        sys.exit(MISUSE)


def _fetch_one(name: str, folder: Path | None) -> str:
    """Fetch a dataset; the line that says what is there now."""
    from helpers.data import catalog, download

    entry = catalog.describe(name)
    if folder is not None:
        if entry.origin != "build":
            raise InputError(f"{name} is not built from images: `medlab fetch {name}` gets it")
        from helpers.data import lc25000

        paths = [lc25000.build_lc25000(folder, path) or path for path in entry.paths()]
    else:
        paths = download.fetch(name)
    if not paths:
        return f"{name}: nothing to fetch, it is {entry.origin}"
    size = sum(path.stat().st_size for path in paths) / 1e6
    return f"{name}: present, {size:.1f} MB, {'structure' if entry.origin == 'build' else 'checksum'} verified"


@medlab.command()
@click.argument("notebooks", nargs=-1, metavar="[NOTEBOOK]...")
def check(notebooks: tuple[str, ...]) -> None:
    """Check notebooks without running them; all of them when none is named."""
    from helpers import runtime
    from helpers.report import notebooks as reading

    paths = [reading.find(name) for name in notebooks] or sorted((runtime.project_root() / "notebooks").glob("*.ipynb"))
    problems = 0
    for path in paths:
        found = reading.check(path)
        problems += len(found)
        for problem in found:
            click.echo(f"{path.stem}: {problem}")
    click.echo(f"{len(paths)} notebooks, {problems or 'no'} problems")
    if problems:
        sys.exit(FOUND_SOMETHING_BAD)


@medlab.command()
@click.argument("dataset", metavar="NAME|FOLDER|TABLE")
@click.option(
    "--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the findings as JSON."
)
@click.option("--html", "html_file", type=click.Path(dir_okay=False, path_type=Path), help="Write a page to read.")
@click.option("--skip-unreadable", is_flag=True, help="List images that cannot be read and go on without them.")
@click.option("--disease", default="", metavar="CLASS[,CLASS]", help="Classes that count as the disease.")
@click.option("--maximum", type=click.IntRange(min=1), help="Look at about so many samples (default: all).")
def audit(
    dataset: str,
    json_file: Path | None,
    html_file: Path | None,
    skip_unreadable: bool,
    disease: str,
    maximum: int | None,
) -> None:
    """Look for what would make results wrong, before anything is trained: leaks, copies, shortcuts, wrong labels.

    NAME is a dataset of the catalog, FOLDER (or a TABLE of paths) one's own images. Exit status 1 when something severe is found.
    """
    from helpers.report import audits

    if skip_unreadable:
        _list_unreadable(dataset)
    found = audits.audit_and_write(dataset, maximum, skip_unreadable, disease, json_file, html_file)
    click.echo(audits.as_text(found))
    if found.severe:
        sys.exit(FOUND_SOMETHING_BAD)


@medlab.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("images", nargs=-1, required=True, metavar="IMAGE...", type=click.Path(path_type=Path))
@click.option(
    "--grad-cam",
    "heat_folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Write a picture per image: what spoke for the disease (Grad-CAM), also where it is called absent.",
)
@click.option("--gray", is_flag=True, help="Turn color images gray instead of refusing them.")
def predict(model: Path, images: tuple[Path, ...], heat_folder: Path | None, gray: bool) -> None:
    """Ask a trained MODEL (the folder model/ of a run) about image files, DICOM included. Not for clinical use.

    One line per IMAGE: the calibrated probability of the disease, the class at the stored threshold, and the classes
    that cannot be ruled out (conformal prediction).
    """
    from helpers import runtime

    runtime.configure(seed=0)
    from helpers.evaluation import prediction
    from helpers.report import prediction_pictures
    from helpers.report.notebook_rules import DISCLAIMER

    bundle = prediction.open_model(model)
    disease = bundle.card.class_names[1]
    pictures = prediction.read_pictures(images, bundle.card.size, gray)
    answers = prediction.predict(bundle, pictures)
    if heat_folder is not None:
        maps = prediction.explain(bundle, pictures)
        prediction_pictures.write_heat_maps(heat_folder, pictures, answers, maps, disease)
    for answer in answers:
        click.echo(answer.line(disease))
    click.echo(f"Teaching and research material, {DISCLAIMER}.")


HOSPITALS = click.Choice(["heart-phantom", "uci-heart"])
DEFAULT_ADDRESS = "127.0.0.1:8470"
PATIENCE = click.option(
    "--patience",
    type=click.FloatRange(min=1),
    default=120.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for the others to come, and for each of their answers.",
)
ROUNDS = click.option("--rounds", type=click.IntRange(min=1), default=20, show_default=True, help="Averages to take.")
SEED = click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="First weights, and order of the patients."
)
MODEL_FOLDER = click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Keep the shared network (model.keras) and how it came about (federation.json) here.",
)


@medlab.group(invoke_without_command=True)
@click.option("--dataset", type=HOSPITALS, default="heart-phantom", show_default=True, help="Table of four hospitals.")
@ROUNDS
@SEED
@click.option("--port", type=click.IntRange(1, 65535), help="Of the server, on this machine (default: a free one).")
@PATIENCE
@MODEL_FOLDER
@click.pass_context
def federated(
    context: click.Context,
    dataset: str,
    rounds: int,
    seed: int,
    port: int | None,
    patience: float,
    output: Path | None,
) -> None:
    """Four hospitals train one network over a real network (Flower), each in a process that keeps its patients.

    Without a command: a server and its clients on this machine, then the same federation in one process. Exit status 1
    when the weights differ by more than 1e-5, or somebody left.

    On several machines, one calls `medlab federated server`, and every hospital `medlab federated client`.
    """
    if context.invoked_subcommand is not None:
        given = [name for name in context.params if context.get_parameter_source(name).name == "COMMANDLINE"]
        if given:
            raise click.UsageError(f"--{given[0]} belongs behind {context.invoked_subcommand}")
        return
    from helpers.report import federations, loopback
    from helpers.training import flower

    flower.import_flower()
    hospitals = federations.hospital_names(dataset)
    if output is not None:
        federations.require_replaceable(output)
    with tempfile.TemporaryDirectory(prefix="medlab-federated-") as scratch:
        address, folder = f"127.0.0.1:{port or loopback.free_port()}", output or Path(scratch) / "model"
        click.echo(f"{dataset}: a server and {len(hospitals)} hospitals, each a process of its own")
        loopback.run_together(
            federations.commands(dataset, hospitals, address, rounds, seed, patience, folder),
            speaker="server",
            patience=(rounds + 3) * patience,
        )
        from helpers import runtime

        runtime.configure(seed)
        shared, facts = federations.load(folder)
        twin = federations.in_one_process(dataset, rounds, seed)
    difference = federations.largest_difference(shared, twin)
    click.echo("\n".join(federations.comparison_lines(shared, twin)))
    click.echo(
        f"{rounds} rounds in {facts['seconds']:.1f} s, {facts['bytes_per_round']:,} bytes of weights per round; largest "
        f"difference of a weight from the federation in one process: {difference:.1e}"
    )
    if not difference <= federations.TOLERANCE:
        raise FederationError(f"the weights differ by more than {federations.TOLERANCE:g}")


@federated.command("server")
@click.option(
    "--address", default=DEFAULT_ADDRESS, show_default=True, help="Where to listen; 0.0.0.0:PORT for everywhere."
)
@click.option(
    "--site", "sites", multiple=True, required=True, metavar="NAME", help="A hospital to wait for; repeat it for each."
)
@ROUNDS
@SEED
@PATIENCE
@MODEL_FOLDER
@click.option(
    "--tls",
    nargs=3,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="AUTHORITY CERTIFICATE KEY",
    help="Encrypt: certificate of the authority, of this server, and its key (PEM files).",
)
def federated_server(
    address: str,
    sites: tuple[str, ...],
    rounds: int,
    seed: int,
    patience: float,
    output: Path | None,
    tls: tuple[Path, Path, Path] | None,
) -> None:
    """Wait for the hospitals, average their weights, send them home. It sees names, counts, sums, weights, and no patient.

    Whoever reaches the port can take the name of a hospital: open it to their machines alone, and encrypt (--tls).
    """
    from helpers import runtime
    from helpers.report import federations
    from helpers.training import flower

    flower.import_flower()
    if output is not None:
        federations.require_replaceable(output)
    runtime.configure(seed)
    from helpers.training import federated_server

    if tls is None and not flower.on_loopback(address):
        click.echo("medlab: not encrypted, everybody on the way can read the weights: see --tls", err=True)
    outcome = federated_server.serve(
        address,
        sites,
        federations.network(seed).get_weights(),
        federations.settings(rounds),
        seed=seed,
        patience=patience,
        certificates=tuple(path.read_bytes() for path in tls) if tls else None,
        say=click.echo,
    )
    click.echo("\n".join(federations.score_lines(federations.Result.of(outcome))))
    if output is not None:
        federations.save(output, outcome, rounds, seed)


@federated.command("client")
@click.option("--address", default=DEFAULT_ADDRESS, show_default=True, help="Of the server, host:port.")
@click.option("--site", required=True, metavar="NAME", help="This hospital, as the server calls it.")
@click.option("--dataset", type=HOSPITALS, help="Take the patients of the hospital of this name from a dataset.")
@click.option(
    "--table",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Take own patients from a file in the format of the UCI table: 13 measurements and num, ? where missing.",
)
@PATIENCE
@click.option(
    "--authority",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Encrypt, and make sure that it is the server: certificate of the authority that vouches for it (PEM file).",
)
def federated_client(
    address: str, site: str, dataset: str | None, table: Path | None, patience: float, authority: Path | None
) -> None:
    """Train on the patients of one hospital, which stay here: weights, loss, scores, counts and sums leave.

    The patients come from --table or --dataset. 30 % of them are kept for a test of the shared network.
    """
    if (dataset is None) == (table is None):
        raise click.UsageError("which patients? Give either --table or --dataset")
    from helpers import runtime
    from helpers.report import federations
    from helpers.training import flower

    flower.import_flower()
    inputs, targets = federations.hospital_in_file(table) if table else federations.hospital_in_dataset(dataset, site)
    runtime.configure(seed=0)
    from helpers.training import federated_client

    federated_client.join(
        address,
        federations.member(site, inputs, targets),
        federations.network(seed=0),
        patience=patience,
        authority=authority.read_bytes() if authority else None,
        say=click.echo,
    )


@medlab.command()
def record() -> None:
    """Aggregate the runs of workflow/record.yaml into reports/results.json and the README's table."""
    from helpers.report import batch
    from helpers.report import record as aggregation

    plan = batch.make_plan("workflow/record.yaml")
    seeds: dict[tuple[str, str], list[int]] = {}
    for run in plan.runs:
        seeds.setdefault((run.row.notebook, run.row.variant), []).append(run.seed)
    document = aggregation.aggregate(seeds, plan.runs[0].profile)
    aggregation.write_record(document, plan.root)
    click.echo(f"{len(document['rows'])} rows from {len(plan.runs)} runs: reports/results.json and README.md")


@medlab.command()
def site() -> None:
    """Write the index and the manifest of the runs that are present."""
    from helpers import runtime
    from helpers.report.site import build_site

    click.echo(_short(build_site(runtime.reports_root())))


def _short(path: Path) -> str:
    """A path relative to where we stand, where that is shorter."""
    path = Path(path)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def run_command(arguments: list[str] | None = None) -> int:
    """Run a command line; errors become one line and an exit status, never a traceback.

    Args:
        arguments: without the name of the program; None for those of this process.
    """
    try:
        return medlab.main(args=arguments, prog_name="medlab", standalone_mode=False) or 0
    except click.UsageError as error:
        place = error.ctx.command_path if error.ctx else "medlab"
        return _say(f"{' '.join(error.format_message().split())} (see `{place} --help`)", MISUSE)
    except click.ClickException as error:
        return _say(error.format_message(), MISUSE)
    except InputError as error:
        return _say(str(error), MISUSE)
    except FederationError as error:
        return _say(str(error), FOUND_SOMETHING_BAD)
    except (KeyboardInterrupt, click.Abort):
        return _say("interrupted", INTERRUPTED)
    except BrokenPipeError:
        # the reader (head, less) went away: what it did not read, nobody misses
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        # no space left, no right to write: the system's own words name the place
        return _say(f"cannot write or read {error.filename or 'a file'}: {error.strerror or error}", MISUSE)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0


def _say(message: str, code: int) -> int:
    click.echo(f"medlab: {message}", err=True)
    return code


def main() -> None:
    """Entry point of the console script."""
    sys.exit(run_command())


if __name__ == "__main__":
    main()
