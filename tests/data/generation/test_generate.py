"""Whole sets, from data sets on disk to their rows."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from remotesam.data.generation import run
from remotesam.data.generation.run import generate, preview
from remotesam.data.generation.settings import Settings, parse_settings
from remotesam.data.scene import Scene
from remotesam.data.sources.problems import SourceError
from remotesam.data.triplet_set import TripletSetError
from remotesam.data.triplet_set.reader import TripletSet
from remotesam.data.triplets import Triplet
from tests.data.checker import check
from tests.data_factories.generation import contents, scenes, settings_of, write_set
from tests.data_factories.referring import ReferSet

TILED = {"size": 64, "overlap": 16, "whole_up_to": 64, "min_visible": 0.4}


def make(output: Path, *roots: Path, **fields: Any) -> tuple[TripletSet, dict[str, Any]]:
    overwrite = fields.pop("overwrite", False)
    report = generate(parse_settings(settings_of(output, *roots, **fields)), overwrite=overwrite, quiet=True)
    return TripletSet(output), report


@pytest.fixture(scope="module")
def drawn() -> list[Scene]:
    return scenes(8)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, drawn: list[Scene]) -> Path:
    return write_set(tmp_path_factory.mktemp("data") / "drawn", drawn)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"sources": []}, "sources is empty"),
        ({"sources": [{"source": "nowhere", "root": "."}]}, "unknown data set 'nowhere'; there are aid"),
        ({"sources": [{"source": "coco"}]}, "'sources\\[0\\].root' is missing"),
        ({"sources": [{"source": "coco", "root": ".", "masker": {"type": "magic"}}]}, "'fill', 'sam' or 'segmenter'"),
        ({"tiling": {"sise": 3}}, "unknown configuration field 'tiling.sise'; did you mean 'size'"),
        ({"sentences": {"one_to_one": -1}}, "one_to_one is -1"),
        ({"sentences": {"hard": 2.0}}, "hard is 2.0"),
        ({"copies": {"distance": 200}}, "distance is 200"),
        ({"copies": {"leaks": "maybe"}}, "copies.leaks"),
        ({"images": "link"}, "'images' is 'link'"),
        ({"workers": -1}, "workers"),
    ],
)
def test_settings_that_are_none(tmp_path: Path, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_settings({**settings_of(tmp_path / "out", tmp_path), **fields})


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"root": "nowhere"}, "nowhere"),
        ({"split": "test"}, "no split 'test'"),
        ({"options": {"magic": 1}}, "sources\\[0\\].options"),
    ],
)
def test_sources_that_cannot_be_read(tmp_path: Path, root: Path, source: dict[str, Any], message: str) -> None:
    with pytest.raises(SourceError, match=message):
        make(tmp_path / "out", root, source=source)
    assert not (tmp_path / "out").exists()


def test_two_sources_of_one_name_are_refused(tmp_path: Path, root: Path) -> None:
    with pytest.raises(SourceError, match="two sources are called 'same all'"):
        make(tmp_path / "out", root, root, source={"name": "same"})


def test_every_row_is_true_of_its_picture(tmp_path: Path, root: Path, drawn: list[Scene]) -> None:
    triplets, report = make(tmp_path / "out", root)
    by_name = {str(number): scene for number, scene in enumerate(drawn)}
    assert len(triplets) == report["rows"] == sum(report["kinds"].values()) > 60
    for number, row in enumerate(triplets):
        scene = by_name[row.image_id]
        assert (triplets.image(number) == scene.image).all()
        check(scene, Triplet(row.expression, triplets.mask(number), row.kind, row.category))
        assert (row.source, row.split, row.window) == ("drawn", "all", None)
        assert row.maker == ("annotator" if row.area else "")
    assert any(attribute.startswith("position:") for row in triplets for attribute in row.attributes)
    assert (tmp_path / "out" / "report.md").read_text().startswith(f"{len(triplets):,} triplets about 8 pictures")


@pytest.mark.parametrize("images", ["copy", "reference"])
def test_rows_of_tiles_are_true_of_their_window(tmp_path: Path, root: Path, drawn: list[Scene], images: str) -> None:
    triplets, report = make(tmp_path / "out", root, tiling=TILED, images=images, sentences={"one_to_one": 2})
    places = set()
    for number, row in enumerate(triplets):
        record, _, window = row.image_id.partition("@")
        left, top, width, height = map(int, window.split(","))
        scene = drawn[int(record)]
        part = np.s_[top : top + height, left : left + width]
        assert (triplets.image(number) == scene.image[part]).all()
        assert row.window == ((left, top, width, height) if images == "reference" else None)
        whole = np.any([i.mask(128, 128) for i in scene.instances] or [np.zeros((128, 128), bool)], axis=0)
        assert not (triplets.mask(number) & ~whole[part]).any()
        places.add(row.image_id)
    assert len(places) == report["pictures"] > 40
    assert any((tmp_path / "out" / "images").iterdir()) == (images == "copy")


def test_workers_change_not_a_byte(tmp_path: Path, root: Path) -> None:
    make(tmp_path / "one", root, tiling=TILED, workers=1, name="x")
    make(tmp_path / "three", root, tiling=TILED, workers=3, name="x")
    one, three = contents(tmp_path / "one"), contents(tmp_path / "three")
    assert len([name for name in one if name.endswith(".parquet") and "part" in name]) > 1
    assert one == three


def test_the_seed_changes_the_sentences(tmp_path: Path, root: Path) -> None:
    first, second = (make(tmp_path / str(seed), root, seed=seed)[0] for seed in (0, 1))
    assert [row.expression for row in first] != [row.expression for row in second]


def test_what_a_record_gives_does_not_depend_on_the_others(tmp_path: Path, root: Path) -> None:
    everything, _ = make(tmp_path / "all", root)
    part, _ = make(tmp_path / "part", root, source={"limit": 3}, copies={"check": False})

    def rows(triplets: TripletSet) -> list[str]:
        return [row.expression for row in triplets if row.image_id in "012" and row.kind != "one-to-zero"]

    assert rows(part) == rows(everything)


@pytest.mark.parametrize("units", [0, 3, 7])
def test_an_interrupted_set_becomes_the_same(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch, units: int
) -> None:
    missing = tmp_path / "drawn"
    missing.symlink_to(root)
    make(tmp_path / "whole", root, name="x")
    made, original = [], run.make_unit

    def interrupted(*arguments: Any) -> Any:
        if len(made) == units:
            raise KeyboardInterrupt
        made.append(arguments)
        return original(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(run, "make_unit", interrupted)
        with pytest.raises(KeyboardInterrupt):
            make(tmp_path / "out", root, name="x")
    with pytest.raises(TripletSetError, match="not finished"):
        TripletSet(tmp_path / "out")
    make(tmp_path / "out", root, name="x")
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_a_finished_set_is_left_alone_and_another_refused(tmp_path: Path, root: Path) -> None:
    _, report = make(tmp_path / "out", root)
    before = contents(tmp_path / "out")
    assert make(tmp_path / "out", root)[1] == report
    assert contents(tmp_path / "out") == before
    with pytest.raises(TripletSetError, match="seed"):
        make(tmp_path / "out", root, seed=5)
    assert make(tmp_path / "out", root, seed=5, overwrite=True)[0].manifest.seed == 5


def test_copies_and_leaks_are_told_and_left_out(tmp_path: Path, drawn: list[Scene]) -> None:
    first = write_set(tmp_path / "first", drawn[:4])
    second = write_set(tmp_path / "second", [drawn[1], drawn[4], drawn[5]])
    held_out = write_set(tmp_path / "held", [drawn[0], drawn[5], drawn[6]])
    evaluation = [{"root": str(held_out), "source": "coco", "split": "all"}, {"root": str(held_out / "images")}]
    triplets, report = make(tmp_path / "out", first, second, evaluation=evaluation[:1])
    assert [(e["file"], e["of_source"], e["of"], e["exact"], e["dropped"]) for e in report["leaks"]] == [
        ("images/0.png", "coco all", "images/0.png", True, True),
        ("images/2.png", "coco all", "images/1.png", True, True),
    ]
    assert [(e["source"], e["file"], e["of_source"], e["of"]) for e in report["duplicates"]] == [
        ("second all", "images/0.png", "first all", "images/1.png")
    ]
    pictures = {(row.source, row.image_id) for row in triplets}
    assert pictures == {("first", "1"), ("first", "2"), ("first", "3"), ("second", "1")}
    assert triplets.manifest.report["leaks"] == 2
    keep = {"leaks": "keep", "duplicates": "keep"}
    everything, report = make(tmp_path / "kept", first, second, evaluation=evaluation[1:], copies=keep)
    assert len({(row.source, row.image_id) for row in everything}) == 7
    assert len(report["leaks"]) == 2 and not any(entry["dropped"] for entry in report["leaks"])


def test_what_is_wrong_is_listed_with_file_names(tmp_path: Path, drawn: list[Scene]) -> None:
    root = write_set(tmp_path / "drawn", drawn[:4])
    (root / "images" / "1.png").write_bytes(b"no picture")
    Image.fromarray(drawn[2].image[:100]).save(root / "images" / "2.png")
    document = json.loads((root / "instances.json").read_text())
    document["annotations"].append({"id": 999, "image_id": 0, "category_id": 1, "segmentation": [[1, 1, 2, 2]]})
    (root / "instances.json").write_text(json.dumps(document))
    source = {"options": {"check_images": False}}
    triplets, report = make(tmp_path / "out", root, source=source)
    assert {row.image_id for row in triplets} == {"0", "3"}
    found = {(problem["file"], problem["kind"]) for problem in report["problems"]}
    assert found == {("instances.json", "format"), ("images/1.png", "unreadable"), ("images/2.png", "size")}
    assert report["sources"][0]["problems"] == {"format": 1, "size": 1, "unreadable": 1}
    assert "images/1.png" in (tmp_path / "out" / "report.md").read_text()
    with pytest.raises(SourceError):
        make(tmp_path / "strict", root, source=source, on_error="raise")


def test_boxes_need_a_masker(tmp_path: Path, drawn: list[Scene]) -> None:
    root = write_set(tmp_path / "boxes", drawn[:3], boxes=True)
    source = {"options": {"masks": "optional"}}
    bare, report = make(tmp_path / "bare", root, source=source)
    assert not any(row.area for row in bare)
    filled, report = make(tmp_path / "filled", root, source={**source, "masker": {"type": "fill"}})
    assert {row.maker for row in filled if row.area} == {"box fill"}
    figures = report["sources"][0]["masks_of_boxes"]["all"]
    assert figures["masks"] == figures["kept"] == sum(len(scene.instances) for scene in drawn[:3])
    for number, row in enumerate(filled):
        scene = drawn[int(row.image_id)]
        if row.kind == "one-to-one" and row.area:
            masks = [instance.mask(128, 128) for instance in scene.instances]
            assert any((triplet == mask).all() for mask in masks for triplet in [filled.mask(number)])


def test_referring_sets_bring_their_own_sentences(tmp_path: Path) -> None:
    drawn = ReferSet()
    drawn.write(tmp_path / "refer")
    settings = {
        "output": str(tmp_path / "out"),
        "sources": [{"source": "refer", "root": str(tmp_path / "refer"), "name": "told"}],
    }
    report = generate(parse_settings(settings), quiet=True)
    triplets = TripletSet(tmp_path / "out")
    rows = {row.expression: row for row in triplets}
    assert set(rows) == {"the ship", "the white ship on the left", "everything", "the airplane"}
    assert (rows["the ship"].mask() == drawn.masks[11]).all() and rows["the ship"].category == "ship"
    assert (rows["everything"].mask() == (drawn.masks[11] | drawn.masks[12])).all()
    assert [rows[s].kind for s in ("the ship", "everything", "the airplane")] == [
        "one-to-one",
        "one-to-many",
        "one-to-zero",
    ]
    assert rows["everything"].category == rows["the airplane"].category == ""
    assert rows["the white ship on the left"].attributes == ("colour:white", "position:left")
    assert report["problems"] == []


def test_label_maps_give_no_single_objects(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for number in range(3):
        for folder in ("images", "masks"):
            (tmp_path / "roads" / folder).mkdir(parents=True, exist_ok=True)
        labels = np.zeros((60, 80), np.uint8)
        labels[:, 10 * number : 10 * number + 6] = 255
        labels[20:24] = 255 * (number > 0)
        Image.fromarray(labels).save(tmp_path / "roads" / "masks" / f"{number}.png")
        Image.fromarray(rng.integers(0, 255, (60, 80, 3), np.uint8)).save(
            tmp_path / "roads" / "images" / f"{number}.png"
        )
    (tmp_path / "roads" / "palette.json").write_text(json.dumps({"background": 0, "road": 255}))
    settings = {"output": str(tmp_path / "out"), "sources": [{"source": "palette", "root": str(tmp_path / "roads")}]}
    settings["sources"][0]["split"] = "all"  # type: ignore[index]
    generate(parse_settings(settings), quiet=True)
    triplets = TripletSet(tmp_path / "out")
    kinds = Counter((row.category, row.kind) for row in triplets)
    assert set(kinds) == {("road", "one-to-many")}
    with Image.open(tmp_path / "roads" / "masks" / "1.png") as labels_1:
        expected = np.asarray(labels_1) == 255
    about = [row for row in triplets if Path(row.image).stem == "1"]
    assert about and all((row.mask() == expected).all() for row in about)


def test_previews_write_nothing(tmp_path: Path, root: Path) -> None:
    settings: Settings = parse_settings(settings_of(tmp_path / "out", root, tiling=TILED))
    ((entry, pictures, made),) = list(preview(settings, pictures=2))
    assert (entry.name, pictures, len(made)) == ("drawn", 8 * 9, 2)
    assert all(unit.rows for unit in made)
    assert not (tmp_path / "out").exists()


def test_what_pictures_look_like_can_be_remembered(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = make(tmp_path / "first", root, cache=str(tmp_path / "looks.jsonl"))
    with (tmp_path / "looks.jsonl").open("a") as file:
        file.write('{"key": "broken')
    monkeypatch.setattr("remotesam.data.generation.scanning._look", None)
    second, _ = make(tmp_path / "second", root, cache=str(tmp_path / "looks.jsonl"))
    assert [row.expression for row in first] == [row.expression for row in second]


def test_what_annotators_passed_over_is_not_called_absent(tmp_path: Path, root: Path, drawn: list[Scene]) -> None:
    # So many draws of plain sentences that every category is surely among them in some picture that lacks it.
    sentences = {"one_to_zero": 20, "zero_ratio": 20.0, "canonical": 1.0, "hard": 0.0}
    passed_over = {"vehicle", "storage tank"}
    lacking = {name for scene in drawn for name in set(scene.annotated) - {i.category for i in scene.instances}}
    usual, _ = make(tmp_path / "usual", root, sentences=sentences)
    careful, _ = make(
        tmp_path / "careful", root, sentences=sentences, source={"never_absent": ["vehicle", "storage_tank"]}
    )

    def absent(triplets: TripletSet) -> set[str]:
        return {
            r.category for r in triplets if r.kind == "one-to-zero" and r.expression == f"{r.category} in the image"
        }

    assert passed_over < lacking
    assert absent(usual) == lacking
    assert absent(careful) == lacking - passed_over
    assert "storage tank" in {row.category for row in careful if row.area}
    with pytest.raises(SourceError, match="never_absent names 'cars'; its categories are airplane"):
        make(tmp_path / "wrong", root, source={"never_absent": ["cars"]})


def test_objects_that_may_not_be_all_are_not_passed_over_in_silence(tmp_path: Path, drawn: list[Scene]) -> None:
    root = write_set(tmp_path / "drawn", drawn[:2])
    document = json.loads((root / "instances.json").read_text())
    document["annotations"].append({"id": 900, "image_id": 0, "segmentation": [[1, 1, 9, 1, 9, 9]]})
    (root / "instances.json").write_text(json.dumps(document))
    triplets, report = make(tmp_path / "out", root)
    assert {row.image_id for row in triplets} == {"1"}
    (told,) = [problem for problem in report["problems"] if problem["kind"] == "incomplete"]
    assert told["file"] == "images/0.png" and f"its {len(drawn[0].instances)} object" in told["message"]
