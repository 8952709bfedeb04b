"""One function for every result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

import numpy as np

from remotesam.results import Caption, Classification, Counts, Instance, Instances, Segmentation, SemanticMap
from remotesam.visualize.canvas import check_image
from remotesam.visualize.caption import draw_caption
from remotesam.visualize.classification import draw_classification
from remotesam.visualize.instances import draw_counts, draw_grounding, draw_instances
from remotesam.visualize.masks import overlay
from remotesam.visualize.semantic import draw_semantic

Result = (
    Segmentation
    | Sequence[Segmentation]
    | Instances
    | Sequence[Instance]
    | Instance
    | None
    | Counts
    | SemanticMap
    | Classification
    | Caption
)


class _Told(TypedDict):
    legend: bool
    colours: Mapping[str, str] | None
    text_scale: float


def draw(
    image: np.ndarray,
    result: Result,
    *,
    legend: bool = True,
    colours: Mapping[str, str] | None = None,
    text_scale: float = 1.0,
) -> np.ndarray:
    """Draws what any task returned on its image.

    Args:
        image: (H, W, 3) uint8 RGB.
        result: Of this image: one or more of ``segment``, or what ``semantic``, ``detect``, ``count``, ``ground``
            (None says "not found"), ``classify`` or ``caption`` return.
        legend: Whether to add labels, and a strip below that says what is drawn. A small image is then enlarged by a
            whole factor, so that its longer side has at least 480 pixels.
        colours: Category or sentence -> ``"#rrggbb"``, to keep colours from picture to picture; by place in the list
            of categories where left out.
        text_scale: Letters are so many times as large, for pictures that will be shown smaller; from 0.5 to 4.

    Returns:
        uint8 RGB, (H, W, 3) without the legend; with it higher, and at least 320 pixels wide.

    Raises:
        TypeError: ``result`` is nothing that a task returns.
        ValueError: It is of an image of another size, the image is not (H, W, 3) uint8, or ``text_scale`` is out of
            range.

    Example:
        >>> image = np.zeros((64, 64, 3), dtype=np.uint8)
        >>> draw(image, Instances([Instance.from_mask("ship", 0.9, np.eye(64, dtype=bool))], image_size=(64, 64))).shape
        (538, 512, 3)
        >>> draw(image, Caption("A ship.", {}), legend=False).shape
        (64, 64, 3)
    """
    check_image(image)
    told: _Told = {"legend": legend, "colours": colours, "text_scale": text_scale}
    if result is None or isinstance(result, Instance):
        return draw_grounding(image, result, **told)
    if isinstance(result, Instances):
        return draw_instances(image, result, **told)
    if isinstance(result, Counts):
        return draw_counts(image, result, **told)
    if isinstance(result, SemanticMap):
        return draw_semantic(image, result, **told)
    if isinstance(result, Classification):
        return draw_classification(image, result, **told)
    if isinstance(result, Caption):
        return draw_caption(image, result, legend=legend, text_scale=text_scale)
    if isinstance(result, Segmentation):
        return overlay(image, [result], **told)
    if isinstance(result, list | tuple):
        masks = [one for one in result if isinstance(one, Segmentation)]
        objects = [one for one in result if isinstance(one, Instance)]
        if len(masks) == len(result):
            return overlay(image, masks, **told)
        if len(objects) == len(result):
            return draw_instances(image, objects, **told)
    raise TypeError(
        f"result is a {type(result).__name__}; draw takes what the methods of RemoteSAM return: Segmentation or a list "
        "of them, Instances, Instance, None, Counts, SemanticMap, Classification, Caption"
    )
