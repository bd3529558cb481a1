"""The index and the manifest: every run that is present, in a fixed order, without a network."""

import base64
import io
import json
import re

import nbformat
import pytest
from PIL import Image

from helpers.report import execution, notebooks, site

ENVIRONMENT = {"python": "3.11", "tensorflow": "2", "keras": "3", "numpy": "2", "platform": "any", "threads": 1}


@pytest.fixture
def add_run(tmp_path):
    """Put a run below the reports folder."""

    def add(
        notebook="06_tumor_diagnosis", variant="tissue-phantom", profile="quick", seed=0, synthetic=True, holds=True
    ):
        folder = tmp_path / "runs" / notebook / variant / f"{profile}-seed{seed}"
        folder.mkdir(parents=True)
        data = {"name": variant, "title": "Data", "checksum": "x", "synthetic": synthetic, "task": "binary"}
        data |= {"group": "patient", "groups_known": True, "parts": {}}
        metric = {
            "name": "auroc",
            "label": "AUROC of <the> network",
            "kind": "estimate",
            "value": 0.93,
            "low": 0.9,
            "high": 0.95,
        }
        metric |= {"method": "DeLong", "n": 9, "groups": 3, "seeds": 1, "seed_sd": None, "split": "test"}
        claim = {"name": "wins", "sentence": "The network beats the histogram.", "kind": "finding", "holds": holds}
        document = {"schema_version": 1, "notebook": notebook, "title": f"{notebook[:2]} A title", "variant": variant}
        document |= {
            "profile": profile,
            "seed": seed,
            "environment": ENVIRONMENT,
            "datasets": [data],
            "metrics": [metric],
        }
        document |= {
            "claims": [claim],
            "limits": ["Nothing about patients."],
            "headline": "auroc",
            "thumbnail": "thumbnail.png",
        }
        document |= {"execution": {"seconds": 12.4, "cpu_seconds": 9.0, "peak_memory_megabytes": 500.0}}
        (folder / "results.json").write_text(json.dumps(document))
        (folder / "report.html").write_text("<p>report</p>")
        Image.new("RGB", (1600, 900), (10, 120, 60)).save(folder / "thumbnail.png")
        notebook_node = nbformat.v4.new_notebook()
        notebook_node.metadata["medlab"] = {"fingerprint": {"notebook": "a1"}, "parameters": {"seed": seed}}
        nbformat.write(notebook_node, folder / "executed.ipynb")
        return folder

    return add


def read(tmp_path):
    return (tmp_path / "index.html").read_text(encoding="utf-8"), json.loads((tmp_path / "manifest.json").read_text())


def test_a_card_per_run_in_order(add_run, tmp_path):
    add_run("07_tumor_evaluation")
    add_run(seed=10)
    add_run(seed=2)
    add_run(variant="breastmnist", synthetic=False)
    assert site.build_site(tmp_path) == tmp_path / "index.html"
    page, manifest = read(tmp_path)
    expected = [
        "runs/06_tumor_diagnosis/breastmnist/quick-seed0/report.html",
        "runs/06_tumor_diagnosis/tissue-phantom/quick-seed2/report.html",
        "runs/06_tumor_diagnosis/tissue-phantom/quick-seed10/report.html",
        "runs/07_tumor_evaluation/tissue-phantom/quick-seed0/report.html",
    ]
    beside = [expected[-1].replace("report.html", name) for name in ("checklist.html", "datasheet.html")]
    assert re.findall(r'<a href="([^"]+)">', page) == [*expected, *beside, "manifest.json"]
    assert [run["report"] for run in manifest["runs"]] == expected
    assert page.count("synthetic data</span>") == 3 and page.count("real data</span>") == 1
    assert page.count('id="06_tumor_diagnosis"') == 1
    assert "AUROC of &lt;the&gt; network" in page and "0.930" in page and "0.900 to 0.950" in page
    assert "<h2><a" in page and ">A title</a>" in page


def test_a_finding_that_did_not_hold_stays_visible(add_run, tmp_path):
    add_run(holds=False)
    site.build_site(tmp_path)
    assert "did not hold</span> The network beats the histogram." in read(tmp_path)[0]


def test_thumbnails_are_inside_the_page_and_small(add_run, tmp_path):
    add_run()
    site.build_site(tmp_path)
    content = re.search(r'src="data:image/png;base64,([^"]+)"', read(tmp_path)[0]).group(1)
    assert max(Image.open(io.BytesIO(base64.b64decode(content))).size) == 640


def test_what_is_broken_or_unfinished_is_named_and_left_out(add_run, tmp_path):
    add_run()
    (add_run(seed=1) / "results.json").write_text("{}")
    (add_run(seed=2) / "results.json").unlink()
    (add_run(seed=3) / "report.html").unlink()
    failed = add_run(seed=4)
    failed.rename(failed.with_name("quick-seed4.failed"))
    partial = add_run(seed=5)
    partial.rename(partial.with_name(".quick-seed5.partial-host-1"))
    site.build_site(tmp_path)
    page, manifest = read(tmp_path)
    assert [run["seed"] for run in manifest["runs"]] == [0]
    for seed in (1, 2, 3, 4):
        assert f"06_tumor_diagnosis/tissue-phantom/quick-seed{seed}:" in page
    assert "seed5" not in page


def test_no_run_at_all(tmp_path):
    site.build_site(tmp_path / "reports")
    page, manifest = read(tmp_path / "reports")
    assert "No run yet" in page and manifest["runs"] == []


def test_building_twice_gives_the_same_bytes_and_no_leftovers(add_run, tmp_path):
    add_run()
    site.build_site(tmp_path)
    first = {name: (tmp_path / name).read_bytes() for name in ("index.html", "manifest.json")}
    site.build_site(tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in first} == first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index.html", "manifest.json", "runs"]


def test_the_index_needs_no_network(add_run, tmp_path):
    add_run()
    site.build_site(tmp_path)
    page = read(tmp_path)[0]
    assert "//" not in re.sub(r"data:[^\"]+", "", page.split("</style>")[1])
    assert "default-src 'none'" in page


def test_the_manifest_says_what_produced_a_run_and_whether_it_still_would(add_run, tmp_path, monkeypatch):
    add_run()
    monkeypatch.setattr(notebooks, "find", lambda name: name)
    monkeypatch.setattr(execution, "fingerprint", lambda path: {"notebook": "a1"})
    site.build_site(tmp_path)
    run = read(tmp_path)[1]["runs"][0]
    assert run["sha256"] == {"notebook": "a1"} and run["parameters"] == {"seed": 0} and run["current"] is True
    monkeypatch.setattr(execution, "fingerprint", lambda path: {"notebook": "b2"})
    site.build_site(tmp_path)
    assert read(tmp_path)[1]["runs"][0]["current"] is False
