"""The report as a page: offline, accessible, with its formulas."""

import base64
import re
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest

from helpers.report import export, mathml, numbers
from helpers.report.prose import Prose
from helpers.report.self_contained import OutsideError, require_self_contained
from helpers.runtime import InputError

PIXEL = base64.b64encode(bytes.fromhex("89504e470d0a1a0a")).decode()


def cell(source, identifier="look-closer", outputs=(), tags=()):
    made = nbformat.v4.new_code_cell(source, id=identifier, outputs=list(outputs), execution_count=1)
    made.metadata["tags"] = list(tags)
    return made


def text(source, identifier="some-words", tags=()):
    made = nbformat.v4.new_markdown_cell(source, id=identifier)
    made.metadata["tags"] = list(tags)
    return made


def shown(data, **metadata):
    return nbformat.v4.new_output("display_data", data=data, metadata=metadata)


RESULTS = {
    "notebook": "06_tumor_diagnosis",
    "title": "Tumor diagnosis",
    "variant": "tissue-phantom",
    "profile": "quick",
    "seed": 3,
    "environment": {"python": "3.11"},
    "headline": "auroc",
    "datasets": [{"name": "tissue-phantom", "title": "Tissue", "synthetic": True, "group": "patient", "parts": {}}],
    "metrics": [
        {"name": "error", "label": "Largest difference", "kind": "exact", "value": 3.1e-7},
        {
            "name": "recall",
            "label": "Recall",
            "kind": "estimate",
            "value": 0.8,
            "low": 0.7,
            "high": 0.9,
            "n": 40,
            "groups": 9,
        },
        {
            "name": "auroc",
            "label": "AUROC",
            "kind": "estimate",
            "value": 0.9312,
            "low": 0.9,
            "high": 1.0,
            "n": 40,
            "groups": 9,
        },
    ],
    "claims": [{"name": "wins", "sentence": "The network wins <here>.", "kind": "finding", "holds": False}],
}


@pytest.fixture
def run_folder(tmp_path):
    folder = tmp_path / "reports" / "runs" / "06_tumor_diagnosis" / "tissue-phantom" / "quick-seed3"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def render(run_folder):
    """Export cells; returns page and notes."""

    def make(*cells, results=RESULTS):
        notebook = nbformat.v4.new_notebook(cells=list(cells))
        notes = export.export_html(notebook, results, run_folder / "report.html")
        return (run_folder / "report.html").read_text(encoding="utf-8"), notes

    return make


