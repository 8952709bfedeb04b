"""The REFER layout and the data sets in it."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from remotesam.data.sources import RecordSet, SourceError, open_source
from remotesam.data.sources.refer import read_refer
from tests.data_factories.pictures import rectangle, save_noise
from tests.data_factories.referring import HEIGHT, WIDTH, ReferSet, encoded, reference, write_rrsisd


def told(records: RecordSet) -> list[tuple[str, str]]:
    return [(problem.kind, problem.item) for problem in records.problems]


def break_(name: str) -> Callable[[ReferSet], None]:
    """Faults of a data set by name."""

    def change(drawn: ReferSet) -> None:
        square = {"id": 13, "image_id": 1, "category_id": 7, "bbox": [1, 1, 2, 2]}
        if name == "unknown category":
            drawn.annotations[1]["category_id"] = 99
        elif name == "polygon outside":
            drawn.annotations[1]["segmentation"] = [[50, 50, 60, 50, 60, 60]]
        elif name == "zero area":
            drawn.annotations[1]["segmentation"] = [[5, 5, 6, 6, 7, 7]]
        elif name == "empty mask":
            drawn.annotations[1]["segmentation"] = encoded(np.zeros((HEIGHT, WIDTH)))
        elif name == "other size":
            drawn.annotations[1]["segmentation"] = encoded(np.ones((HEIGHT, WIDTH - 1)))
        elif name == "no segmentation":
            del drawn.annotations[1]["segmentation"]
        elif name == "no image id":
            drawn.annotations.append({"id": 13})
        elif name == "id is a list":
            drawn.annotations.append({**square, "id": [1]})
        elif name == "annotation twice":
            drawn.annotations.append({**drawn.annotations[0]})
        elif name == "image twice":
            drawn.images.append({**drawn.images[0]})
        elif name == "image without name":
            drawn.images.append({"id": 5})
        elif name == "category twice":
            drawn.categories.append({"id": 7, "name": "boat"})
        elif name == "category without name":
            drawn.categories.append({"id": 9})
        elif name == "reference is no object":
            drawn.refs.append("the ship")
        elif name == "reference without target":
            drawn.refs.append({"ref_id": 9, "image_id": 1, "split": "train", "sentences": []})
        elif name == "sentences are no list":
            drawn.refs.append({**reference(9, 1, 11, []), "sentences": "the ship"})
        elif name == "empty sentence":
            drawn.refs.append(reference(9, 1, 11, ["  "]))
        elif name == "reference twice":
            drawn.refs.append(reference(0, 1, 11, ["another"]))
        elif name == "unknown target":
            drawn.refs.append(reference(9, 1, 77, ["another"]))
        elif name == "unknown image":
            drawn.refs.append(reference(9, 77, 11, ["another"]))
        else:
            raise KeyError(name)

    return change


FAULTS = [
    ("unknown category", "category"),
    ("polygon outside", "outside"),
    ("zero area", "area"),
    ("empty mask", "area"),
    ("other size", "size"),
    ("no segmentation", "missing"),
    ("no image id", "format"),
    ("id is a list", "format"),
    ("annotation twice", "duplicate"),
    ("image twice", "duplicate"),
    ("image without name", "format"),
    ("category twice", "duplicate"),
    ("category without name", "format"),
    ("reference is no object", "format"),
    ("reference without target", "format"),
    ("sentences are no list", "format"),
    ("empty sentence", "format"),
    ("reference twice", "duplicate"),
    ("unknown target", "missing"),
    ("unknown image", "missing"),
]


@pytest.mark.parametrize(("fault", "kind"), FAULTS)
def test_each_fault_is_told_and_the_rest_is_read(tmp_path: Path, fault: str, kind: str) -> None:
    drawn = ReferSet()
    break_(fault)(drawn)
    root = drawn.write(tmp_path)
    with pytest.raises(SourceError, match="on_error='skip'"):
        read_refer(root, on_error="raise")
    records = read_refer(root)
    assert records.problems[0].kind == kind
    assert (records[0].by_id["11"].mask(HEIGHT, WIDTH) == drawn.masks[11]).all()
    assert "the ship" in {expression.text for expression in records[0].expressions}
    assert all(target in records[0].by_id for expression in records[0].expressions for target in expression.targets)


@pytest.mark.parametrize("fault", ["unknown category", "zero area", "other size"])
def test_sentences_about_what_is_left_out_are_left_out_and_told(tmp_path: Path, fault: str) -> None:
    drawn = ReferSet()
    break_(fault)(drawn)
    records = read_refer(drawn.write(tmp_path))
    assert "everything" not in {expression.text for expression in records[0].expressions}
    assert ("missing", "reference 1") in told(records)


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        (lambda path: path.unlink(), "missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:20]), "unreadable"),
        (lambda path: save_noise(path, HEIGHT, WIDTH + 1), "size"),
    ],
)
def test_unusable_image_takes_its_sentences_along(tmp_path: Path, damage: Callable[[Path], object], kind: str) -> None:
    root = ReferSet().write(tmp_path)
    damage(root / "images" / "1.png")
    records = read_refer(root)
    assert len(records) == 0
    assert [problem.kind for problem in records.problems] == [kind, "missing", "missing", "missing"]
    assert str(root / "images" / "1.png") in records.problems[0].file


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda root: (root / "refs(unc).p").unlink(), r"no refs\(...\)\.p"),
        (lambda root: (root / "refs(google).p").write_bytes(b""), "several files of references"),
        (lambda root: (root / "refs(unc).p").write_bytes(b"\x80\x02}."), "takes a list of references"),
        (lambda root: (root / "instances.json").unlink(), "cannot be read"),
        (lambda root: (root / "instances.json").write_text('{"images": ['), "truncated"),
        (lambda root: (root / "instances.json").write_text("{}"), "lacks the list"),
    ],
)
def test_files_that_cannot_be_read_are_fatal(tmp_path: Path, change: Callable[[Path], object], message: str) -> None:
    root = ReferSet().write(tmp_path)
    change(root)
    with pytest.raises(SourceError, match=message):
        read_refer(root, on_error="skip")


@pytest.mark.parametrize(
    ("options", "message"),
    [({"split": "dev"}, "'test', 'testA', 'train'"), ({"on_error": "ignore"}, "'skip' or 'raise'")],
)
def test_unknown_options_name_what_there_is(tmp_path: Path, options: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_refer(ReferSet().write(tmp_path), **options)  # type: ignore[arg-type]


def test_missing_root_is_a_source_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such folder"):
        read_refer(tmp_path / "none")


@pytest.mark.parametrize("protocol", [0, 2, 5])
def test_masks_boxes_and_targets_are_those_drawn(tmp_path: Path, protocol: int) -> None:
    drawn = ReferSet()
    records = read_refer(drawn.write(tmp_path, protocol=protocol))
    assert records.problems == ()
    assert records.categories == ("ship", "tree")
    assert [record.id for record in records] == ["1"]
    record = records[0]
    assert record.exhaustive == ()
    for identifier, annotation in record.by_id.items():
        assert (annotation.mask(*record.size) == drawn.masks[int(identifier)]).all()
    assert record.by_id["11"].box == (3, 4, 9, 8)
    assert record.by_id["12"].box == (2, 2, 30, 20)
    assert {expression.text: expression.targets for expression in record.expressions} == {
        "the ship": ("11",),
        "the white ship on the left": ("11",),
        "everything": ("11", "12"),
        "the airplane": (),
    }


def test_test_stands_for_its_parts(tmp_path: Path) -> None:
    root = ReferSet().write(tmp_path)
    for split in ("test", "testA"):
        assert [record.id for record in read_refer(root, split=split)] == ["2"]


def test_references_of_grefcoco_are_read(tmp_path: Path) -> None:
    drawn = ReferSet()
    drawn.refs.append({**reference(9, 1, [-1], ["a bridge"]), "no_target": True})
    records = read_refer(drawn.write(tmp_path, refs="grefs(unc).json"))
    assert {e.text for e in records[0].expressions if not e.targets} == {"the airplane", "a bridge"}


def test_repeated_sentence_is_kept_once_and_noted(tmp_path: Path) -> None:
    drawn = ReferSet()
    drawn.refs.append(reference(9, 1, 11, ["the  ship", "a new one"]))
    records = read_refer(drawn.write(tmp_path), on_error="raise")
    assert told(records) == [("duplicate", "reference 9")]
    assert [e.text for e in records[0].expressions].count("the ship") == 1


def test_box_that_cannot_be_used_is_that_of_the_mask(tmp_path: Path) -> None:
    drawn = ReferSet()
    drawn.annotations[0]["bbox"] = [90, 90, 5, 5]
    drawn.annotations[1]["bbox"] = [1, 2]
    records = read_refer(drawn.write(tmp_path))
    assert [problem.kind for problem in records.problems] == ["outside", "format"]
    assert records[0].by_id["11"].box == (3, 4, 9, 8)
    assert records[0].by_id["12"].box == (2, 2, 30, 20)


def test_crossing_outline_is_kept_and_noted(tmp_path: Path) -> None:
    drawn = ReferSet()
    drawn.annotations[0]["segmentation"] = [[1, 1, 9, 9, 9, 1, 1, 6]]
    records = read_refer(drawn.write(tmp_path), on_error="raise")
    assert [problem.kind for problem in records.problems] == ["crossing"]
    assert records[0].by_id["11"].mask(HEIGHT, WIDTH).any()


def test_rrsisd_gives_its_masks_and_tells_of_empty_ones(tmp_path: Path) -> None:
    drawn = write_rrsisd(tmp_path)
    records = open_source("RRSIS_D", tmp_path)
    found = {e.text: r.by_id[e.targets[0]] for r in records for e in r.expressions}
    assert {text: annotation.mask(HEIGHT, WIDTH).tolist() for text, annotation in found.items()} == {
        text: mask.tolist() for text, mask in drawn.items()
    }
    assert found["tank 1"].box == (5, 6, 7, 8)  # corners, not width and height
    assert {annotation.category for annotation in found.values()} == {"storagetank"}
    assert [problem.kind for problem in records.problems] == ["area", "missing"]
    with pytest.raises(SourceError, match="without a pixel"):
        open_source("rrsis-d", tmp_path, on_error="raise")
    with pytest.raises(SourceError, match="'train'"):
        open_source("rrsis-d", tmp_path, split="val")


@pytest.mark.parametrize("refs", ["refs(unc).p", "refs(unc)_RemoteSAM.p"])
def test_remotesam270k_takes_empty_masks_for_no_target(tmp_path: Path, refs: str) -> None:
    drawn = ReferSet()
    nothing = {"id": 13, "image_id": 1, "category_id": 7}
    drawn.annotations.append({**nothing, "segmentation": [encoded(np.zeros((HEIGHT, WIDTH)))]})
    drawn.annotations.append({**nothing, "id": 14, "segmentation": []})
    drawn.refs += [reference(5, 1, 13, ["ships in the image"]), reference(6, 1, 14, ["harbors in the image"])]
    root = drawn.write(tmp_path, refs=refs, images="JPEGImages")
    records = open_source("remotesam-270k", root, on_error="raise")
    assert records.problems == ()
    assert {e.text for e in records[0].expressions if not e.targets} == {
        "the airplane",
        "ships in the image",
        "harbors in the image",
    }
    assert set(records[0].by_id) == {"11", "12"}
    assert records[0].by_id["11"].box == (3, 4, 9, 8)


def test_remotesam270k_without_references_says_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "JPEGImages").mkdir()
    with pytest.raises(SourceError, match=r"refs\(unc\)\.p.*there is JPEGImages/"):
        open_source("remotesam-270k", tmp_path)


def test_a_large_file_is_opened_without_outlining_a_mask(tmp_path: Path) -> None:
    drawn = ReferSet()
    root = drawn.write(tmp_path)
    document = json.loads((root / "instances.json").read_text())
    document["annotations"][1]["segmentation"] = encoded(rectangle(HEIGHT, WIDTH, 1, 1, 2, 2))
    (root / "instances.json").write_text(json.dumps(document))
    annotation = read_refer(root)[0].by_id["12"]
    assert "polygons" not in vars(annotation)
    assert annotation.mask(HEIGHT, WIDTH).sum() == 1
