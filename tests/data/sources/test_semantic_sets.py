"""Data sets of label maps give the maps that were drawn."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from remotesam.data.sources import SourceError, open_source
from tests.data_factories import semantic as look_alikes
from tests.data_factories.pictures import save, save_noise
from tests.data_factories.semantic import HEIGHT, WIDTH, Builder

SIX = range(1, 7)
SETS: list[tuple[str, str, Builder]] = [
    ("loveda", "train", look_alikes.loveda),
    ("loveda", "train", look_alikes.converted(look_alikes.LOVEDA, unlabelled=0)),
    ("loveda", "all", look_alikes.converted(look_alikes.LOVEDA, unlabelled=0, split="")),
    ("potsdam", "train", look_alikes.potsdam("2_Ortho_RGB", "RGB", "5_Labels_all", "label")),
    ("potsdam", "train", look_alikes.potsdam("4_Ortho_RGBIR", "RGBIR", "5_Labels_all_noBoundary", "label_noBoundary")),
    ("potsdam", "val", look_alikes.converted(SIX, unlabelled=0, split="val")),
    ("vaihingen", "train", look_alikes.vaihingen("", "")),
    ("vaihingen", "train", look_alikes.vaihingen("gts_for_participants", "")),
    (
        "vaihingen",
        "train",
        look_alikes.vaihingen("ISPRS_semantic_labeling_Vaihingen_ground_truth_eroded_COMPLETE", "_noBoundary"),
    ),
    ("vaihingen", "train", look_alikes.converted(SIX, unlabelled=0)),
    ("udd5", "train", look_alikes.udd5(in_colour=False)),
    ("udd5", "val", look_alikes.udd5(in_colour=True)),
    ("deepglobe", "train", look_alikes.deepglobe("train", "train")),
    ("deepglobe", "test", look_alikes.deepglobe("data/test_data/images", "data/test_data/masks")),
    ("isaid-semantic", "train", look_alikes.isaid(together=True)),
    ("isaid-semantic", "val", look_alikes.isaid(together=False, split="val")),
    ("isaid-semantic", "all", look_alikes.isaid(together=True, split="")),
    ("isaid-semantic", "train", look_alikes.converted(range(16), unlabelled=255, end="_instance_color_RGB")),
]


@pytest.mark.parametrize(("name", "split", "build"), SETS)
def test_maps_are_those_drawn(tmp_path: Path, name: str, split: str, build: Builder) -> None:
    drawn = build(tmp_path)
    records = open_source(name, tmp_path, split=split, on_error="raise", check_maps=True)
    assert records.problems == ()
    assert {record.id for record in records} == set(drawn)
    for record in records:
        assert record.size == (HEIGHT, WIDTH)
        assert record.label_map is not None
        assert (record.label_map.read() == drawn[record.id]).all()
        assert record.label_map.categories == records.categories
        assert set(record.exhaustive) < set(records.categories) or name == "deepglobe"
        assert not {"background", "clutter", "other"} & set(record.exhaustive)


@pytest.mark.parametrize(("name", "split", "build"), SETS)
def test_unknown_splits_and_empty_folders_are_fatal(tmp_path: Path, name: str, split: str, build: Builder) -> None:
    with pytest.raises(SourceError, match="no such folder"):
        open_source(name, tmp_path / "none")
    with pytest.raises(SourceError):
        open_source(name, tmp_path)
    build(tmp_path)
    with pytest.raises(SourceError, match=r"no split 'nowhere'; there are .*"):
        open_source(name, tmp_path, split="nowhere")


def write_loveda(root: Path) -> tuple[Path, Path]:
    look_alikes.loveda(root)
    folder = root / "Train" / "Rural"
    return folder / "images_png" / "0.png", folder / "masks_png" / "0.png"


@pytest.mark.parametrize(
    ("damage", "kind", "options"),
    [
        (lambda image, label: image.unlink(), "missing", {}),
        (lambda image, label: label.unlink(), "missing", {}),
        (lambda image, label: image.write_bytes(b"none"), "unreadable", {}),
        (lambda image, label: label.write_bytes(b"none"), "unreadable", {}),
        (lambda image, label: save_noise(label, HEIGHT, WIDTH + 1), "size", {}),
        (lambda image, label: label.write_bytes(label.read_bytes()[:60]), "unreadable", {"check_maps": True}),
        (lambda image, label: save_noise(label, HEIGHT, WIDTH), "unreadable", {"check_maps": True}),
    ],
)
def test_faulty_pairs_are_told_and_left_out(
    tmp_path: Path, damage: Callable[[Path, Path], Any], kind: str, options: dict[str, Any]
) -> None:
    image, label = write_loveda(tmp_path)
    damage(image, label)
    records = open_source("loveda", tmp_path, **options)
    assert [record.id for record in records] == ["Urban/1"]
    assert [problem.kind for problem in records.problems] == [kind]
    with pytest.raises(SourceError, match="on_error='skip'"):
        open_source("loveda", tmp_path, on_error="raise", **options)


def test_undocumented_values_are_told_when_checked_and_kept(tmp_path: Path) -> None:
    _, label = write_loveda(tmp_path)
    pixels = look_alikes.numbered(look_alikes.drawn_indices(7), [*look_alikes.LOVEDA])
    pixels[0, 0] = 99
    save(label, pixels)
    records = open_source("loveda", tmp_path, check_maps=True)
    assert len(records) == 2
    assert [problem.kind for problem in records.problems] == ["category"]
    assert "99 (1 pixels)" in records.problems[0].message


def test_scenes_of_the_benchmark_that_are_not_there_are_told(tmp_path: Path) -> None:
    look_alikes.vaihingen("", "")(tmp_path)
    (tmp_path / "top_mosaic_09cm_area3.tif").unlink()
    records = open_source("vaihingen", tmp_path)
    assert [problem.item for problem in records.problems] == ["top_mosaic_09cm_area3"]
    assert len(records) == 15
