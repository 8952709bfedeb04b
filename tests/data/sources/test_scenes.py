"""Scenes in folders, label tables and captions."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from remotesam.data.sources import RecordSet, SourceError, open_source
from tests.data_factories.labels import karpathy, table_text, write_captions, write_scenes
from tests.data_factories.pictures import save_noise

CLASSES = {"beach": ["beach00.tif", "beach01.tif"], "river": ["river00.tif"]}
LABELS = ("sand", "sea", "trees")
ROWS = {"beach00": (1, 1, 0), "beach01": (1, 0, 0), "river00": (0, 0, 0)}


def kinds(records: RecordSet) -> list[str]:
    return [problem.kind for problem in records.problems]


# Folders


@pytest.mark.parametrize(
    ("name", "below"),
    [("folders", ""), ("aid", ""), ("aid", "AID"), ("ucmerced", "UCMerced_LandUse/Images"), ("ucmerced", "Images")],
)
def test_each_image_has_its_class(tmp_path: Path, name: str, below: str) -> None:
    write_scenes(tmp_path / below, CLASSES)
    records = open_source(name, tmp_path, on_error="raise")
    assert {record.id: record.labels for record in records} == {
        "beach/beach00": ("beach",),
        "beach/beach01": ("beach",),
        "river/river00": ("river",),
    }
    assert records.categories == ("beach", "river")
    assert all(record.exhaustive == () and record.size == (6, 6) for record in records)


def test_lists_and_folders_tell_splits(tmp_path: Path) -> None:
    write_scenes(tmp_path / "lists" / "Images", CLASSES)
    (tmp_path / "lists" / "uc_merced-val.txt").write_text("beach01.tif\nriver00.tif\n")
    records = open_source("ucmerced", tmp_path / "lists", split="val", on_error="raise")
    assert [record.id for record in records] == ["beach/beach01", "river/river00"]
    write_scenes(tmp_path / "folders" / "train", CLASSES)
    records = open_source("folders", tmp_path / "folders", split="train", on_error="raise")
    assert len(records) == 3
    for folder, there in (("lists", "'all', 'val'"), ("folders", "'train'")):
        with pytest.raises(SourceError, match=f"no split 'test'; there are {there}"):
            open_source("ucmerced" if folder == "lists" else "folders", tmp_path / folder, split="test")


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda root: (root / "desert").mkdir(), "missing"),
        (lambda root: save_noise(root / "stray.png", 6, 6), "category"),
        (lambda root: save_noise(root / "beach" / "beach00.png", 6, 6), "duplicate"),
        (lambda root: (root / "beach" / "beach09.tif").write_bytes(b"none"), "unreadable"),
    ],
)
def test_faults_of_folders_are_told(tmp_path: Path, change: Callable[[Path], object], kind: str) -> None:
    write_scenes(tmp_path, CLASSES)
    change(tmp_path)
    records = open_source("aid", tmp_path)
    assert kinds(records) == [kind]
    assert len(records) == 3
    with pytest.raises(SourceError, match="on_error='skip'"):
        open_source("aid", tmp_path, on_error="raise")


def test_listed_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    write_scenes(tmp_path, CLASSES)
    (tmp_path / "uc_merced-train.txt").write_text("beach00.tif\nbeach77.tif\n")
    records = open_source("ucmerced", tmp_path, split="train")
    assert [(problem.kind, problem.item) for problem in records.problems] == [("missing", "beach77.tif")]


def test_folder_without_classes_is_fatal(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="holds no folder of a class; there is nothing"):
        open_source("aid", tmp_path)


# Label tables


def write_ucm(root: Path, text: str | None = None) -> None:
    write_scenes(root / "Images", CLASSES)
    default = table_text(ROWS, LABELS, corner="IMAGE\\LABEL", delimiter="\t")
    (root / "LandUse_Multilabeled.txt").write_text(default if text is None else text)


def write_aid(root: Path) -> None:
    write_scenes(root / "images_tr", {"Beach": ["beach00.jpg"], "River": ["river00.jpg"]})
    write_scenes(root / "images_test", {"Beach": ["beach01.jpg"]})
    (root / "multilabel.csv").write_text(table_text(ROWS, LABELS, corner="IMAGE\\LABEL", delimiter=","))


def write_mlrsnet(root: Path) -> None:
    write_scenes(root / "Images", {"beach": ["beach_1.jpg"], "river": ["river_1.jpg"]})
    (root / "labels").mkdir()
    tables = {"beach": {"beach_1.jpg": (1, 1, 0)}, "river": {"river_1.jpg": (1, 0, 0)}}
    for name, rows in tables.items():
        labels = LABELS if name == "beach" else tuple(reversed(LABELS))
        (root / "labels" / f"{name}.csv").write_text(table_text(rows, labels, corner="image", delimiter=","))


@pytest.mark.parametrize(
    ("name", "split", "write", "expected"),
    [
        (
            "ucm-multilabel",
            "all",
            write_ucm,
            {"beach/beach00": ("sand", "sea"), "beach/beach01": ("sand",), "river/river00": ()},
        ),
        ("aid-multilabel", "train", write_aid, {"Beach/beach00": ("sand", "sea"), "River/river00": ()}),
        ("aid-multilabel", "test", write_aid, {"Beach/beach01": ("sand",)}),
        ("mlrsnet", "all", write_mlrsnet, {"beach/beach_1": ("sand", "sea"), "river/river_1": ("trees",)}),
    ],
)
def test_labels_are_those_of_the_table(
    tmp_path: Path, name: str, split: str, write: Callable[[Path], None], expected: dict[str, tuple[str, ...]]
) -> None:
    write(tmp_path)
    records = open_source(name, tmp_path, split=split, on_error="raise")
    assert {record.id: record.labels for record in records} == expected
    assert records.categories == LABELS
    assert all(set(record.exhaustive) == set(LABELS) for record in records)
    with pytest.raises(SourceError, match="there is no split 'nowhere'"):
        open_source(name, tmp_path, split="nowhere")


@pytest.mark.parametrize(
    ("line", "kind", "message"),
    [
        ("beach77\t1\t0\t0", "missing", "no image beach77"),
        ("beach00\t1\t1\t0", "duplicate", "repeats the image"),
        ("beach02\t1\t2\t0", "format", "'2' for 'sea'"),
        ("beach02\t1", "format", "'' for 'sea'"),
    ],
)
def test_bad_lines_of_a_table_are_told(tmp_path: Path, line: str, kind: str, message: str) -> None:
    text = table_text(ROWS, LABELS, corner="IMAGE\\LABEL", delimiter="\t")
    write_ucm(tmp_path, text + line + "\n")
    records = open_source("ucm-multilabel", tmp_path)
    assert [(problem.kind, problem.item) for problem in records.problems] == [(kind, "line 5")]
    assert message in records.problems[0].message
    assert len(records) == 3


def test_images_without_a_line_or_with_the_same_name_are_told(tmp_path: Path) -> None:
    write_ucm(tmp_path)
    save_noise(tmp_path / "Images" / "beach" / "beach44.tif", 6, 6)
    save_noise(tmp_path / "Images" / "river" / "beach00.tif", 6, 6)
    records = open_source("ucm-multilabel", tmp_path)
    assert sorted(kinds(records)) == ["duplicate", "missing"]
    assert len(records) == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "first line is ''"), ("image\n", "first line is 'image'"), ("image\ta\ta\nb\t1\t1\n", "it takes a name")],
)
def test_table_without_labels_is_fatal(tmp_path: Path, text: str, message: str) -> None:
    write_ucm(tmp_path, text)
    with pytest.raises(SourceError, match=message):
        open_source("ucm-multilabel", tmp_path)


@pytest.mark.parametrize("name", ["ucm-multilabel", "mlrsnet"])
def test_missing_tables_are_fatal(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError, match="looked for"):
        open_source(name, tmp_path)


# Captions

CAPTIONS: dict[str, tuple[str, list[str]]] = {
    "1.png": ("train", ["A beach .", " two  ships"]),
    "2.png": ("val", ["a river"]),
    "3.png": ("train", ["a tree"]),
}


@pytest.mark.parametrize(
    ("name", "file", "folder"),
    [
        ("ucm-captions", "dataset.json", "imgs"),
        ("sydney-captions", "dataset.json", "images"),
        ("rsicd", "dataset_rsicd.json", "RSICD_images"),
        ("rsicd", "annotations_rsicd/dataset_rsicd.json", "RSICD_images"),
    ],
)
def test_captions_are_those_written(tmp_path: Path, name: str, file: str, folder: str) -> None:
    write_captions(tmp_path, file, folder, CAPTIONS)
    records = open_source(name, tmp_path, on_error="raise")
    assert {record.id: record.captions for record in records} == {"1": ("A beach .", "two ships"), "3": ("a tree",)}
    assert [record.id for record in open_source(name, tmp_path, split="val")] == ["2"]
    assert len(open_source(name, tmp_path, split="all")) == 3
    with pytest.raises(SourceError, match="'all', 'train', 'val'"):
        open_source(name, tmp_path, split="test")


def test_plain_object_of_captions_is_read_with_its_scenes(tmp_path: Path) -> None:
    write_scenes(tmp_path / "images", CLASSES)
    (tmp_path / "captions.json").write_text(
        json.dumps({"beach/beach00.tif": ["a beach"], "river/river00.tif": ["a river"]})
    )
    records = open_source("captions", tmp_path, on_error="raise")
    assert [(record.labels, record.captions) for record in records] == [
        (("beach",), ("a beach",)),
        (("river",), ("a river",)),
    ]
    assert records.categories == ("beach", "river")


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        ({"filename": "1.png", "sentences": [{"raw": "again"}], "split": "train"}, "duplicate"),
        ({"filename": "9.png", "sentences": [{"raw": "lost"}], "split": "train"}, "missing"),
        ({"filename": "9.png", "sentences": [], "split": "train"}, "format"),
        ({"filename": "9.png", "sentences": [{"raw": " "}], "split": "train"}, "format"),
        ({"filename": "9.png", "sentences": [{"tokens": []}], "split": "train"}, "format"),
        ({"sentences": [{"raw": "x"}]}, "format"),
        ("9.png", "format"),
    ],
)
def test_bad_entries_of_captions_are_told(tmp_path: Path, entry: Any, kind: str) -> None:
    write_captions(tmp_path, "dataset.json", "imgs", CAPTIONS)
    document = karpathy(CAPTIONS)
    document["images"].append(entry)
    (tmp_path / "dataset.json").write_text(json.dumps(document))
    records = open_source("ucm-captions", tmp_path)
    assert kinds(records) == [kind]
    assert len(records) == 2
    with pytest.raises(SourceError, match="on_error='skip'"):
        open_source("ucm-captions", tmp_path, on_error="raise")


@pytest.mark.parametrize(("text", "message"), [("{", "truncated"), ("[]", "holds a list"), ("{}", "not empty")])
def test_caption_file_of_another_form_is_fatal(tmp_path: Path, text: str, message: str) -> None:
    write_captions(tmp_path, "dataset.json", "imgs", CAPTIONS)
    (tmp_path / "dataset.json").write_text(text)
    with pytest.raises(SourceError, match=message):
        open_source("ucm-captions", tmp_path)
