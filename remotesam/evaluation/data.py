"""The data sets that can be evaluated on, opened by name, by COCO file or by the folder of a triplet set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from remotesam.data.naming import name_of
from remotesam.data.sources.coco import load_coco, read_coco
from remotesam.data.sources.coco_layout import locate
from remotesam.data.sources.fifths import take_fifths
from remotesam.data.sources.problems import OnError, SourceError
from remotesam.data.sources.records import Annotation, Record, RecordSet
from remotesam.data.sources.registry import SOURCES, open_source
from remotesam.data.sources.stored_masks import MaskFile, StoredAnnotation
from remotesam.data.triplet_set.manifest import MANIFEST
from remotesam.data.triplet_set.reader import TripletSet
from remotesam.evaluation.provenance import sha256_of_parts

TRIPLETS = "triplet-set"


@dataclass(frozen=True, eq=False)
class EvaluationData:
    """One split of one data set.

    Attributes:
        key: Its name in ``remotesam.data.sources.SOURCES``, or "triplet-set".
        name: Its name.
        split: Such as "val".
        root: Where its files are.
        records: Its records; None for a triplet set.
        triplets: Its triplets; None for anything else.
        category_ids: Id -> category, in the data set's spelling, as COCO results files number them: the ids of the COCO
            file, else numbers from 1 in the order of the categories.
    """

    key: str
    name: str
    split: str
    root: Path
    records: RecordSet | None = None
    triplets: TripletSet | None = None
    category_ids: Mapping[int | str, str] | None = None

    @cached_property
    def names(self) -> dict[str, str]:
        """Category in the data set's spelling -> as the model is asked.

        That is the vocabulary's name for it, but where two categories of the set would become one, their own spelling.
        """
        spellings = () if self.records is None else self.records.categories
        found = {spelling: name_of(spelling, dataset=self.key) or _plain(spelling) for spelling in spellings}
        asked = list(found.values())
        return {spelling: name if asked.count(name) == 1 else _plain(spelling) for spelling, name in found.items()}

    @cached_property
    def sha256(self) -> str:
        """Checksum of what is known about each image, with the names and sizes of the files, not of their pixels.

        Of a triplet set, of the checksums of its shards.
        """
        if self.triplets is not None:
            manifest = self.triplets.manifest
            rows = self.triplets.numbers().tobytes()
            return sha256_of_parts([*(shard.sha256.encode() for shard in manifest.shards), rows])
        assert self.records is not None
        return sha256_of_parts(part for record in self.records for part in _parts_of(record))

    @property
    def problems(self) -> list[str]:
        """What the reader found wrong and left out."""
        return [] if self.records is None else [str(problem) for problem in self.records.problems]

    def describe(self) -> dict[str, Any]:
        """What identifies it, fit for JSON."""
        images = len(self.records) if self.records is not None else None
        return {
            "key": self.key,
            "name": self.name,
            "split": self.split,
            "root": str(self.root),
            "images": images,
            "sha256": self.sha256,
            "problems": len(self.problems),
        }


def open_data(
    data: str,
    *,
    root: str | Path | None = None,
    split: str | None = None,
    images: str | Path | None = None,
    on_error: OnError = "raise",
    options: Mapping[str, Any] | None = None,
) -> EvaluationData:
    """Opens the data to evaluate on.

    Args:
        data: A name of ``remotesam.data.sources.SOURCES``, a COCO instance file, or the folder of a triplet set.
        root: The folder of a data set by name.
        split: Its split; of a COCO file only a name (by default the file's); of a triplet set the rows to take (by
            default all).
        images: The folder of the images of a COCO file, or of a triplet set that refers to them.
        on_error: "raise" stops at the first fault in the files, because a figure of a part of a data set is not the
            figure of the data set; "skip" goes on without it and the summary counts what was left out.
        options: Further options of the reader, or ``every_fifth`` as in ``open_source``.

    Raises:
        SourceError: There is no such data set or split, or its files cannot be read.
        TripletSetError: The triplet set cannot be opened.
    """
    path = Path(data).expanduser()
    told = dict(options or {})
    if path.is_dir() and (path / MANIFEST).is_file():
        return _open_triplets(path, split=split, images=images, options=told)
    every_fifth = told.pop("every_fifth", None)
    if every_fifth is not None:
        whole = open_data(data, root=root, split=split, images=images, on_error=on_error, options=told)
        assert whole.records is not None
        part = take_fifths(whole.records, every_fifth)
        return replace(whole, split=part.split, records=part)
    if path.suffix.lower() == ".json":
        return _open_coco_file(path, split=split, images=images, on_error=on_error, options=told)
    key = data.strip().lower().replace("_", "-").replace(" ", "-")
    if key not in SOURCES:
        if path.exists():
            raise SourceError(
                f"{data}: is no triplet set ({MANIFEST} is missing) and no COCO file; for a data set give its name and "
                f"the folder, such as --data nwpu-vhr-10 --root {data}; names are {', '.join(sorted(SOURCES))}"
            )
        known = ", ".join(sorted(SOURCES))
        raise SourceError(f"unknown data {data!r}; give a COCO file, the folder of a triplet set, or one of {known}")
    if root is None:
        raise SourceError(f"data set {data!r} needs its folder: --root FOLDER")
    if split is not None:
        told["split"] = split
    if images is not None:
        raise SourceError(f"--images goes with a COCO file or a triplet set; {data!r} finds its images below --root")
    try:
        records = open_source(key, root, on_error=on_error, **told)
    except TypeError as error:
        raise SourceError(f"the data set {key!r} does not take the options {sorted(told)} ({error})") from error
    ids: dict[int | str, str] = dict(enumerate(records.categories, start=1))
    if key == "coco":
        ids = _coco_ids(locate(Path(root), split=records.split, annotation_file=told.get("annotation_file"))[0])
    return EvaluationData(key, records.name, records.split, Path(root), records=records, category_ids=ids)


def _open_coco_file(
    path: Path, *, split: str | None, images: str | Path | None, on_error: OnError, options: dict[str, Any]
) -> EvaluationData:
    if not path.is_file():
        raise SourceError(f"{path}: no such file; check the path")
    file = path.absolute()
    folder = None if images is None else Path(images).expanduser().absolute()
    try:
        records = read_coco(
            file.parent,
            split=split or file.stem.removeprefix("instances_"),
            on_error=on_error,
            annotation_file=file,
            image_folder=folder,
            name=str(options.pop("name", file.stem)),
            **options,
        )
    except TypeError as error:
        raise SourceError(f"a COCO file does not take the options {sorted(options)} ({error})") from error
    return EvaluationData("coco", records.name, records.split, path, records=records, category_ids=_coco_ids(file))


def _open_triplets(
    path: Path, *, split: str | None, images: str | Path | None, options: dict[str, Any]
) -> EvaluationData:
    triplets = TripletSet(path, image_root=images)
    wanted = {name: value for name, value in {"split": split, **options}.items() if value is not None}
    if wanted:
        try:
            triplets = triplets.filter(**wanted)
        except ValueError as error:
            raise SourceError(str(error)) from error
    name = str(triplets.manifest.name)
    return EvaluationData(TRIPLETS, name, split or "all", path, triplets=triplets)


def _coco_ids(file: Path) -> dict[int | str, str]:
    return {entry["id"]: str(entry["name"]) for entry in load_coco(file)["categories"]}


def _plain(spelling: str) -> str:
    return " ".join(spelling.replace("_", " ").replace("-", " ").lower().split())


def _parts_of(record: Record) -> Iterator[bytes]:
    files = [record.image] if record.label_map is None else [record.image, record.label_map.path]
    sizes = [(path.name, path.stat().st_size if path.exists() else -1) for path in files]
    told = (record.id, record.size, record.labels, record.captions, record.exhaustive, record.window, sizes)
    yield repr(told).encode()
    for expression in record.expressions:
        yield repr((expression.text, expression.targets)).encode()
    for annotation in record.annotations:
        yield from _parts_of_annotation(annotation)


def _parts_of_annotation(annotation: Annotation) -> Iterator[bytes]:
    box = None if annotation.box is None else tuple(float(edge) for edge in annotation.box)
    told = (annotation.id, annotation.category, box, annotation.crowd, annotation.difficult)
    yield repr(told).encode()
    if annotation.corners is not None:
        yield annotation.corners.astype("<f4").tobytes()
    if isinstance(annotation, StoredAnnotation) and annotation.stored is not None:
        # Outlines of stored masks are found only when they are asked for.
        stored = annotation.stored
        yield repr((stored.path.name, stored.path.stat().st_size) if isinstance(stored, MaskFile) else stored).encode()
        return
    for outline in (*annotation.polygons, *annotation.holes):
        yield outline.astype("<f4").tobytes()
