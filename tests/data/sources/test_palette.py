"""Label maps of one's own with a palette file."""

import json
from pathlib import Path
from typing import Any

import pytest

from remotesam.data.sources import SourceError, open_source
from remotesam.data.sources.palette import read_legend
from tests.data_factories.semantic import palette_set

NUMBERS = {"background": 0, "road": 255, "water": 7}
COLOURS = {"building": (255, 0, 0), "tree": (0, 255, 0)}
CSV_NUMBERS = "name,value\nbackground,0\nroad,255\nwater,7\n"
CSV_COLOURS = "name, r, g, b\nbuilding, 255, 0, 0\ntree, 0, 255, 0\n"


@pytest.mark.parametrize(
    ("drawn", "file", "text"),
    [
        (NUMBERS, "palette.json", json.dumps(NUMBERS)),
        (COLOURS, "palette.json", json.dumps(COLOURS)),
        (NUMBERS, "classes.csv", CSV_NUMBERS),
        (COLOURS, "classes.csv", CSV_COLOURS),
        (NUMBERS, "classes.csv", CSV_NUMBERS.replace("name,value", "\ufeffName,ID")),
        (COLOURS, "classes.csv", CSV_COLOURS.replace("r, g, b", "red, green, blue")),
    ],
)
def test_maps_are_those_drawn(tmp_path: Path, drawn: Any, file: str, text: str) -> None:
    indices = palette_set(drawn)(tmp_path)
    (tmp_path / file).write_text(text)
    for palette in (file, tmp_path / file, drawn):
        records = open_source("palette", tmp_path, palette=palette, on_error="raise", check_maps=True)
        assert records.categories == tuple(drawn)
        assert "background" not in records[0].exhaustive
        assert records[0].label_map is not None
        assert (records[0].label_map.read() == indices["a"]).all()


def test_several_values_of_one_name_and_unlabelled_ones() -> None:
    legend = read_legend({"road": [1, 2], "car": [[1, 2, 3], [4, 5, 6], 9], "unlabelled": 0, "Ignore": [255, 254]})
    assert legend.values == {1: "road", 2: "road", (1, 2, 3): "car", (4, 5, 6): "car", 9: "car"}
    assert legend.unlabelled == (0, 255, 254)


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("a.json", None, "cannot be read"),
        ("a.json", "{", "no JSON"),
        ("a.json", "[1]", "give an object"),
        ("a.json", "{}", "names no category"),
        ("a.json", '{"road": "red"}', "'road' has the value 'red'"),
        ("a.json", '{"road": true}', "whole number"),
        ("a.json", '{"road": -1}', "whole number"),
        ("a.json", '{"road": 1.5}', "whole number"),
        ("a.json", '{"road": [1, 2, 300]}', "between 0 and 255"),
        ("a.json", '{"road": 1, "car": 1}', "appears twice"),
        ("a.json", '{"ignore": 1}', "names no category"),
        ("a.csv", "", "it takes name,value or name,r,g,b"),
        ("a.csv", "road,1\n", "it takes name,value or name,r,g,b"),
        ("a.csv", "name,value\nroad,one\n", "line 2: has no whole number"),
        ("a.csv", "name,r,g,b\nroad,1,2\n", "line 2: has no whole number"),
    ],
)
def test_bad_palettes_name_the_file_and_the_entry(tmp_path: Path, file: str, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / file).write_text(text)
    with pytest.raises(SourceError, match=message) as caught:
        read_legend(tmp_path / file)
    assert file in str(caught.value)


def test_splits_are_folders_of_both(tmp_path: Path) -> None:
    palette_set(NUMBERS)(tmp_path)
    with pytest.raises(SourceError, match="there are 'all'"):
        open_source("palette", tmp_path, split="train", palette=NUMBERS)
    for kind in ("images", "masks"):
        (file,) = (tmp_path / kind).iterdir()
        (tmp_path / kind / "train").mkdir()
        file.rename(tmp_path / kind / "train" / file.name)
    assert len(open_source("palette", tmp_path, split="train", palette=NUMBERS)) == 1
    with pytest.raises(SourceError, match="there are 'train'"):
        open_source("palette", tmp_path, palette=NUMBERS)


@pytest.mark.parametrize("missing", ["images", "masks"])
def test_missing_folder_is_fatal(tmp_path: Path, missing: str) -> None:
    palette_set(NUMBERS)(tmp_path)
    (tmp_path / missing).rename(tmp_path / "elsewhere")
    with pytest.raises(SourceError, match=missing):
        open_source("palette", tmp_path, palette=NUMBERS)