class Addresses(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.found += [(tag, name, value) for name, value in attributes if name in ("src", "href", "srcset", "action")]


def test_the_page_has_no_address_outside_except_citations(render):
    page, _ = render(text("# 06 Tumor diagnosis\n\n[article](https://doi.org/10.1/2)"), cell("1 + 1"))
    addresses = Addresses(page).found
    outside = [(tag, value) for tag, name, value in addresses if "//" in value]
    assert outside == [("a", "https://doi.org/10.1/2")]
    assert all(value.startswith(("#", "data:", "../", "https:")) for _, _, value in addresses)
    assert "default-src 'none'" in page
    assert "<script" not in page and "<link" not in page


def test_the_page_is_small(render):
    page, _ = render(text("# 06 Tumor diagnosis\n\nWords."), cell("1 + 1"))
    assert len(page.encode()) < 40_000


def test_header_shows_title_data_and_metrics_with_the_headline_first(render):
    page, _ = render(text("# 06 Tumor diagnosis\n\nWords."))
    assert "<h1>Tumor diagnosis</h1>" in page and page.count("<h1") == 1
    assert "this result proves the code, not a medical claim" in page
    assert "not for clinical use" in page
    assert page.index("AUROC") < page.index("Recall")
    assert "0.931" in page and "0.900 to 1.000" in page
    assert "The network wins &lt;here&gt;." in page and "did not hold" in page
    assert 'href="../../../../index.html"' in page


def test_a_long_list_of_measures_is_folded_and_the_model_of_the_headline_comes_first(render):
    base = {"kind": "estimate", "low": 0.0, "high": 1.0, "n": 9, "groups": 3}
    others = [{**base, "name": f"o{n}", "label": f"Other {n}", "value": 0, "model": "majority"} for n in range(20)]
    own = [{**base, "name": f"a{n}", "label": f"Own {n}", "value": 1, "model": "network"} for n in range(3)]
    page, _ = render(text("# 06 Tumor diagnosis"), results={**RESULTS, "metrics": [*others, *own], "headline": "a2"})
    shown, folded = page.split("12 further measures")
    assert shown.index("Own 2") < shown.index("Own 0") < shown.index("Other 0")
    assert "Other 8" not in shown and "Other 8" in folded and "Other 19" in folded
    assert "<td>1.000</td>" in shown and "<td>0.000</td>" in shown


def test_the_baselines_stand_under_the_headline(render):
    base = {"kind": "estimate", "low": 0.0, "high": 1.0, "n": 9, "groups": 3, "value": 0.5}
    names = {"accuracy": "network", "auroc": "network", "auprc_majority": "majority", "auroc_majority": "majority"}
    metrics = [{**base, "name": name, "label": f"Label {name}", "model": model} for name, model in names.items()]
    page, _ = render(text("# 06 Tumor diagnosis"), results={**RESULTS, "metrics": metrics, "headline": "auroc"})
    places = [page.index(f"Label {name}") for name in ("auroc", "auroc_majority", "accuracy", "auprc_majority")]
    assert places == sorted(places)


def test_a_box_says_what_is_not_shown_and_how_many_samples_and_groups_there_are(render):
    part = {"samples": 1040, "groups": 52, "positive": 300}
    data = {**RESULTS["datasets"][0], "group": "tile", "groups_known": True, "task": "binary", "parts": {"test": part}}
    page, _ = render(text("# 06 T"), results={**RESULTS, "datasets": [data], "limits": ["Nothing about <you>."]})
    box = page.split('<aside class="limits"')[1].split("</aside>")[0]
    assert "What this does not show" in box and "Nothing about &lt;you&gt;." in box
    assert re.findall(r"<td>(.*?)</td>", box) == ["1,040", "52", "300"]
    page, _ = render(
        text("# 06 T"), results={**RESULTS, "datasets": [{**data, "groups_known": False}], "limits": ["x"]}
    )
    assert "<td>not known</td>" in page


def test_real_data_have_no_banner(render):
    real = {**RESULTS, "datasets": [{**RESULTS["datasets"][0], "synthetic": False}]}
    page, _ = render(text("# 06 Tumor diagnosis"), results=real)
    assert "proves the code" not in page and "real data" in page


def test_a_run_on_real_and_generated_data_says_both(render):
    phantom = RESULTS["datasets"][0]
    both = {**RESULTS, "datasets": [{**phantom, "synthetic": False}, {**phantom, "name": "scanner-pairs"}]}
    page, _ = render(text("# 05 Generative adversarial networks"), results=both)
    assert "Partly synthetic data:" in page and "real and synthetic data</span>" in page
    assert "this result proves the code" not in page


def test_a_failed_run_says_so_and_shows_the_traceback(render):
    error = nbformat.v4.new_output(
        "error", ename="ValueError", evalue="no", traceback=["\x1b[31mValueError\x1b[39m: no <b>"]
    )
    page, _ = render(text("# 06 Tumor diagnosis"), cell("raise", outputs=[error]), results=None)
    assert "Failed run." in page
    assert '<span class="ansi-red-fg">ValueError</span>: no &lt;b&gt;' in page


def test_code_is_folded_under_its_id_and_outputs_stay_visible(render):
    stream = nbformat.v4.new_output("stream", name="stdout", text="a < b\n")
    page, _ = render(cell("first = 1\nsecond = 2", "train-model", [stream]))
    folded = re.search(r"<details class=\"input\">(.*?)</details>", page, re.S).group(1)
    assert "train-model" in folded and "2 lines" in folded and "a &lt; b" not in folded
    assert "a &lt; b" in page


def test_a_solution_is_folded_with_its_output_and_a_stub_is_open(render):
    stream = nbformat.v4.new_output("stream", name="stdout", text="answer 42\n")
    page, _ = render(
        text("### Exercise\n\nDo it.", "exercise-one", ["exercise"]),
        cell("answer = None", "stub-one", tags=["stub"]),
        cell("print('answer', 42)", "solution-one", [stream], ["solution"]),
    )
    solution = re.search(r"<details class=\"solution\".*?</details>", page, re.S).group()
    assert "Worked solution" in solution and "answer 42" in solution
    assert '<details class="input" open>' in page
    assert '<section class="exercise" id="exercise-one">' in page


def test_hidden_input_leaves_the_output(render):
    page, _ = render(
        cell("secret_code = 1", outputs=[shown({"text/markdown": "Recall is **0.8**."})], tags=["hide-input"])
    )
    assert "secret_code" not in page and "<strong>0.8</strong>" in page


def test_alternative_text_is_kept_and_its_absence_reported(render):
    picture = {"image/png": PIXEL}
    page, notes = render(
        cell("draw()", "draw-one", [shown(picture, alt='A "rising" curve')]),
        cell("draw()", "draw-two", [shown(picture)]),
    )
    assert 'alt="A &quot;rising&quot; curve"' in page
    assert notes == ["cell draw-two: a figure without alternative text"]
    assert f'src="data:image/png;base64,{PIXEL}"' in page


def test_links_to_notebooks_lead_to_reports_and_links_to_files_end(render, run_folder):
    words = "[next](07_tumor_evaluation.ipynb) [back](05_models.ipynb#train) [file](../data/README.md)"
    sibling = run_folder.parents[2] / "07_tumor_evaluation" / "tissue-phantom" / "quick-seed3"
    sibling.mkdir(parents=True)
    (sibling / "report.html").touch()
    page, _ = render(text(words))
    assert '<a href="../../../07_tumor_evaluation/tissue-phantom/quick-seed3/report.html">next</a>' in page
    assert '<a href="../../../../index.html#05_models">back</a>' in page
    assert "file</p>" in page and "README" not in page


def test_links_to_pages_beside_the_report_stay_when_these_are_there(render, run_folder):
    words = "[list](checklist.html#claim-2024-7) [card](model_card.html)"
    (run_folder / "checklist.html").touch()
    page, _ = render(text(words))
    assert '<a href="checklist.html#claim-2024-7">list</a>' in page
    assert "card</p>" in page and "model_card.html" not in page
    header = page[: page.index("<h1>")]
    assert '<a href="checklist.html">Reporting checklist</a>' in header and "Datasheet" not in header


def test_contents_list_the_second_level_headings_with_working_anchors(render):
    page, _ = render(text("## Look at $x$\n\n## Look at $x$\n\n## Train & read"), cell("1", "train-read"))
    targets = re.findall(r'<li><a href="#([^"]+)">', page)
    assert len(set(targets)) == 3
    assert all(page.count(f'id="{target}"') == 1 for target in targets)
    assert "formulaxq" not in page


@pytest.mark.parametrize(
    "output",
    [
        "<script>1</script>",
        '<img src="https://example.org/a.png">',
        '<p onclick="go()">x</p>',
        '<link rel="stylesheet" href="x.css">',
        '<a href="javascript:go()">x</a>',
        "<style>@import 'x.css'</style>",
        '<p style="background: url(http://example.org/a)">x</p>',
        '<iframe srcdoc="x"></iframe>',
    ],
)
def test_what_needs_a_network_or_a_script_is_refused(render, output):
    with pytest.raises(OutsideError, match="would not work offline"):
        render(cell("show()", outputs=[shown({"text/html": output})]))


def test_tables_with_their_styles_pass():
    require_self_contained("<style>.a {color: red}</style><table style='color: blue'><tr><td>1</td></tr></table>", "it")


def test_a_missing_picture_is_an_error(render):
    with pytest.raises(InputError, match="picture nowhere.png is not in the checkout"):
        render(text("![x](nowhere.png)"))


# Formulas


@pytest.mark.parametrize(
    ("source", "part"),
    [
        (r"\frac{a}{b}", "<mfrac><mi>a</mi><mi>b</mi></mfrac>"),
        (r"x_i^2", "<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>"),
        (r"\begin{aligned} a &= b \\[4pt] c &= d \end{aligned}", "<mtable"),
        (r"\operatorname*{arg\,max}_\theta L", "<munder>"),
        (r"a < b", "&lt;"),
    ],
)
def test_formulas_become_mathml(source, part):
    assert part in mathml.to_mathml(source, display=True)


def test_a_formula_that_cannot_be_shown_is_named(render):
    with pytest.raises(InputError, match=r"cell some-words: formula \$\\unheardof x\$ cannot be shown"):
        render(text(r"Here $\unheardof x$ stands."))


def prose(source):
    return Prose(lambda address: address, lambda address: address).render(source)


@pytest.mark.parametrize(
    ("source", "formulas"),
    [
        ("$x$ and $y$", 2),
        ("$$\nx = 1\n$$", 1),
        (r"costs \$5 or \$6", 0),
        ("costs $5 and $6", 0),
        ("`$x$` is code", 0),
        ("```\n$x$ $$y$$\n```", 0),
        ("``a ` $x$`` then $y$", 1),
        ("| a |\n|---|\n| $P(a|b)$ |", 1),
        ("_$a_1$ and $a_2$_", 2),
        (r"\begin{align} a &= b \end{align}", 1),
    ],
)
def test_formulas_are_found_where_they_are(source, formulas):
    markup = prose(source)
    assert markup.count("<math") == formulas
    assert "formulaxq" not in markup


def test_dollars_and_code_survive():
    assert prose(r"costs \$5") == "<p>costs $5</p>\n"
    assert "<code>$x$</code>" in prose("`$x$`")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.93124, "0.931"),
        (12345, "12,345"),
        (1.0, "1"),
        (3.1e-7, "3.1 × 10⁻⁷"),
        (-0.25, "−0.250"),
        (45.678, "45.7"),
        (None, "n/a"),
        (float("nan"), "n/a"),
    ],
)
def test_numbers(value, expected):
    assert numbers.number(value) == expected


def test_the_style_sheet_fetches_nothing():
    style = (Path(export.TEMPLATE) / "style.css").read_text(encoding="utf-8")
    assert "url(" not in style and "@import" not in style
    assert "prefers-color-scheme: dark" in style and "@media print" in style
