"""The record as the tables of the README (Markdown)."""

from __future__ import annotations

from helpers.data import catalog
from helpers.evaluation.metrics import METRICS
from helpers.report.record_measures import read_measures

RANDOM, BY_GROUP = ", random", ", by group"  # how the two ways of splitting stand in the record


def readme_table(document: dict) -> str:
    """The record as Markdown tables, with published figures and baselines beside the network: the case study first."""
    others = read_measures()
    case_study = {"rows": [row for row in document["rows"] if row["notebook"] not in others]}
    parts = [_score_lines(case_study), _beyond_lines(case_study), _split_lines(case_study)]
    parts += [_measure_lines(document, notebook) for notebook in others]
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def _score_lines(document: dict) -> list[str]:
    """Scores of every model on the test part of each dataset."""
    lines = [
        "| data (test images / groups) | model | AUROC | accuracy | sensitivity | specificity |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for variant in dict.fromkeys(row["dataset"] for row in document["rows"]):
        rows = [row for row in document["rows"] if row["dataset"] == variant and row["split"] == "test"]
        images = [row for row in rows if row["unit_of_analysis"] == "image" and row["metric"] in METRICS]
        first = f"**{variant}** ({images[0]['n']:,} / {images[0]['groups']:,})"
        for model in dict.fromkeys(row["model"] for row in images):
            cells = {row["metric"]: _cell(row) for row in images if row["model"] == model}
            shown = [cells[metric] for metric in ("auroc", "accuracy", "sensitivity", "specificity")]
            name = f"**{model}**, {images[0]['seeds']} seeds" if model == "network" else model
            lines.append(f"| {first} | {name} | {' | '.join(shown)} |")
            first = ""
        for row in rows:
            if row["unit_of_analysis"] == "group" and row["model"] == "network":
                lines.append(f"| | network, whole groups | {_cell(row)} | | | |")
        for figure in catalog.describe(variant).benchmarks:
            cells = [f"{figure[key]:.3f}" if key in figure else "" for key in ("auroc", "accuracy")]
            lines.append(f"| | *published:* {figure['model']} | {cells[0]} | {cells[1]} | | |")
    return lines


def _beyond_lines(document: dict) -> list[str]:
    """What the ranking does not say: copies set aside, calibration, sets, and the price of finding 95 %."""
    columns = {
        "AUROC without copies": ("test without copies", "auroc"),
        "calibration slope": ("test", "calibration_slope"),
        "calibration intercept": ("test", "calibration_intercept"),
        "truth in the 90 % set": ("test", "coverage of 90 % sets"),
        "specificity where 95 % are found": ("test", "specificity at sensitivity 0.95"),
    }
    found = {
        (row["dataset"], row["split"], row["metric"]): row
        for row in document["rows"]
        if row["model"] == "network" and row["unit_of_analysis"] == "image"
    }
    if not any((dataset, *place) in found for dataset, _, _ in found for place in columns.values()):
        return []
    lines = [
        f"| the network, test images | {' | '.join(columns)} |",
        f"| --- |{' --- |' * len(columns)}",
    ]
    for dataset in dict.fromkeys(row["dataset"] for row in document["rows"]):
        cells = []
        for split, metric in columns.values():
            row = found.get((dataset, split, metric))
            if row is None:
                cells.append("no copies" if metric == "auroc" else "")
            else:
                cells.append(_cell(row) + (f", {row['n']:,} images" if metric == "auroc" else ""))
        lines.append(f"| {dataset} | {' | '.join(cells)} |")
    return lines


def _split_lines(document: dict) -> list[str]:
    rows = [row for row in document["rows"] if row["split"].endswith((RANDOM, BY_GROUP))]
    if not rows:
        return []
    lines = [
        "| the same images, split in two ways (AUROC, no test images) | random | by group |",
        "| --- | --- | --- |",
    ]
    for variant, model in dict.fromkeys((row["dataset"], row["model"]) for row in rows):
        pair = [row for row in rows if (row["dataset"], row["model"]) == (variant, model)]
        cells = [_cell(next(row for row in pair if row["split"].endswith(side))) for side in (RANDOM, BY_GROUP)]
        lines.append(f"| {variant}, {model} | {' | '.join(cells)} |")
    return lines


def _measure_lines(document: dict, notebook: str) -> list[str]:
    """Measures of one notebook: a line for each, the data named in the first line they have."""
    rows = [row for row in document["rows"] if row["notebook"] == notebook]
    if not rows:
        return []
    measures = read_measures()[notebook]
    lines = [
        f"| {measures.title} ([{notebook[:2]}](notebooks/{notebook}.ipynb)) | measure (part: samples / groups) | model | value | between seeds | beside it |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    named = ""
    for row in rows:
        seeds = f"{row['seeds']} seeds" if row["seeds"] > 1 else "1 seed"
        shown = f"**{row['dataset']}**, {seeds}" if row["dataset"] != named else ""
        named = row["dataset"]
        spread = f"± {row['seed_sd']:.3f}" if row["seed_sd"] is not None else ""
        label = f"{row['label'].removesuffix(', test')} ({row['split']}: {row['n']:,} / {row['groups']:,})"
        beside = measures.beside.get(f"{row['dataset']}.{row['metric']}") or measures.beside.get(row["metric"], "")
        lines.append(f"| {shown} | {label} | {row['model']} | {_cell(row)} | {spread} | {beside} |")
    return lines


def _cell(row: dict) -> str:
    if row["value"] is None:
        return ""
    ends = "" if row["low"] is None or row["high"] is None else f" [{row['low']:.3f}, {row['high']:.3f}]"
    return f"{row['value']:.3f}{ends}"
