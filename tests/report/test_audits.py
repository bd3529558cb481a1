"""Audits to read: text, HTML, JSON, and the command that writes them."""

import json

import numpy as np
import pytest
from PIL import Image

from helpers import cli
from helpers.evaluation.audit import Audit, Finding
from helpers.report import audits
from helpers.report.self_contained import require_self_contained
from helpers.runtime import InputError

AUDIT = Audit(
    "own-images-1234abcd",
    (
        Finding("all is well", "passed", "Nothing <b>wrong</b> here."),
        Finding("nothing to see", "not applicable", "Not checked: there is nothing."),
        Finding("copies", "severe", "20 images have a copy.", "Split again.", {"images": 20}, tuple(range(5, 25))),
        Finding("size", "warning", "It is small.", "Add some.", cases=(7,)),
    ),
    samples=1200,
    groups=80,
    group="patient",
)


def test_text_is_sorted_and_says_what_to_do():
    text = audits.as_text(AUDIT)
    assert text.splitlines()[0] == "Audit of own-images-1234abcd: 1,200 samples of 80 patients"
    assert text.splitlines()[1] == "1 severe, 1 warning, 0 notes, 1 passed, 1 not applicable"
    places = [text.index(word) for word in ("SEVERE", "WARNING", "passed    all is well", "Not applicable: nothing")]
    assert places == sorted(places)
    assert "What to do: Split again." in text
    assert "cases 005, 006, 007, 008, 009, 010, 011, 012 and 12 more" in text
    assert "case 007" in text
    assert max(map(len, text.splitlines())) <= audits.WIDTH


def test_nothing_severe_is_said_in_words():
    assert "nothing severe" in audits.as_text(Audit("data", AUDIT.findings[:1]))


def test_html_is_escaped_worded_and_self_contained():
    section = audits.as_html(AUDIT)
    assert section.startswith('<section class="audit">') and section.endswith("</section>")
    assert "&lt;b&gt;wrong&lt;/b&gt;" in section
    for severity in ("severe", "warning", "passed"):
        assert f'<tr class="{severity}">' in section
        assert f"</span> {severity}</th>" in section
    assert "1 check not applicable" in section
    assert section.index('class="severe"') < section.index('class="warning"') < section.index('class="passed"')
    page = audits.page(AUDIT)
    require_self_contained(page, "the page")
    assert "default-src 'none'" in page
    assert section in page
    assert "Do not train on these data yet" in page
    assert "Do not train" not in audits.page(Audit("data", AUDIT.findings[:1]))


def test_show_gives_html_and_text(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, raw: shown.append((bundle, raw)))
    audits.show(AUDIT)
    assert shown == [({"text/html": audits.as_html(AUDIT), "text/plain": audits.as_text(AUDIT)}, True)]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two classes of 20 images of 10 patients; names that must not travel."""
    monkeypatch.setenv("MEDLAB_DATA", str(tmp_path / "data"))
    generator = np.random.default_rng(4)
    for label in ("normal", "tumor"):
        for number in range(20):
            place = tmp_path / "klinikum" / label / f"mueller{number // 2}{label}"
            place.mkdir(parents=True, exist_ok=True)
            pixels = generator.integers(60, 200, (40, 40), dtype=np.uint8)
            Image.fromarray(pixels).save(place / f"secret{number}.png")
    return tmp_path / "klinikum"


def audit(*arguments):
    return cli.run_command(["audit", *map(str, arguments)])


def test_command_writes_text_json_and_html(folder, tmp_path, capsys):
    status = audit(folder, "--json", tmp_path / "a.json", "--html", tmp_path / "a.html")
    printed = capsys.readouterr().out
    document = json.loads((tmp_path / "a.json").read_text())
    assert status == (1 if document["severe"] else 0) == 0
    assert document["format"] == 1
    assert document["samples"] == 40
    assert document["groups"] == 20
    assert sum(document["counts"].values()) == len(document["findings"])
    assert printed.startswith(f"Audit of {document['dataset']}: 40 samples of 20 ")
    page = (tmp_path / "a.html").read_text()
    for text in (printed, page, json.dumps(document)):
        assert "secret" not in text and "mueller" not in text and "klinikum" not in text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.html", "a.json", "data", "klinikum"]


def test_command_exits_with_1_where_something_is_severe(folder, tmp_path, capsys):
    first, other = sorted(folder.rglob("*.png"))[0], sorted(folder.rglob("*.png"))[-1]
    other.write_bytes(first.read_bytes())
    assert audit(folder) == 1
    printed = capsys.readouterr().out
    assert "SEVERE    copies with different labels" in printed


def test_what_the_reader_knows_of_the_files_is_used(folder, capsys):
    """The tumors are saved larger: no pixel has to be looked at."""
    for path in (folder / "tumor").rglob("*.png"):
        with Image.open(path) as picture:
            larger = picture.resize((56, 56))
        larger.save(path)
    assert audit(folder) == 1
    assert "SEVERE    image size and file format as a shortcut" in capsys.readouterr().out


def test_unreadable_images_stop_the_audit_unless_they_are_skipped(folder, capsys):
    sorted(folder.rglob("*.png"))[3].write_bytes(b"no image")
    assert audit(folder) == 2
    assert capsys.readouterr().err.startswith("medlab: ")
    assert audit(folder, "--skip-unreadable") == 0
    assert "39 samples" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing-of-that-name"], "unknown dataset"),
        (["./no_folder"], "no folder"),
        (["wisconsin", "--json", "no/such/place.json"], "no folder to write place.json to"),
        (["wisconsin", "--maximum", "0"], "0 is not in the range"),
        ([], "Missing argument"),
    ],
)
def test_bad_input_is_one_line(arguments, words, capsys):
    assert audit(*arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1 and words in captured.err


def test_the_folder_to_write_to_is_asked_for_before_the_work(monkeypatch, tmp_path):
    monkeypatch.setattr("helpers.data.catalog.load", lambda *arguments, **options: pytest.fail("opened"))
    with pytest.raises(InputError, match="create it first"):
        audits.audit_and_write("wisconsin", html_file=tmp_path / "missing" / "a.html")


def test_a_table_of_the_catalog(capsys):
    assert audit("wisconsin") == 0
    assert "Audit of wisconsin: 569 samples" in capsys.readouterr().out
