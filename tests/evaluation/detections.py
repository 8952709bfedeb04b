"""Random images with objects and detections near them."""

import numpy as np

from remotesam.evaluation.samples import ObjectsAnswer, ObjectsTruth

CATEGORIES = ["ship", "plane", "tank"]


def random_boxes(rng: np.random.Generator, count: int) -> np.ndarray:
    """(count, 4) x1, y1, x2, y2 of all of COCO's sizes."""
    corners = rng.uniform(0, 200, (count, 2))
    return np.concatenate(
        [corners, corners + rng.choice([8, 40, 150], (count, 1)) * rng.uniform(0.5, 1.5, (count, 2))], axis=1
    )


def random_image(rng: np.random.Generator, *, crowd: float = 0.1) -> tuple[ObjectsTruth, ObjectsAnswer]:
    """Objects of some classes; detections that are near an object, or anywhere, with scores that may be equal."""
    there, found = rng.integers(0, 8), rng.integers(0, 12)
    boxes = random_boxes(rng, there)
    guesses = random_boxes(rng, found)
    names = rng.choice(CATEGORIES, there)
    guessed = rng.choice(CATEGORIES, found)
    for place in range(found if there else 0):
        if rng.random() < 0.7:
            near = rng.integers(there)
            sides = np.tile(boxes[near, 2:] - boxes[near, :2], 2)
            guesses[place] = boxes[near] + sides * rng.normal(0, 0.08, 4)
            guesses[place, 2:] = np.maximum(guesses[place, 2:], guesses[place, :2] + 1)
            guessed[place] = names[near]
    truth = ObjectsTruth(categories=names.tolist(), boxes=boxes, crowd=rng.random(there) < crowd)
    answer = ObjectsAnswer(categories=guessed.tolist(), boxes=guesses, scores=rng.integers(1, 30, found) / 30)
    return truth, answer
