"""Small scenes made of coloured rectangles, and COCO files written from them."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from remotesam.data.scene import Instance, Scene

RGB = {
    "white": (240, 240, 240),
    "black": (20, 20, 20),
    "red": (220, 30, 30),
    "blue": (30, 60, 220),
    "green": (40, 160, 60),
    "yellow": (230, 210, 40),
}
GROUND = (120, 118, 112)


def box(x: float, y: float, width: float, height: float) -> np.ndarray:
    """A rectangle as a polygon."""
    corners = [[x, y], [x + width, y], [x + width, y + height], [x, y + height]]
    return np.array(corners, np.float32)


def scene_of(
    boxes: Sequence[tuple[str, tuple[float, float, float, float], str | None]],
    *,
    annotated: Sequence[str] | None = None,
    size: int = 100,
    states_colours: bool = True,
) -> Scene:
    """A scene of (category, (x, y, width, height), colour) painted on grey ground.

    Without ``states_colours`` the instances do not say their colours: they can only be measured.
    """
    image = np.full((size, size, 3), GROUND, np.uint8)
    instances = []
    for category, rectangle, colour in boxes:
        instance = Instance(category, (box(*rectangle),), colour=colour if states_colours else None)
        image[instance.mask(size, size)] = RGB.get(colour or "", (90, 140, 150))
        instances.append(instance)
    names = annotated if annotated is not None else sorted({category for category, _, _ in boxes})
    return Scene(image, tuple(instances), tuple(names), "test")


def random_scene(seed: int, *, size: int = 128) -> Scene:
    """Up to nine rectangles that do not overlap, of up to three categories, some of them cut off by the border."""
    rng = np.random.default_rng(seed)
    names = ["airplane", "ship", "harbor", "vehicle", "truck", "storage tank", "building"]
    categories = [names[index] for index in rng.permutation(len(names))[: rng.integers(1, 4)]]
    taken = np.zeros((size, size), bool)
    boxes = []
    for _ in range(rng.integers(0, 10)):
        width, height = rng.integers(6, 36, 2)
        x, y = rng.integers(-10, size - 5, 2)
        area = np.s_[max(y, 0) : y + height, max(x, 0) : x + width]
        if not taken[area].any():
            taken[area] = True
            colour = list(RGB)[rng.integers(len(RGB))]
            boxes.append((categories[rng.integers(len(categories))], (x, y, width, height), colour))
    return scene_of(boxes, annotated=names, size=size, states_colours=bool(rng.integers(2)))


def write_coco(folder: Path, scenes: Sequence[Scene]) -> tuple[Path, Path]:
    """Write scenes as PNG images and a COCO file; return the file and the image folder."""
    images = folder / "images"
    images.mkdir(parents=True, exist_ok=True)
    names = sorted({name for scene in scenes for name in scene.annotated})
    document: dict[str, list[dict[str, object]]] = {
        "images": [],
        "annotations": [],
        "categories": [{"id": number + 1, "name": name.replace(" ", "_")} for number, name in enumerate(names)],
    }
    for number, scene in enumerate(scenes):
        Image.fromarray(scene.image).save(images / f"{number}.png")
        height, width = scene.image.shape[:2]
        document["images"].append({"id": number, "file_name": f"{number}.png", "height": height, "width": width})
        for instance in scene.instances:
            document["annotations"].append(
                {
                    "id": len(document["annotations"]) + 1,
                    "image_id": number,
                    "category_id": names.index(instance.category) + 1,
                    "segmentation": [polygon.ravel().tolist() for polygon in instance.polygons],
                    "iscrowd": 0,
                }
            )
    path = folder / "instances.json"
    path.write_text(json.dumps(document))
    return path, images
