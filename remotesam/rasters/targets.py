"""What a run is to write, settled before any work."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from remotesam.rasters.errors import RasterError
from remotesam.rasters.maps import MAP_KINDS
from remotesam.rasters.vectors import DRIVERS

RASTER_SUFFIXES = frozenset((".tif", ".tiff", ".vrt", ".jp2", ".img", ".png", ".jpg", ".jpeg", ".webp", ".nc", ".hdf"))
_MAP_ENDINGS = {f".{kind}.tif": kind for kind in MAP_KINDS}
_IN_FOLDER = ".gpkg"


@dataclass(frozen=True)
class Target:
    """One file to write.

    Attributes:
        path: The file.
        kind: "vector", "preview", or one of ``MAP_KINDS``.
    """

    path: Path
    kind: str


@dataclass(frozen=True)
class Item:
    """One raster and the files about it alone.

    Attributes:
        path: A file, VRT or URL.
        name: What the column ``source`` says: the file's name, or its path from the folder that was given.
        targets: What is written about it.
    """

    path: str
    name: str
    targets: tuple[Target, ...]


@dataclass(frozen=True)
class Targets:
    """All that a run reads and writes.

    Attributes:
        items: The rasters.
        gathered: Vector files about all of them.
        work: Where what is kept between runs goes by default.
    """

    items: tuple[Item, ...]
    gathered: tuple[Target, ...]
    work: Path

    @property
    def all(self) -> list[Target]:
        """Every file that will be written."""
        return [target for item in self.items for target in item.targets] + list(self.gathered)


def settle(
    inputs: Sequence[str], outputs: Sequence[str], *, preview: str | None = None, recursive: bool = False
) -> Targets:
    """Settles which rasters are read and which files are written.

    Args:
        inputs: Rasters or URLs, or one folder, whose rasters are all read.
        outputs: Files by extension: .gpkg .geojson .parquet .fgb .shp hold the objects of all rasters;
            ``X.classes.tif``, ``X.probability.tif`` and ``X.instances.tif`` a map; ``X.tif`` all three of a single
            raster, the class map as ``X.tif``. A folder gets a .gpkg for each raster.
        preview: A page to look at the answer about a single raster; ``.html``.
        recursive: Whether to look into the folder's folders.

    Returns:
        What to do.

    Raises:
        RasterError: There is no raster or no output, an extension is unknown, a file would overwrite what is read, or a
            map is wanted of several rasters in one file.
    """
    if not outputs:
        raise RasterError("no output is given; name one, such as out.gpkg")
    rasters = _rasters(inputs, recursive=recursive, apart_from=outputs)
    folders = [output for output in outputs if _names_folder(output)]
    own: list[tuple[Target, ...]] = [() for _ in rasters]
    gathered = []
    for output in outputs:
        if output in folders:
            stems = _stems([name for _, name in rasters])
            for index, stem in enumerate(stems):
                own[index] += (Target(Path(output) / f"{stem}{_IN_FOLDER}", "vector"),)
            continue
        targets = _targets(output)
        if targets[0].kind == "vector":
            gathered += targets
        elif len(rasters) > 1:
            raise RasterError(f"{output}: a map is about one raster, and there are {len(rasters)}; give a folder")
        else:
            own[0] += tuple(targets)
    if preview is not None:
        if len(rasters) > 1:
            raise RasterError(f"{preview}: a preview is about one raster, and there are {len(rasters)}")
        if Path(preview).suffix.lower() not in (".html", ".htm"):
            raise RasterError(f"{preview}: the preview is a page; give a name that ends with .html")
        own[0] += (Target(Path(preview), "preview"),)
    first = Path(outputs[0].rstrip("/\\"))
    work = first / ".work" if outputs[0] in folders else first.with_name(first.name + ".work")
    items = tuple(Item(path, name, targets) for (path, name), targets in zip(rasters, own, strict=True))
    settled = Targets(items, tuple(gathered), work)
    _check(settled, rasters)
    return settled


def _check(settled: Targets, rasters: Sequence[tuple[str, str]]) -> None:
    read = {os.path.realpath(path) for path, _ in rasters}
    seen: set[str] = set()
    for target in settled.all:
        place = os.path.realpath(target.path)
        if place in read:
            raise RasterError(f"{target.path}: is what is read; choose another name for the output")
        if place in seen:
            raise RasterError(f"{target.path}: would be written twice; give each output once")
        seen.add(place)


def _rasters(inputs: Sequence[str], *, recursive: bool, apart_from: Sequence[str]) -> list[tuple[str, str]]:
    """Path and name of each raster."""
    found: list[tuple[str, str]] = []
    written = [os.path.realpath(output) for output in apart_from]
    for given in inputs:
        if not os.path.isdir(given):
            found.append((given, given.rstrip("/").rpartition("/")[2] or given))
            continue
        folder = Path(given)
        paths = [
            path
            for path in sorted(folder.rglob("*") if recursive else folder.iterdir())
            if path.suffix.lower() in RASTER_SUFFIXES
            and path.is_file()
            and not path.name.startswith(".")
            and not any(
                os.path.realpath(path) == one or os.path.realpath(path).startswith(one + os.sep) for one in written
            )
        ]
        if not paths:
            hint = "" if recursive else ", or add --recursive"
            raise RasterError(f"{folder}: no rasters in this folder ({', '.join(sorted(RASTER_SUFFIXES))}){hint}")
        found += [(str(path), path.relative_to(folder).as_posix()) for path in paths]
    if not found:
        raise RasterError("no raster is given")
    return found


def _stems(names: Sequence[str]) -> list[str]:
    stems = [str(Path(name).with_suffix("")) for name in names]
    return [stem if stems.count(stem) == 1 else name for stem, name in zip(stems, names, strict=True)]


def _names_folder(output: str) -> bool:
    return output.endswith(("/", "\\")) or Path(output).is_dir() or not Path(output).suffix


def _targets(output: str) -> list[Target]:
    path = Path(output)
    name = path.name.lower()
    for ending, kind in _MAP_ENDINGS.items():
        if name.endswith(ending):
            return [Target(path, kind)]
    if path.suffix.lower() in (".tif", ".tiff"):
        others = [Target(path.with_name(f"{path.stem}.{kind}{path.suffix}"), kind) for kind in MAP_KINDS[1:]]
        return [Target(path, "classes"), *others]
    if path.suffix.lower() in DRIVERS:
        return [Target(path, "vector")]
    raise RasterError(f"{output}: no such output; use {', '.join(DRIVERS)}, .tif, or a folder")
