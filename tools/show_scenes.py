"""Write a contact sheet of generated scenes, to look at.

python tools/show_scenes.py --count 16 --size 512 --seed 0 -o sheet.jpg
python tools/show_scenes.py --context airport --outlines -o airports.png
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from remotesam.data.scene import Scene
from remotesam.data.synthetic import CONTEXTS, generate_scene
from remotesam.files import write_image


def outlined(scene: Scene) -> np.ndarray:
    """The image (H, W, 3) with the outline and category of every instance drawn on it."""
    image = scene.image.copy()
    height, width = image.shape[:2]
    for instance in scene.instances:
        contours, _ = cv2.findContours(
            instance.mask(height, width).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
        )
        cv2.drawContours(image, contours, -1, (255, 230, 0), 1)
        if contours:
            x, y, _, _ = cv2.boundingRect(np.concatenate(contours))
            words = " ".join(filter(None, (instance.colour, instance.category)))
            cv2.putText(
                image, words, (x, max(y - 2, 8)), cv2.FONT_HERSHEY_SIMPLEX, 0.3, (255, 255, 255), 1, cv2.LINE_AA
            )
    return image


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a contact sheet of generated scenes.")
    parser.add_argument("--count", type=int, default=16, help="number of scenes")
    parser.add_argument("--size", type=int, default=512, help="side of a scene in pixels, 64 to 1024")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first scene; the others follow")
    parser.add_argument("--columns", type=int, default=4, help="scenes in a row")
    parser.add_argument("--context", choices=tuple(CONTEXTS), default=None, help="one setting only")
    parser.add_argument("--outlines", action="store_true", help="draw the instances' outlines and names")
    parser.add_argument("-o", "--output", type=Path, required=True, help="image file to write")
    arguments = parser.parse_args()
    if arguments.count < 1 or arguments.columns < 1:
        parser.error("--count and --columns must be at least 1")
    tiles = []
    for seed in range(arguments.seed, arguments.seed + arguments.count):
        scene = generate_scene(seed, size=arguments.size, context=arguments.context)
        tiles.append(outlined(scene) if arguments.outlines else scene.image)
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % arguments.columns)
    rows = [np.hstack(tiles[k : k + arguments.columns]) for k in range(0, len(tiles), arguments.columns)]
    write_image(arguments.output, np.vstack(rows))
    print(arguments.output)


if __name__ == "__main__":
    main()
