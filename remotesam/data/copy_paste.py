"""Copy-paste: instances of one crop laid into another (Ghiasi et al. 2021), so that few objects meet many grounds."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from remotesam.data.scene import Instance, Scene

_MOST = 8  # instances pasted into one crop
_GAP = 2.0  # pixels between a pasted instance and any other
_SMALLEST = 4.0  # pixels; the shorter side of what is worth pasting


@dataclass(frozen=True)
class Crop:
    """A square view of a scene.

    Attributes:
        scene: The scene as seen in the crop: its image is ``(size, size, 3)``; polygons may reach beyond the border.
        frame: Left, top, right, bottom in pixels of the part of the crop that the picture fills.
    """

    scene: Scene
    frame: tuple[float, float, float, float]


def paste(crop: Crop, donor: Crop, rng: np.random.Generator) -> Crop:
    """Lay instances of ``donor`` into ``crop`` at the place where they are there.

    Pasted are whole instances (inside both pictures) of categories that ``crop`` annotates, whose boxes keep clear of
    all other instances; a random choice of at most eight of them. So no outline changes, and what was absent may become
    present but never the other way round.

    Args:
        crop: Where to; its ``(S, S, 3)`` uint8 image is not changed.
        donor: A crop of the same size.
        rng: Source of all choices.

    Returns:
        The crop with the instances of both; ``crop`` itself where nothing fits.
    """
    taken = [_bounds(instance) for instance in crop.scene.instances]
    chosen: list[Instance] = []
    for index in rng.permutation(len(donor.scene.instances)):
        instance = donor.scene.instances[index]
        box = _bounds(instance)
        if instance.category not in crop.scene.annotated or min(box[2:] - box[:2]) < _SMALLEST:
            continue
        if not (_inside(box, crop.frame) and _inside(box, donor.frame)) or any(_meet(box, other) for other in taken):
            continue
        chosen.append(instance)
        taken.append(box)
        if len(chosen) == _MOST:
            break
    if not chosen:
        return crop
    image = _blend(crop.scene.image, donor.scene.image, chosen)
    return replace(crop, scene=replace(crop.scene, image=image, instances=(*crop.scene.instances, *chosen)))


def _blend(image: np.ndarray, other: np.ndarray, instances: list[Instance]) -> np.ndarray:
    result = image.copy()
    size = image.shape[0]
    for instance in instances:
        # The edge fades over a pixel, else a network would learn to see the cut; it needs a pixel around the box.
        x0, y0 = np.maximum(np.floor(_bounds(instance)[:2]).astype(int) - 2, 0)
        x1, y1 = np.minimum(np.ceil(_bounds(instance)[2:]).astype(int) + 2, size)
        shift = np.array([x0, y0], np.float32)
        local = Instance(
            instance.category,
            tuple(polygon - shift for polygon in instance.polygons),
            tuple(hole - shift for hole in instance.holes),
        )
        mask = local.mask(y1 - y0, x1 - x0).astype(np.float32)
        weight = cv2.GaussianBlur(mask, (3, 3), 0.7)[..., None]
        region = result[y0:y1, x0:x1]
        mixed = region + weight * (other[y0:y1, x0:x1].astype(np.float32) - region)
        result[y0:y1, x0:x1] = np.round(mixed).astype(np.uint8)
    return result


def _bounds(instance: Instance) -> np.ndarray:
    points = np.concatenate(instance.polygons)
    return np.concatenate([points.min(0), points.max(0)])


def _inside(box: np.ndarray, frame: tuple[float, float, float, float]) -> bool:
    return bool((box[:2] >= frame[:2]).all() and (box[2:] <= frame[2:]).all())


def _meet(box: np.ndarray, other: np.ndarray) -> bool:
    return bool((box[:2] - _GAP < other[2:]).all() and (other[:2] - _GAP < box[2:]).all())
