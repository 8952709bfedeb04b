"""Label maps: what a pixel's colour or number means."""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from remotesam.data.sources.problems import SourceError
from remotesam.data.sources.records import LabelMap
from tests.data_factories.pictures import save
from tests.data_factories.semantic import coloured, drawn_indices, numbered

NAMES = ("road", "water", "tree")
NUMBERS: dict[Any, str] = {3: "road", 200: "water", 7: "tree"}
COLOURS: dict[Any, str] = {(255, 0, 0): "road", (0, 0, 255): "water", (0, 128, 1): "tree"}


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "is missing"), (b"", "cannot be decoded"), (b"\x89PNG\r\n\x1a\n", "cannot be decoded")],
)
def test_unreadable_file_is_a_source_error(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "map.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceError, match=message):
        LabelMap(path, NUMBERS, NAMES).read()


def test_truncated_file_is_a_source_error(tmp_path: Path) -> None:
    path = save(tmp_path / "map.png", np.random.default_rng(0).integers(0, 255, (60, 60), np.uint8))
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(SourceError, match="cannot be decoded"):
        LabelMap(path, NUMBERS, NAMES).read()


def test_colours_where_numbers_are_due_are_a_source_error(tmp_path: Path) -> None:
    path = save(tmp_path / "map.png", coloured(drawn_indices(3), list(COLOURS)))
    with pytest.raises(SourceError, match="in colour"):
        LabelMap(path, NUMBERS, NAMES).read()


def test_too_many_categories_are_a_source_error(tmp_path: Path) -> None:
    names = tuple(f"c{number}" for number in range(256))
    path = save(tmp_path / "map.png", np.zeros((2, 2), np.uint8))
    with pytest.raises(SourceError, match="up to 255"):
        LabelMap(path, {0: "c0"}, names).read()


@pytest.mark.parametrize("mode", ["L", "P", "grey RGB", "LA", "I", "I;16", "TIFF"])
def test_numbers_of_every_kind_of_picture_are_read(tmp_path: Path, mode: str) -> None:
    indices = drawn_indices(3)
    numbers = numbered(indices, list(NUMBERS))
    picture = Image.fromarray(numbers)
    if mode == "P":
        picture.putpalette(np.random.default_rng(0).integers(0, 256, 768, np.uint8).tobytes())
    elif mode == "grey RGB":
        picture = picture.convert("RGB")
    elif mode == "LA":
        picture = picture.convert("LA")
    elif mode in ("I", "I;16"):
        picture = Image.fromarray(numbers.astype(np.int32 if mode == "I" else np.uint16))
    path = tmp_path / ("map.tif" if mode in ("TIFF", "I") else "map.png")
    picture.save(path)
    assert (LabelMap(path, NUMBERS, NAMES).read() == indices).all()


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_colours_of_every_kind_of_picture_are_read(tmp_path: Path, mode: str) -> None:
    indices = drawn_indices(3)
    picture = Image.fromarray(coloured(indices, list(COLOURS)))
    path = tmp_path / "map.png"
    (picture.quantize(8) if mode == "P" else picture.convert(mode)).save(path)
    assert (LabelMap(path, COLOURS, NAMES).read() == indices).all()


@pytest.mark.parametrize("values", [{0: "no", 255: "yes"}, {0: "no", 1: "yes"}])
def test_one_bit_pictures_hold_0_and_1_or_0_and_255(tmp_path: Path, values: dict[Any, str]) -> None:
    mask = drawn_indices(2).astype(bool)
    path = save(tmp_path / "map.png", mask)
    assert (LabelMap(path, values, ("no", "yes")).read() == mask).all()


def test_the_file_decides_between_numbers_and_colours(tmp_path: Path) -> None:
    indices = drawn_indices(3)
    values = {**NUMBERS, **COLOURS}
    for number, pixels in enumerate((numbered(indices, list(NUMBERS)), coloured(indices, list(COLOURS)))):
        path = save(tmp_path / f"{number}.png", pixels)
        assert (LabelMap(path, values, NAMES).read() == indices).all()


@pytest.mark.parametrize("in_colour", [False, True])
def test_unknown_values_are_unlabelled_counted_and_told(
    tmp_path: Path, in_colour: bool, caplog: pytest.LogCaptureFixture
) -> None:
    indices = drawn_indices(3)
    indices[0, :5] = 255
    indices[1, 0] = 3
    values = COLOURS if in_colour else NUMBERS
    odd: Any = (9, 8, 7) if in_colour else 90
    silent: Any = (0, 0, 0) if in_colour else 0
    pixels = coloured(indices, [*COLOURS, odd]) if in_colour else numbered(indices, [*NUMBERS, odd])
    label_map = LabelMap(save(tmp_path / "map.png", pixels), values, NAMES, unlabelled=(silent,))
    found, unknown = label_map.decode()
    assert unknown == {odd: 1}
    assert (found == np.where(indices == 3, 255, indices)).all()
    with caplog.at_level(logging.WARNING):
        label_map.read()
    assert str(label_map.path) in caplog.text
    assert str(odd) in caplog.text
    loud = LabelMap(label_map.path, values, NAMES)
    assert loud.decode()[1] == {silent: 5, odd: 1}  # the most frequent first


def test_smeared_colours_are_brought_to_their_ends(tmp_path: Path) -> None:
    smeared = np.array([[[200, 130, 0], [127, 10, 255]]], np.uint8)
    path = save(tmp_path / "map.png", smeared)
    label_map = LabelMap(path, {(255, 255, 0): "a", (0, 0, 255): "b"}, ("a", "b"), threshold=128)
    assert label_map.read().tolist() == [[0, 1]]


def test_masks_are_those_of_the_categories_that_are_shown(tmp_path: Path) -> None:
    indices = np.where(drawn_indices(2) == 1, 2, 0).astype(np.uint8)
    path = save(tmp_path / "map.png", numbered(indices, list(NUMBERS)))
    masks = LabelMap(path, NUMBERS, NAMES).masks()
    assert list(masks) == ["road", "tree"]
    assert (masks["tree"] == (indices == 2)).all()
    assert sum(mask.sum() for mask in masks.values()) == indices.size
