"""Scenes from a COCO instance file and its folder of images."""

import json
import logging
import math
from collections import defaultdict
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError
from pycocotools import mask as coco_mask

from remotesam.data.scene import Instance, Scene, encode_polygons
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
            ``"skip"`` logs it and leaves out the annotation (and its category in that image) or the image; an image that
            turns out unreadable later raises a :class:`SceneError` with ``skip`` set. A file that is no COCO file always
            raises.
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


def read_segmentation(
    segmentation: Any, height: int | None, width: int | None
) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """Read the ``segmentation`` field of a COCO annotation.

    Args:
        segmentation: A list of flat polygons ``[x1, y1, x2, y2, ...]``, or run lengths ``{"size": [h, w], "counts": ...}``
            with a list of counts or a compressed string.
        height: Height of the image in pixels, None where unknown.
        width: Its width.

    Returns:
        Polygons and holes as in :class:`~remotesam.data.scene.Instance`.

    Raises:
        ValueError: What is wrong with it, as the end of a sentence.
    """
    if not segmentation:
        raise ValueError("has no segmentation (boxes alone give no masks)")
    if isinstance(segmentation, dict):
        return _read_run_lengths(segmentation, height, width)
    polygons = []
    for part in segmentation:
        try:
            flat = np.asarray(part, np.float32)
        except (TypeError, ValueError):
            raise ValueError(f"has a polygon that is no list of numbers: {str(part)[:60]}") from None
        if flat.ndim != 1 or flat.size < 6 or flat.size % 2:
            raise ValueError(f"has a polygon of {flat.size} numbers; it takes x, y pairs of at least three points")
        if not np.isfinite(flat).all():
            raise ValueError("has a polygon with a coordinate that is not finite")
        polygons.append(flat.reshape(-1, 2))
    points = np.concatenate(polygons)
    (left, top), (right, bottom) = points.min(0), points.max(0)
    if sum(abs(polygon_area(polygon)) for polygon in polygons) <= 0:
        raise ValueError("has zero area")
    if right <= 0 or bottom <= 0 or left >= (width or math.inf) or top >= (height or math.inf):
        raise ValueError(
            f"lies outside its image: x {left:g} to {right:g}, y {top:g} to {bottom:g} in {width} x {height} pixels"
        )
    if height and width and not coco_mask.area(encode_polygons(tuple(polygons), height, width)):
        raise ValueError("covers no pixel")
    return tuple(polygons), ()


def polygon_area(polygon: np.ndarray) -> float:
    """Return the signed area of an ``(n, 2)`` polygon in square pixels (shoelace formula)."""
    x, y = polygon[:, 0].astype(np.float64), polygon[:, 1].astype(np.float64)
    return float(0.5 * np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def mask_polygons(mask: np.ndarray) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """Outline an ``(H, W)`` bool mask exactly along the edges of its pixels.

    Returns:
        Outer polygons and holes, each ``(n, 2)`` float32 x, y with whole numbers; none for an empty mask.

    Example:
        >>> polygons, holes = mask_polygons(np.eye(2, dtype=bool)[:1])
        >>> polygons[0].tolist(), holes
        ([[0.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, 0.0]], ())
    """
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not rows.size:
        return (), ()
    top, left = int(rows[0]), int(columns[0])
    cut = mask[top : rows[-1] + 1, left : columns[-1] + 1]
    # Three sub-pixels a pixel: contours through the outer sub-pixels' centres name the pixel edge next to them.
    finer = np.kron(cut.astype(np.uint8), np.ones((3, 3), np.uint8))
    contours, hierarchy = cv2.findContours(finer, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    polygons: list[np.ndarray] = []
    holes: list[np.ndarray] = []
    for contour, parent in zip(contours, np.asarray(hierarchy).reshape(-1, 4)[:, 3], strict=True):
        edges = (contour[:, 0] + 1) // 3 + (left, top)
        edges = edges[np.any(edges != np.roll(edges, 1, axis=0), axis=1)].astype(np.float32)
        (polygons if parent < 0 else holes).append(edges)
    return tuple(polygons), tuple(holes)


def _read_run_lengths(
    encoded: dict[str, Any], height: int | None, width: int | None
) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    size, counts = encoded.get("size"), encoded.get("counts")
    if not isinstance(size, list) or len(size) != 2 or not isinstance(counts, list | str | bytes):
        raise ValueError("has run lengths without `size` [height, width] and `counts`")
    if height and width and (size[0], size[1]) != (height, width):
        raise ValueError(f"has run lengths for {size[1]} x {size[0]} pixels in an image of {width} x {height}")
    if isinstance(counts, list):
        if any(not isinstance(count, int) or count < 0 for count in counts) or sum(counts) != size[0] * size[1]:
            raise ValueError(f"has run lengths that do not add up to {size[1]} x {size[0]} pixels")
        runs = coco_mask.frPyObjects(encoded, size[0], size[1])
    else:
        runs = {"size": size, "counts": counts}
    polygons, holes = mask_polygons(coco_mask.decode(runs).astype(bool))
    if not polygons:
        raise ValueError("has zero area")
    return polygons, holes


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
