"""Pictures of predictions for TensorBoard."""

import cv2
import numpy as np
from numpy.typing import NDArray

from remotesam.evaluation.protocol import Answer
from remotesam.presence import presence_score

PANELS = 3


def draw_answer(answer: Answer, *, threshold: float, presence_threshold: float, width: int = 480) -> NDArray[np.uint8]:
    """The image side by side for up to three sentences: prediction filled red, target outlined green.

    Sentences with a target come first.

    Args:
        answer: At least one sentence.
        threshold: A pixel belongs where its probability is above this.
        presence_threshold: Predictions whose presence score is not above this are empty.
        width: Of one panel in pixels.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    order = sorted(range(len(answer.triplets)), key=lambda number: not answer.triplets[number].mask.any())
    panels = []
    for number in order[:PANELS]:
        triplet, probability = answer.triplets[number], answer.probabilities[number]
        panel = answer.scene.image.copy()
        if presence_score(probability) > presence_threshold:
            mask = probability > threshold
            panel[mask] = panel[mask] // 2 + np.array([127, 0, 0], dtype=np.uint8)
        outlines, _ = cv2.findContours(triplet.mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        cv2.drawContours(panel, outlines, -1, (0, 255, 0), 2)
        height = max(1, round(panel.shape[0] * width / panel.shape[1]))
        panel = cv2.resize(panel, (width, height), interpolation=cv2.INTER_AREA)
        cv2.putText(panel, triplet.expression[:40], (8, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (255, 255, 0), 2)
        panels.append(panel)
    return np.concatenate(panels, axis=1)
