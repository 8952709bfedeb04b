"""Augmentation: one affine warp from the full image to a square crop, then sensor effects."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from remotesam.data.copy_paste import Crop, paste
from remotesam.data.photometric import Photometric, distort
from remotesam.data.scene import Instance, Scene
from remotesam.data.segmentation import clip_polygon


@dataclass(frozen=True)
class Augmentation:
    """How a training crop differs from its scene. Probabilities are in [0, 1]; ranges are (lowest, highest).

    Attributes:
        long_side: Length in pixels to which the long side of the WHOLE image is zoomed, drawn log-uniformly. A model
            that is later fed whole images of 448 to 640 pixels should see objects as large as they are there.
        max_zoom: Upper limit of that zoom in output pixels per image pixel.
        stretch: Largest ratio between the zooms along the two axes, minus one.
        focus: Probability that the crop is placed around a random instance (its category drawn first) and not anywhere.
        quarter_turns: Whether to rotate by a random multiple of 90 degrees.
        free_rotation: Probability of a rotation by any angle instead.
        flip: Probability of mirroring.
        grey_border: Probability that pixels outside the image become grey and not black.
        photometric: Sensor effects, a :class:`~remotesam.data.photometric.Photometric` or a mapping of its fields;
            None for none.
        copy_paste: Probability of pasting instances of another scene of the same source into the crop.
        boxes: Probability of covering 9 to 27 % of the crop with black squares, never most of an instance.
        box_size: Side of those squares in pixels.
    """

    long_side: tuple[float, float] = (360.0, 1100.0)
    max_zoom: float = 1.5
    stretch: float = 0.15
    focus: float = 0.8
    quarter_turns: bool = True
    free_rotation: float = 0.2
    flip: float = 0.5
    grey_border: float = 0.5
    photometric: Photometric | None = field(default_factory=Photometric)
    copy_paste: float = 0.0
    boxes: float = 0.2
    box_size: int = 32

    def __post_init__(self) -> None:
        low, high = self.long_side
        if not 0 < low <= high:
            raise ValueError(f"Augmentation.long_side must be 0 < lowest <= highest, got {self.long_side}")
        if self.max_zoom <= 0 or self.stretch < 0 or self.box_size < 1:
            raise ValueError("Augmentation.max_zoom and box_size must be positive and stretch not negative")
        for name in ("focus", "free_rotation", "flip", "grey_border", "copy_paste", "boxes"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"Augmentation.{name} is a probability in [0, 1], got {getattr(self, name)}")
        effects: object = self.photometric
        if isinstance(effects, Mapping):
            object.__setattr__(self, "photometric", Photometric(**effects))


def letterbox(scene: Scene, size: int) -> Crop:
    """Fit the whole scene into ``(size, size)`` pixels, in the middle, black around it; nothing is random."""
    height, width = scene.image.shape[:2]
    zoom = size / max(height, width)
    matrix = np.array([[zoom, 0, (size - zoom * width) / 2], [0, zoom, (size - zoom * height) / 2]])
    return _crop(scene, matrix, size, (0, 0, 0))


def augment(
    scene: Scene, size: int, augmentation: Augmentation, rng: np.random.Generator, *, donor: Scene | None = None
) -> Crop:
    """Cut a random ``(size, size)`` crop out of a scene and distort its colours.

    The colour words of instances are forgotten where the distortion may have made them wrong. Instances of a random
    crop of ``donor``, if there is one, are pasted in before (:func:`~remotesam.data.copy_paste.paste`).
    """
    matrix = _random_matrix(scene, size, augmentation, rng)
    fill = (124, 116, 104) if rng.random() < augmentation.grey_border else (0, 0, 0)
    crop = _crop(scene, matrix, size, fill)
    if donor is not None:
        crop = paste(crop, _crop(donor, _random_matrix(donor, size, augmentation, rng), size, fill), rng)
    image, true_colours = crop.scene.image, True
    if augmentation.photometric is not None:
        image, true_colours = distort(image, augmentation.photometric, rng)
    if rng.random() < augmentation.boxes:
        image = cover(image, _boxes(crop.scene.instances, size), augmentation.box_size, rng)
    instances = crop.scene.instances
    if not true_colours:
        instances = tuple(replace(instance, colour=None) for instance in instances)
    return replace(crop, scene=replace(crop.scene, image=image, instances=instances))


def _random_matrix(scene: Scene, size: int, augmentation: Augmentation, rng: np.random.Generator) -> np.ndarray:
    height, width = scene.image.shape[:2]
    low, high = (min(side / max(height, width), augmentation.max_zoom) for side in augmentation.long_side)
    zoom = math.exp(rng.uniform(math.log(low), math.log(high)))
    aspect = math.exp(rng.uniform(-0.5, 0.5) * math.log1p(augmentation.stretch))
    angle = 90.0 * rng.integers(4) if augmentation.quarter_turns else 0.0
    if rng.random() < augmentation.free_rotation:
        angle = rng.uniform(0, 360)
    mirror = -1.0 if rng.random() < augmentation.flip else 1.0
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    linear = np.array([[cosine, -sine], [sine, cosine]]) @ np.diag([zoom * aspect * mirror, zoom / aspect])
    focus = _focus(scene, augmentation.focus, rng) @ linear.T
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]]) @ linear.T
    lowest, highest = corners.min(0), corners.max(0)
    shift = np.empty(2)
    for axis in range(2):
        # Keep the crop inside the picture where the picture is larger, and the picture inside the crop where it is not.
        wanted = size * rng.uniform(0.2, 0.8) - focus[axis]
        edges = sorted((-lowest[axis], size - highest[axis]))
        shift[axis] = np.clip(wanted, *edges) if highest[axis] - lowest[axis] > size else rng.uniform(*edges)
    return np.column_stack([linear, shift])


def _focus(scene: Scene, probability: float, rng: np.random.Generator) -> np.ndarray:
    height, width = scene.image.shape[:2]
    anywhere = rng.random(2) * (width, height)
    if rng.random() >= probability or not scene.instances:
        return anywhere
    categories = sorted({instance.category for instance in scene.instances})
    category = categories[rng.integers(len(categories))]
    members = [instance for instance in scene.instances if instance.category == category]
    points = members[rng.integers(len(members))].polygons[0]
    return (points.min(0) + points.max(0)) / 2.0


def _crop(scene: Scene, matrix: np.ndarray, size: int, fill: tuple[int, int, int]) -> Crop:
    height, width = scene.image.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]]) @ matrix[:, :2].T + matrix[:, 2]
    left, top = np.clip(corners.min(0), 0, size)
    right, bottom = np.clip(corners.max(0), 0, size)
    instances = []
    for instance in scene.instances:
        # What lies outside the picture must not reappear in the padding.
        parts = (clip_polygon(polygon, height, width) for polygon in instance.polygons)
        polygons = tuple(_transform(polygon, matrix) for polygon in parts if len(polygon) >= 3)
        if any(_touches(polygon, size) for polygon in polygons):
            holes = tuple(_transform(hole, matrix) for hole in instance.holes)
            instances.append(Instance(instance.category, polygons, holes, instance.colour))
    image = warp(scene.image, matrix, (size, size), fill)
    frame = (float(left), float(top), float(right), float(bottom))
    return Crop(replace(scene, image=image, instances=tuple(instances)), frame)


def _transform(polygon: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    moved: np.ndarray = polygon @ matrix[:, :2].T + matrix[:, 2]
    return moved.astype(np.float32)


def _touches(polygon: np.ndarray, size: int) -> bool:
    return bool((polygon.max(0) > 0).all() and (polygon.min(0) < size).all())


def warp(image: np.ndarray, matrix: np.ndarray, shape: tuple[int, int], fill: int | tuple[int, int, int]) -> np.ndarray:
    """Warp an image; where it shrinks, pixels are averaged.

    Args:
        image: ``(H, W, 3)`` or ``(H, W)`` uint8.
        matrix: ``(2, 3)``, from x, y of the image to x, y of the result in continuous coordinates (origin at the corner
            of the first pixel).
        shape: Height and width of the result.
        fill: What is seen outside the image.

    Returns:
        uint8 of the given height and width.
    """
    height, width = image.shape[:2]
    linear, shift = matrix[:, :2], matrix[:, 2]
    corners = np.array([[0, 0], [shape[1], 0], [shape[1], shape[0]], [0, shape[0]]])
    seen = (corners - shift) @ np.linalg.inv(linear).T
    x0, y0 = np.clip(np.floor(seen.min(0)).astype(int) - 2, 0, (width, height))
    x1, y1 = np.clip(np.ceil(seen.max(0)).astype(int) + 2, 0, (width, height))
    # Bilinear sampling skips pixels when it shrinks, so whole blocks are averaged first.
    block = max(int(1 / math.sqrt(abs(np.linalg.det(linear))) + 0.25), 1)
    block = max(min(block, x1 - x0, y1 - y0), 1)
    x1, y1 = x1 - (x1 - x0) % block, y1 - (y1 - y0) % block
    if x1 <= x0 or y1 <= y0:
        return np.full((*shape, *image.shape[2:]), fill, np.uint8)
    region = image[y0:y1, x0:x1]
    if block > 1:
        region = cv2.resize(region, ((x1 - x0) // block, (y1 - y0) // block), interpolation=cv2.INTER_AREA)
    linear = linear * block
    shift = shift + matrix[:, :2] @ (x0, y0)
    centred = np.column_stack([linear, linear @ (0.5, 0.5) + shift - 0.5])
    return cv2.warpAffine(
        region, centred, shape[::-1], flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=fill
    )


def cover(image: np.ndarray, boxes: np.ndarray, side: int, rng: np.random.Generator) -> np.ndarray:
    """Cover 9 to 27 % of a square image with black squares, never most of an object.

    Args:
        image: ``(S, S, 3)`` uint8.
        boxes: ``(n, 4)`` x1, y1, x2, y2 of the objects in pixels, inside the image.
        side: Side of the squares in pixels.
        rng: Source of all choices.
    """
    size = image.shape[0]
    covered = np.ascontiguousarray(image).copy()
    areas = np.maximum((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]), 1.0)
    hidden = np.zeros(len(boxes))
    for x, y in rng.integers(0, max(size - side, 1), (int(rng.uniform(0.09, 0.27) * (size / side) ** 2), 2)):
        widths = np.minimum(boxes[:, 2], x + side) - np.maximum(boxes[:, 0], x)
        heights = np.minimum(boxes[:, 3], y + side) - np.maximum(boxes[:, 1], y)
        share = np.clip(widths, 0, None) * np.clip(heights, 0, None) / areas
        if (hidden + share <= 0.5).all():
            hidden += share
            covered[y : y + side, x : x + side] = 0
    return covered


def _boxes(instances: tuple[Instance, ...], size: int) -> np.ndarray:
    extents = [np.concatenate(instance.polygons) for instance in instances]
    bounds = [np.clip([*points.min(0), *points.max(0)], 0, size) for points in extents]
    return np.array(bounds).reshape(-1, 4)
