"""Own images named by a table: columns, separators, paths, and everything that people write into a CSV."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from helpers.data import catalog
from helpers.runtime import InputError

pytestmark = pytest.mark.usefixtures("data_folder")


@pytest.fixture
def table(tmp_path):
    """Writes images of the given brightness and a table beside them: ``table({"a.png": 10}, lines)``."""

    def write(levels: dict[str, int], lines, name="images.csv", encoding="utf-8", end="\n"):
        for file, level in levels.items():
            path = tmp_path / "study" / file
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("L", (16, 16), level).save(path)
        content = lines if isinstance(lines, bytes) else (end.join(lines) + end).encode(encoding)
        (tmp_path / "study").mkdir(exist_ok=True)
        (tmp_path / "study" / name).write_bytes(content)
        return tmp_path / "study" / name

    return write


LEVELS = {f"scans/{number}.png": 10 * number for number in range(8)}
ROWS = [f"scans/{number}.png,{'normal' if number % 2 else 'tumor'}" for number in range(8)]


def refusal(table, **arguments) -> str:
    with pytest.raises(InputError) as caught:
        catalog.load(table, size=16, **arguments)
    message = str(caught.value)
    assert "\n" not in message and "study" not in message and "images.csv" not in message
    return message


def levels_of(dataset):
    return dataset.inputs[:, 0, 0, 0].tolist()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_path_and_label(table, encoding, separator, end):
    lines = [row.replace(",", separator) for row in ["path,label", *ROWS]]
    path = table(LEVELS, lines, encoding=encoding, end=end)
    dataset = catalog.load(str(path), size=16)
    assert dataset.class_names == ("normal", "tumor") and dataset.task == "binary"
    assert dataset.targets.tolist() == [0] * 4 + [1] * 4
    assert levels_of(dataset) == [10, 30, 50, 70, 0, 20, 40, 60]
    assert dataset.file_facts["position"].tolist() == [1, 3, 5, 7, 0, 2, 4, 6]
    assert not dataset.groups_known and dataset.sites is None
    assert catalog.variant_name(path) == dataset.name != catalog.variant_name(path.parent)
    catalog.require(path)


def test_group_and_site_in_any_order_of_columns(table):
    rows = [f"{'Bern' if n < 4 else 'Aarau'} , {n // 2:03d},{row}" for n, row in enumerate(ROWS)]
    # a patient of both classes is one patient
    path = table(LEVELS, [" Site ,GROUP,Path,Label", *rows, "Bern,9,more/a.png,tumor", "Bern,9,more/b.png,normal"])
    for name in ("a", "b"):
        (path.parent / "more").mkdir(exist_ok=True)
        Image.new("L", (16, 16), 99).save(path.parent / "more" / f"{name}.png")
    dataset = catalog.load(path, size=16)
    assert dataset.groups_known and dataset.source.group == "group" and "column group" in dataset.source.caveats[0]
    # sorted by class, then by path: more/ comes before scans/
    assert dataset.groups.tolist() == [4, 0, 1, 2, 3, 4, 0, 1, 2, 3]
    assert dataset.sites.tolist() == [1, 1, 1, 0, 0, 1, 1, 1, 0, 0]


def test_rows_that_repeat_each_other_count_once(table):
    path = table(
        LEVELS, ["path,label", *ROWS, "./scans/0.png,tumor", "scans\\1.png,normal", "scans/../scans/2.png,tumor"]
    )
    assert len(catalog.load(path, size=16)) == 8


def test_images_above_the_table(table):
    path = table(LEVELS, ["path,label", *ROWS])
    (path.parent / "lists").mkdir()
    moved = path.parent / "lists" / "images.csv"
    moved.write_text("path,label\n" + "".join(f"../{row}\n" for row in ROWS))
    assert levels_of(catalog.load(moved, size=16)) == [10, 30, 50, 70, 0, 20, 40, 60]


def test_names_with_everything_in_them(table):
    names = ["Ä ö/ß.png", 'quo"te.png', "com,ma.png", "semi;colon.png", "new\nline.png", "'.png", "ﬁ漢.png", " x.png"]
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    rows = [f"{name},{'normal' if number % 2 else 'tumör'}" for number, name in enumerate(quoted[:7])]
    path = table(dict.fromkeys(names[:7], 5), ["path,label", *rows])
    assert len(catalog.load(path, size=16)) == 7
    (path.parent / "new\nline.png").write_bytes(b"broken")
    assert r"1 of 7 images cannot be read: new\nline.png (not an image, or corrupt)" in refusal(path)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (b"", "cannot be read"),
        (b"\n\n", "cannot be read"),
        (b"path,label\n", "names no images"),
        (b"\xff\xfep\x00a\x00", "cannot be read: save it as UTF-8"),
        (b"PK\x03\x04\x00\x00\xff", "cannot be read"),
        ("path,label\nscans/0.png,J\xe4".encode("latin-1"), "UTF-8"),
        (b'path,label\n"scans/0.png,tumor\n', "cannot be read"),
        (b"path,label\na,b,c,d\n", "cannot be read"),
        (["file,label", *ROWS], "no column 'path'"),
        (["path,class", *ROWS], "no column 'label'"),
        (ROWS, "no column 'path'"),
        (["path,label,label", *[f"{row},x" for row in ROWS]], "the column 'label' twice"),
        (["path,label", *ROWS, "scans/0.png,normal"], "scans/0.png two different labels ('tumor' and 'normal')"),
        (["path,label", *ROWS, ",normal"], "no path in image 9"),
        (["path,label", *ROWS, "scans/5.png"], "two different labels"),
        (
            ["path,label", *[f"scans/{n}.png," for n in range(8)]],
            "no label for scans/0.png, scans/1.png, scans/2.png and 5",
        ),
        (["path,label", *[f"scans/{n}.png,tumor" for n in range(8)]], "only one label (tumor)"),
        (
            ["path,label", *ROWS, *[f"no/{n}.png,tumor" for n in range(5)]],
            "5 of 13 images of the table are not there: no/0",
        ),
        (["path,label", *ROWS, "scans,tumor"], "1 of 9 images of the table are not there: scans"),
        (["path,label", *ROWS, '"a\nb",tumor'], r"not there: a\nb"),
        (["path,label,group", *[f"{row},7" for row in ROWS]], "has only 1 groups"),
        (["path,label,group", *[f"{row},{n if n else ''}" for n, row in enumerate(ROWS)]], "no group for scans/0.png"),
        (["path,label,site", *[f"{row},{n if n else ''}" for n, row in enumerate(ROWS)]], "no site for scans/0.png"),
        (["path,label,group", *[f"{row},{n}" for n, row in enumerate(ROWS)], f"{ROWS[3]},x"], "two different groups"),
    ],
)
def test_nonsense_has_its_line(table, lines, words):
    assert words in refusal(table(LEVELS, lines))


def test_a_table_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("gone.csv", tmp_path / "gone.csv"):
        with pytest.raises(InputError, match="there is no table"):
            catalog.load(name)
        with pytest.raises(InputError, match="there is no table"):
            catalog.require(name)


def test_nothing_tells_which_files_they_were(table, data_folder):
    path = table(
        {f"mueller/{n}.png": n for n in range(8)}, ["path,label", *[r.replace("scans", "mueller") for r in ROWS]]
    )
    dataset = catalog.load(path, size=16)
    kept = [(str(entry.relative_to(data_folder)).encode(), entry.read_bytes()) for entry in data_folder.rglob("*.*")]
    assert len(kept) == 3
    for secret in ("mueller", "study", "images.csv", "scans"):
        assert secret not in repr(dataset)
        assert not any(secret.encode() in name + content for name, content in kept)


def test_any_image_file_that_a_table_names(table, write_dicom):
    path = table(LEVELS, ["path,label", *ROWS, "slices/I10,tumor", "x.unknown,normal"])
    write_dicom(path.parent / "slices" / "I10", np.full((4, 16, 16), 77))
    Image.new("L", (16, 16), 88).save(path.parent / "x.unknown", "PNG")
    assert levels_of(catalog.load(path, size=16)) == [10, 30, 50, 70, 88, 0, 20, 40, 60, 77, 77, 77, 77]
