"""What the readers of label maps share: pairs of an image and its map become records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from remotesam.data.sources.headers import checked_size
from remotesam.data.sources.label_pixels import describe_unknown
from remotesam.data.sources.layout import ALL, check_split, image_files
from remotesam.data.sources.problems import Problems, SourceError
from remotesam.data.sources.progress import told
from remotesam.data.sources.records import LabelMap, PixelValue, Record, RecordSet


@dataclass(frozen=True)
class Legend:
    """What the values of a data set's label maps mean.

    Attributes:
        values: As in :class:`~remotesam.data.sources.records.LabelMap`.
        categories: All of them, in the data set's order.
        rest: Those that stand for whatever is left, such as "background": nobody asks for them, and that there is none
            of them means nothing.
        unlabelled: As in LabelMap.
        threshold: As in LabelMap.
    """

    values: Mapping[PixelValue, str]
    categories: tuple[str, ...]
    rest: tuple[str, ...] = ()
    unlabelled: tuple[PixelValue, ...] = ()
    threshold: int | None = None

    @property
    def exhaustive(self) -> tuple[str, ...]:
        """The categories of which a map leaves nothing out."""
        return tuple(name for name in self.categories if name not in self.rest)

    def label_map(self, path: Path) -> LabelMap:
        """The label map of one file."""
        return LabelMap(path, self.values, self.categories, self.unlabelled, self.threshold)


def semantic_set(
    pairs: Iterable[tuple[str, Path, Path]],
    legend: Legend,
    *,
    name: str,
    split: str,
    licence: str,
    problems: Problems,
    check_maps: bool,
) -> RecordSet:
    """Makes records of images and their label maps.

    Args:
        pairs: Id, image and map of each, in order.
        legend: What the values of the maps mean.
        name: The data set.
        split: Its split.
        licence: Its terms.
        problems: Takes what is wrong: missing files, files that cannot be read, maps of another size than their image.
        check_maps: Decode every map now, and note damaged ones (left out) and undocumented values (kept).

    Raises:
        SourceError: Something is wrong and ``problems`` stops at the first.
    """
    records = [
        Record(identifier, image, size, label_map=legend.label_map(path), exhaustive=legend.exhaustive)
        for identifier, image, path in pairs
        if (size := _sizes_agree(identifier, image, path, problems)) is not None
    ]
    if check_maps:
        checking = told(records, f"checking the label maps of {name}")
        records = [record for record in checking if _map_is_sound(record, problems)]
    return RecordSet(records, name=name, split=split, licence=licence, categories=legend.categories, problems=problems)


def same_names(
    images: Path,
    maps: Path,
    problems: Problems,
    *,
    image_end: str = "",
    map_end: str = "",
    leave_out: str = "",
) -> list[tuple[str, Path, Path]]:
    """Pairs the images of a folder with the maps of another by their names without extension.

    Args:
        images: Folder of the images.
        maps: Folder of the maps; may be the same.
        problems: Takes maps without an image and images without a map.
        image_end: What the names of images end with before the extension; others are no images of the set.
        map_end: The same for maps.
        leave_out: Files whose names end so are neither.

    Returns:
        Name, image and map of each, in the order of the names.

    Raises:
        SourceError: A partner is missing and ``problems`` stops at the first.
    """

    def stems(folder: Path, end: str, others: tuple[str, ...]) -> dict[str, Path]:
        stopped = tuple(filter(None, (*others, leave_out)))
        files = [path for path in image_files(folder) if path.stem.endswith(end) and not path.stem.endswith(stopped)]
        return {path.stem[: len(path.stem) - len(end)]: path for path in files}

    pictures = stems(images, image_end, (map_end,) if images == maps else ())
    labels = stems(maps, map_end, (image_end,) if images == maps else ())
    for stem in sorted(labels.keys() - pictures.keys()):
        problems.add(labels[stem], stem, f"there is no image {stem}{image_end}.* in {images}", "missing")
    for stem in sorted(pictures.keys() - labels.keys()):
        problems.add(pictures[stem], stem, f"there is no label map {stem}{map_end}.* in {maps}", "missing")
    return [(stem, pictures[stem], labels[stem]) for stem in sorted(pictures.keys() & labels.keys())]


def mmseg_folders(root: Path, split: str) -> tuple[Path, Path] | None:
    """The folders of images and maps in the layout that mmsegmentation converts data sets to.

    That is ``img_dir/<split>`` and ``ann_dir/<split>`` below ``root``, or both without splits.

    Returns:
        Folder of the images and folder of the maps, None where the set is not laid out so.

    Raises:
        SourceError: It is, and there is no such split.
    """
    images, maps = root / "img_dir", root / "ann_dir"
    if not (images.is_dir() and maps.is_dir()):
        return None
    splits = sorted(folder.name for folder in images.iterdir() if folder.is_dir() and (maps / folder.name).is_dir())
    check_split(split, splits or [ALL], root)
    return (images / split, maps / split) if splits else (images, maps)


def _sizes_agree(identifier: str, image: Path, path: Path, problems: Problems) -> tuple[int, int] | None:
    size = checked_size(image, problems, item=identifier)
    map_size = checked_size(path, problems, item=identifier) if size else None
    if size is None or map_size is None:
        return None
    if size != map_size:
        message = f"has {map_size[1]} x {map_size[0]} pixels, its image {image} has {size[1]} x {size[0]}"
        problems.add(path, identifier, message, "size")
        return None
    return size


def _map_is_sound(record: Record, problems: Problems) -> bool:
    assert record.label_map is not None
    try:
        indices, unknown = record.label_map.decode()
    except SourceError as error:
        problems.add(record.label_map.path, record.id, str(error).split(": ", 1)[-1], "unreadable")
        return False
    if unknown:
        problems.add(record.label_map.path, record.id, describe_unknown(unknown, indices.size), "category")
    return True
