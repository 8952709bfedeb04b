"""Class maps: coloured where a class is, background as it was, and numbers that come back from the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from remotesam.results import SemanticMap
from remotesam.visualize import category_colours, draw_semantic, semantic_legend, write_palette_png
from remotesam.visualize.colours import rgb
from tests.visualize.conftest import GREY, grey


def class_map(classes: np.ndarray, count: int, present: list[bool] | None = None) -> SemanticMap:
    wide = np.uint16 if count > 255 else np.uint8
    names = tuple(f"category {number}" for number in range(1, count + 1))
    there = np.ones(count, dtype=bool) if present is None else np.array(present)
    return SemanticMap(classes.astype(wide), np.zeros((count, 1, 1), np.float32), names, np.ones(count), there)


def quarters(size: int) -> np.ndarray:
    """0 1 / 2 3 in the quarters of a square."""
    half = np.arange(size) >= size // 2
    return 2 * half[:, None] + half[None]


@pytest.mark.parametrize("count", [3, 300])
@pytest.mark.parametrize("size", [2, 16, 256, 1000])
def test_all_of_a_class_changes_and_background_does_not(size: int, count: int) -> None:
    image = grey(size, size)
    classes = quarters(size)
    drawn = draw_semantic(image, class_map(classes, count), legend=False)
    assert drawn.shape == image.shape
    assert (image == GREY).all()
    np.testing.assert_array_equal((drawn != GREY).any(axis=2), classes > 0)
    if size > 16:
        colours = list(category_colours(class_map(classes, count).categories).values())
        for number in (1, 2, 3):
            row, column = (size - 1) * (number // 2), (size - 1) * (number % 2)
            np.testing.assert_allclose(drawn[row, column], 0.5 * rgb(colours[number - 1]) + 0.5 * GREY, atol=1)


def test_bands_leave_no_seams(monkeypatch: pytest.MonkeyPatch) -> None:
    from remotesam.visualize import semantic

    rng = np.random.default_rng(0)
    result = class_map(rng.integers(0, 4, (40, 40)).repeat(20, 0).repeat(20, 1), 3)
    image = rng.integers(0, 256, (800, 800, 3), dtype=np.uint8)
    whole = draw_semantic(image, result)
    monkeypatch.setattr(semantic, "_BAND", 800 * 7)
    np.testing.assert_array_equal(draw_semantic(image, result), whole)
    small, few = image[:90, :90].copy(), class_map(np.asarray(result.classes[:90, :90]), 3)
    banded = draw_semantic(small, few)
    monkeypatch.setattr(semantic, "_BAND", 10**9)
    np.testing.assert_array_equal(draw_semantic(small, few), banded)


def test_the_legend_says_how_much_of_the_image(said: list[str]) -> None:
    classes = np.zeros((100, 100), dtype=int)
    classes[:25] = 2
    classes[99, :5] = 1
    draw_semantic(grey(100, 100), class_map(classes, 4, [True, True, True, False]))
    assert said == [
        "category 2 · 25.0 %",
        "category 1 · under 0.1 %",
        "category 3 · 0.0 % (pale)",
        "category 4 · absent (pale)",
        "background · 75.0 %",
    ]


def test_a_thousand_categories_make_a_short_legend(said: list[str]) -> None:
    drawn = draw_semantic(grey(50, 50), class_map(1 + np.arange(2500).reshape(50, 50) % 1000, 1000))
    assert len(said) == 61
    assert said[-2:] == ["... and 941 more (pale)", "background · 0.0 %"]
    assert drawn.shape[0] < 1500


def test_the_legend_stands_alone() -> None:
    result = class_map(quarters(10), 3)
    assert semantic_legend(result, width=300).shape[1] == 300
    assert semantic_legend(result, width=300).shape[0] > semantic_legend(result, width=2000).shape[0] // 10
    with pytest.raises(ValueError, match="width is 10; a legend needs at least 64"):
        semantic_legend(result, width=10)


@pytest.mark.parametrize("count", [1, 3, 255])
def test_the_palette_png_holds_numbers_and_colours(tmp_path: Path, count: int) -> None:
    classes = np.arange(300).reshape(15, 20) % (count + 1)
    result = class_map(classes, count)
    write_palette_png(tmp_path / "new" / "classes.png", result, colours={"category 1": "#010203"})
    with Image.open(tmp_path / "new" / "classes.png") as picture:
        assert picture.mode == "P"
        np.testing.assert_array_equal(np.asarray(picture), classes)
        table = np.array(picture.convert("RGB"))
    colours = category_colours(result.categories, {"category 1": "#010203"})
    assert (table[classes == 0] == 0).all()
    for number, colour in enumerate(colours.values(), start=1):
        assert (table[classes == number] == rgb(colour)).all()


def test_from_256_categories_on_the_png_has_16_bits(tmp_path: Path) -> None:
    classes = np.arange(300).reshape(15, 20)
    write_palette_png(tmp_path / "classes.png", class_map(classes, 299))
    with Image.open(tmp_path / "classes.png") as picture:
        assert picture.mode == "I;16"
        np.testing.assert_array_equal(np.asarray(picture), classes)


@pytest.mark.parametrize("name", ["classes.jpg", "classes", "classes.png.txt"])
def test_class_numbers_are_only_written_without_loss(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=r"ends in \.png"):
        write_palette_png(tmp_path / name, class_map(quarters(4), 3))
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "classes.png").mkdir()
    with pytest.raises(OSError, match=r"classes\.png"):
        write_palette_png(tmp_path / "classes.png", class_map(quarters(4), 3))
    assert [path.name for path in tmp_path.iterdir()] == ["classes.png"]


def test_a_map_of_another_image_is_told() -> None:
    with pytest.raises(ValueError, match=r"the class map is \(4, 4\), the image \(8, 8\)"):
        draw_semantic(grey(8, 8), class_map(quarters(4), 3))
