"""Any folder of images with label maps beside it, and a file that says what their values mean."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from remotesam.data.sources.layout import ALL, check_split, checked_root
from remotesam.data.sources.problems import OnError, Problems, SourceError
from remotesam.data.sources.records import PixelValue, RecordSet
from remotesam.data.sources.semantic import Legend, same_names, semantic_set

UNLABELLED_NAMES = ("", "unlabelled", "unlabeled", "ignore", "void", "nodata", "no data", "no-data")
REST_NAMES = ("background", "other", "others", "clutter", "unknown")
_SPELLINGS = {"r": ("r", "red"), "g": ("g", "green"), "b": ("b", "blue"), "value": ("value", "id", "index", "label")}


def read_palette(
    root: Path,
    *,
    split: str = ALL,
    on_error: OnError = "skip",
    palette: Path | str | Mapping[str, Any] = "palette.json",
    images: str = "images",
    maps: str = "masks",
    image_end: str = "",
    map_end: str = "",
    licence: str = "not stated",
    check_maps: bool = False,
) -> RecordSet:
    """Reads images with label maps of one's own.

    Args:
        root: The folder.
        split: Name of a folder below both ``images`` and ``maps``; "all" where the files lie in them directly.
        on_error: What to do with faulty items.
        palette: What the values mean: a mapping, or a JSON or CSV file, absolute or below ``root``; see
            :func:`read_legend`.
        images: Folder of the images below ``root``.
        maps: Folder of the maps.
        image_end: What image names end with before the extension, such as "_sat".
        map_end: What map names end with, such as "_mask".
        licence: Its terms of use, in words.
        check_maps: Decode every label map now.

    Returns:
        A record an image, with its label map.

    Raises:
        SourceError: A folder, the split or the palette is not there or cannot be read, or an item is faulty and
            ``on_error`` is "raise".
    """
    root = checked_root(root, "images with label maps")
    folders = [
        checked_root(root / folder, f"the {what}") for folder, what in ((images, "images"), (maps, "label maps"))
    ]
    splits = sorted(f.name for f in folders[0].iterdir() if f.is_dir() and (folders[1] / f.name).is_dir())
    check_split(split, splits or [ALL], root)
    if splits:
        folders = [folder / split for folder in folders]
    legend = read_legend(palette if isinstance(palette, Mapping) else root / palette)
    problems = Problems(on_error)
    pairs = same_names(folders[0], folders[1], problems, image_end=image_end, map_end=map_end)
    return semantic_set(
        pairs, legend, name=root.name, split=split, licence=licence, problems=problems, check_maps=check_maps
    )


def read_legend(palette: Path | Mapping[str, Any]) -> Legend:
    """Reads what the values of label maps mean.

    JSON is an object of names with a number or [red, green, blue] each, or a list of those where several values mean
    the same. CSV has a first line ``name,value`` or ``name,r,g,b`` and a line a value. Names such as "unlabelled",
    "ignore" and "void" mark values that say nothing; "background", "other", "clutter" and "unknown" are categories
    that nobody asks for.

    Args:
        palette: The file, or what such a JSON file would hold.

    Returns:
        The legend, its categories in the order of the file.

    Raises:
        SourceError: The file is missing, no JSON or CSV, or has another form; it names the entry.

    Example:
        >>> read_legend({"background": 0, "road": 255}).values
        {0: 'background', 255: 'road'}
    """
    if isinstance(palette, Mapping):
        return _legend([(name, value) for name, values in palette.items() for value in _as_list(values)], "the palette")
    try:
        text = palette.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{palette}: the palette cannot be read ({error}); give a JSON or CSV file") from error
    if palette.suffix.lower() == ".csv":
        return _legend(_csv_entries(text, palette), str(palette))
    try:
        document = json.loads(text)
    except ValueError as error:
        raise SourceError(f"{palette}: is no JSON ({error})") from error
    if not isinstance(document, dict):
        raise SourceError(f'{palette}: has the form {str(document)[:40]!r}; give an object such as {{"road": 255}}')
    return _legend([(name, value) for name, values in document.items() for value in _as_list(values)], str(palette))


def _as_list(value: Any) -> list[Any]:
    """The values of one name: [1, 2, 3] is a colour, [[1, 2, 3], 7] and [1, 2] are several values."""
    return value if isinstance(value, list) and not _is_colour(value) else [value]


def _is_colour(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == 3 and all(isinstance(part, int) for part in value)


def _csv_entries(text: str, path: Path) -> list[tuple[str, Any]]:
    reader = csv.DictReader(text.splitlines(), skipinitialspace=True)
    columns = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
    found = {key: next((columns[name] for name in names if name in columns), None) for key, names in _SPELLINGS.items()}
    colours = all(found[key] for key in "rgb")
    if "name" not in columns or not (colours or found["value"]):
        raise SourceError(f"{path}: the first line is {reader.fieldnames}; it takes name,value or name,r,g,b")
    entries: list[tuple[str, Any]] = []
    for number, row in enumerate(reader, 2):
        try:
            keys = "rgb" if colours else ("value",)
            values = [int(row[found[key] or ""]) for key in keys]
        except (TypeError, ValueError) as error:
            raise SourceError(f"{path}, line {number}: has no whole number where one is due ({error})") from error
        entries.append((row[columns["name"]] or "", values if colours else values[0]))
    return entries


def _legend(entries: list[tuple[str, Any]], where: str) -> Legend:
    values: dict[PixelValue, str] = {}
    unlabelled: list[PixelValue] = []
    for name, entry in entries:
        value = tuple(entry) if _is_colour(entry) else entry
        if not isinstance(value, tuple) and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
            raise SourceError(f"{where}: {name!r} has the value {entry!r}; give a whole number or [red, green, blue]")
        if isinstance(value, tuple) and not all(0 <= part <= 255 for part in value):
            raise SourceError(f"{where}: {name!r} has the colour {entry!r}; red, green and blue lie between 0 and 255")
        if value in values or value in unlabelled:
            raise SourceError(f"{where}: the value {entry!r} appears twice, the second time for {name!r}")
        if name.strip().lower() in UNLABELLED_NAMES:
            unlabelled.append(value)
        else:
            values[value] = name.strip()
    if not values:
        raise SourceError(f"{where}: names no category")
    categories = tuple(dict.fromkeys(values.values()))
    rest = tuple(name for name in categories if name.lower() in REST_NAMES)
    return Legend(values=values, categories=categories, rest=rest, unlabelled=tuple(unlabelled))
