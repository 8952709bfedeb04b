"""Scenes from a COCO instance file and its folder of images."""

import json
import logging
from collections import defaultdict
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image, UnidentifiedImageError

from remotesam.data.scene import Instance, Scene
from remotesam.data.segmentation import read_segmentation
from remotesam.data.vocabulary import canonical

logger = logging.getLogger(__name__)


class SceneError(ValueError):
    """A scene cannot be read. ``skip`` says that the reader was told to log this and go on with other scenes."""

    def __init__(self, message: str, *, skip: bool = False) -> None:
        super().__init__(message)
        self.skip = skip


class CocoScenes:
    """Scenes of a COCO instance file: polygons, and run lengths compressed or not.

    Category names are brought to the vocabulary where it knows them. All categories of the file count as annotated
    exhaustively, except in images where an annotation marks a crowd or had to be skipped. As in COCO, EXIF is ignored.

    Args:
        annotation_file: The JSON file.
        image_folder: Folder that the file's ``file_name`` fields are relative to.
        on_error: ``"raise"`` stops at the first fault with a :class:`SceneError` naming the file and what was found.
            ``"skip"`` logs it and leaves out the annotation (and its category in that image) or the image; an image
            that turns out unreadable later raises a :class:`SceneError` with ``skip`` set. A file that is no COCO file
            always raises.
        cache: Decode every image now and keep it in memory, where forked data workers share it (3 bytes a pixel).

    Example:
        >>> scenes = CocoScenes(annotation_file="instances.json", image_folder="images")  # doctest: +SKIP
        >>> scenes.scene(0).annotated  # doctest: +SKIP
        ('airplane', 'ship')
    """

    def __init__(
        self,
        *,
        annotation_file: str | Path,
        image_folder: str | Path,
        on_error: Literal["raise", "skip"] = "raise",
        cache: bool = False,
    ) -> None:
        if on_error not in ("raise", "skip"):
            raise ValueError(f'on_error must be "raise" or "skip", got {on_error!r}')
        self.annotation_file = Path(annotation_file)
        self.image_folder = Path(image_folder)
        self.on_error = on_error
        document = _load(self.annotation_file)
        self._categories = self._read_categories(document["categories"])
        self.annotated = tuple(dict.fromkeys(self._categories.values()))
        self._records = self._read_images(document["images"])
        self._unusable: dict[Any, set[str]] = defaultdict(set)
        self._instances: dict[Any, list[Instance]] = defaultdict(list)
        self._read_annotations(document["annotations"])
        self._decoded: dict[int, np.ndarray] = {}
        if not self._records:
            raise SceneError(f"{self.annotation_file}: no usable image; `images` must list at least one")
        if cache:
            self._fill_cache()

    def __len__(self) -> int:
        """Number of images."""
        return len(self._records)

    def scene(self, index: int, seed: int = 0) -> Scene:
        """Return the scene of image ``index`` in the order of the file; ``seed`` changes nothing.

        Raises:
            SceneError: The image is missing, unreadable or of another size than the file says.
        """
        record = self._records[index]
        unusable = self._unusable.get(record["id"], set())
        image = self._decoded.get(index)
        return Scene(
            image=self._decode(record) if image is None else image,
            instances=tuple(i for i in self._instances.get(record["id"], ()) if i.category not in unusable),
            annotated=tuple(name for name in self.annotated if name not in unusable),
            name=str(record["file_name"]),
        )

    def _fault(self, message: str) -> None:
        if self.on_error == "raise":
            raise SceneError(f"{message}; fix it, or leave such entries out with on_error='skip'")
        logger.warning("skipped: %s", message)

    def _fill_cache(self) -> None:
        for index, record in enumerate(self._records):
            try:
                self._decoded[index] = self._decode(record)
            except SceneError as error:
                if not error.skip:
                    raise
                logger.warning("skipped: %s", error)
        self._records = [record for index, record in enumerate(self._records) if index in self._decoded]
        self._decoded = dict(enumerate(self._decoded.values()))
        if not self._records:
            raise SceneError(f"{self.annotation_file}: no image in {self.image_folder} could be read")

    def _decode(self, record: dict[str, Any]) -> np.ndarray:
        path = self.image_folder / record["file_name"]
        try:
            image = _read_pixels(path)
        except (OSError, ValueError, UnidentifiedImageError, Image.DecompressionBombError) as error:
            raise SceneError(f"{path}: the image cannot be read ({error})", skip=self.on_error == "skip") from error
        expected = (record.get("height", image.shape[0]), record.get("width", image.shape[1]))
        if image.shape[:2] != expected:
            raise SceneError(
                f"{path}: the image is {image.shape[1]} x {image.shape[0]} pixels, {self.annotation_file} says "
                f"{expected[1]} x {expected[0]}",
                skip=self.on_error == "skip",
            )
        return image

    def _read_categories(self, entries: list[dict[str, Any]]) -> dict[Any, str]:
        categories: dict[Any, str] = {}
        for entry in entries:
            if not isinstance(entry, dict) or "id" not in entry or not str(entry.get("name", "")).strip():
                self._fault(f"{self.annotation_file}: category {entry!r} lacks an id or a name")
            elif entry["id"] in categories:
                self._fault(f"{self.annotation_file}: category id {entry['id']} appears twice")
            else:
                categories[entry["id"]] = canonical(str(entry["name"]))
        return categories

    def _read_images(self, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        records: dict[Any, dict[str, Any]] = {}
        for entry in entries:
            if not isinstance(entry, dict) or "id" not in entry or "file_name" not in entry:
                self._fault(f"{self.annotation_file}: image {entry!r} lacks an id or a file_name")
            elif entry["id"] in records:
                self._fault(f"{self.annotation_file}: image id {entry['id']} appears twice")
            elif not (self.image_folder / entry["file_name"]).is_file():
                self._fault(f"{self.image_folder / entry['file_name']}: the image of id {entry['id']} is missing")
            else:
                records[entry["id"]] = entry
        return list(records.values())

    def _read_annotations(self, entries: list[dict[str, Any]]) -> None:
        sizes = {record["id"]: (record.get("height"), record.get("width")) for record in self._records}
        seen: set[Any] = set()
        for entry in entries:
            if not isinstance(entry, dict) or not {"image_id", "category_id"} <= entry.keys():
                self._fault(f"{self.annotation_file}: annotation {str(entry)[:80]} lacks an image_id or a category_id")
                continue
            image_id, category = entry["image_id"], self._categories.get(entry["category_id"])
            where = f"{self.annotation_file}: annotation {entry.get('id')} of image {image_id}"
            if category is None:
                self._fault(f"{where} has the unknown category id {entry['category_id']}")
                continue
            if image_id not in sizes:
                if self.on_error == "raise":
                    self._fault(f"{where} belongs to no image of the file")
                continue
            try:
                if entry.get("id") is not None and entry["id"] in seen:
                    raise ValueError("repeats the id of another annotation")
                seen.add(entry.get("id"))
                if entry.get("iscrowd"):
                    self._unusable[image_id].add(category)
                    continue
                polygons, holes = read_segmentation(entry.get("segmentation"), *sizes[image_id])
                self._instances[image_id].append(Instance(category, polygons, holes))
            except ValueError as error:
                self._unusable[image_id].add(category)
                self._fault(f"{where} {error}")


def _load(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SceneError(f"{path}: the annotation file cannot be read ({error.strerror})") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise SceneError(f"{path}: no valid JSON, perhaps truncated ({error}); copy or download it again") from error
    if not isinstance(document, dict):
        raise SceneError(f"{path}: holds a {type(document).__name__}, a COCO instance file holds an object")
    for field in ("images", "annotations", "categories"):
        if not isinstance(document.get(field), list):
            raise SceneError(f"{path}: lacks the list `{field}` of a COCO instance file; it has {', '.join(document)}")
    return document


def _read_pixels(path: Path) -> np.ndarray:
    with Image.open(path) as opened:
        opened.load()
        if opened.mode in ("RGB", "L", "P", "1", "LA", "RGBA", "CMYK", "YCbCr"):
            return np.asarray(opened.convert("RGB"))
        pixels = np.asarray(opened)
    from remotesam.images import read_image  # only rare files need it, and it is heavier than this module

    return read_image(pixels)
