"""The catalog as a page for people: ``data/README.md`` is what :func:`readme` returns."""

from __future__ import annotations

from helpers.data.catalog.entries import Entry, describe, names

INTRODUCTION = """\
# Data

<!-- Generated from src/helpers/data/catalog/*.toml by helpers.data.catalog.readme(); a test compares the two. -->

Downloads land in this folder (or in `MEDLAB_DATA`) and are ignored by git. `medlab fetch NAME` gets one dataset,
`make data` all of them; the checksum is verified whatever the origin. `MEDLAB_MIRROR` (a folder or an http address) is
tried before the public addresses, in the layout `<folder>/<file>` given below: a closed network or a stick needs
nothing else.

Your own images: a folder with one subfolder per class (`my_images/normal/*.png`, `my_images/tumor/*.png`), the patients as
folders inside them or in a `groups.csv` with the columns `file` and `group`; or a table with the columns `path`, `label` and,
where known, `group` and `site`. Once decoded they are kept in `own-images/`, under hashed names and with checksums. Those
are pictures of patients: treat the folder as you treat the originals, and delete it whenever you like.

For teaching and research, not for clinical use. Cite the sources; mind the licences and the caveats.
"""

HOW = {
    "download": "downloaded",
    "build": "built here",
    "embedded": "comes with scikit-learn",
    "generated": "generated",
}
MEASURES = {"auroc": "AUROC", "accuracy": "Accuracy", "rmse": "RMSE"}  # of published figures, as far as they have them


def readme() -> str:
    """The text of ``data/README.md``: source, licence, citation, checksums, caveats of every dataset (Markdown)."""
    entries = [describe(name) for name in names()]
    lines = [INTRODUCTION, "| Name | What | Task | Kept apart by | Origin |", "| --- | --- | --- | --- | --- |"]
    for entry in entries:
        group = f"{entry.group}" if entry.groups_known else f"{entry.group} (patients unknown)"
        lines.append(
            f"| [`{entry.name}`](#{entry.name}) | {entry.title} | {entry.task} | {group} | {HOW[entry.origin]} |"
        )
    sections = ["\n".join(_section(entry)) for entry in entries]
    return "\n".join(lines) + "\n\n" + "\n\n".join(sections) + "\n"


def _section(entry: Entry) -> list[str]:
    lines = [f"## {entry.name}", "", f"{entry.title}.", ""]
    if entry.synthetic:
        lines.append("- **Synthetic.** Generated; not a measurement of anybody.")
    classes = ", ".join(f"{value} = {label}" for value, label in enumerate(entry.class_names))
    if classes:
        lines.append(f"- **Classes.** {classes}.")
    if entry.target_names:
        lines.append(f"- **Targets.** {', '.join(entry.target_names)}.")
    for part, counts in entry.parts.items():
        lines.append(
            f"- **{part.capitalize()}.** {sum(counts):,} samples ({' + '.join(f'{count:,}' for count in counts)})."
        )
    if entry.split == "official":
        by_rule = (
            f" It follows from the data; SHA-256 of its rows `{entry.split_sha256}`." if entry.split_sha256 else ""
        )
        lines.append(f"- **Split.** Official.{by_rule}")
    elif entry.split_seed:
        lines.append(
            f"- **Split.** Drawn once by {entry.group}, 60/20/20, seed {entry.split_seed}; never by the seed of a run."
        )
    else:
        lines.append(f"- **Split.** Drawn once by {entry.group}; never by the seed of a run.")
    for file in entry.files if not entry.sha256 else ():
        lines.extend(_file_lines(entry, file))
    if entry.sha256:
        lines.append(f"- **Files.** {len(entry.files)} in `{entry.folder}/`, with SHA-256 below.")
        lines.append(f"- **From.** <{entry.address}>.")
    if entry.build:
        folders = ", ".join(f"`{name}`" for name in entry.subtypes["names"])
        tables = ", ".join(f"<{address}>" for address in entry.build["table_addresses"])
        lines.append(
            f"- **Built from.** The published folders {folders} in `{entry.build['source_folder']}/` of this folder "
            f"or of the mirror, from <{entry.home}>; the tables of source tiles (`final_clusters.csv`) are fetched "
            f"from {tables}."
        )
    if not entry.verified:
        lines.append(f"- **Not verified on the real file**: {entry.unverified_reason}.")
    lines.append(f"- **Licence.** {entry.licence}.")
    doi = f". doi:{entry.doi}" if entry.doi and entry.doi not in entry.citation else ""
    lines.append(f"- **Citation.** {entry.citation}{doi}.")
    for topic, said in entry.reporting.items():
        lines.append(f"- **{topic.replace('_', ' ').capitalize()}.** {said.text} ({said.citation}).")
    lines.extend(f"- **Caveat.** {caveat}" for caveat in entry.caveats)
    if entry.benchmarks:
        measures = {key: label for key, label in MEASURES.items() if any(key in row for row in entry.benchmarks)}
        lines.extend(
            [
                "",
                f"Published figures ({entry.benchmark_citation}):",
                "",
                f"| Model | {' | '.join(measures.values())} |",
                f"| --- |{' --- |' * len(measures)}",
            ]
        )
        for benchmark in entry.benchmarks:
            figures = [f"{benchmark[key]:.3f}" if key in benchmark else "-" for key in measures]
            lines.append(f"| {benchmark['model']} | {' | '.join(figures)} |")
    if entry.sha256:
        lines.extend(["", *_checksum_table(entry)])
    return lines


def _file_lines(entry: Entry, file) -> list[str]:
    size = f", {file.bytes:,} bytes" if file.bytes else ""
    lines = [f"- **File.** `{entry.folder}/{file.name}`{size}."]
    if file.addresses:
        lines.append(f"- **From.** {', '.join(f'<{address}>' for address in file.addresses)}.")
    elif entry.unavailable_hint:
        lines.append(f"- **From.** The mirror only: {entry.unavailable_hint}.")
    if file.md5:
        lines.append(f"- **MD5.** `{file.md5}` (official).")
    if file.sha256:
        lines.append(f"- **SHA-256.** `{file.sha256}`.")
    if file.alternative_md5:
        lines.append(f"- **MD5 of a second file that is accepted.** `{file.alternative_md5}`.")
    return lines


def _checksum_table(entry: Entry) -> list[str]:
    """One line for each of many files, folded."""
    rows = [f"| `{entry.folder}/{name}` | `{checksum}` |" for name, checksum in entry.sha256.items()]
    return ["<details><summary>Checksums</summary>", "", "| File | SHA-256 |", "| --- | --- |", *rows, "", "</details>"]
