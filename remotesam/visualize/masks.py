"""Masks tinted and outlined, one crop after the other: never a whole mask for each object of a large image."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from remotesam.results import Instance, Segmentation
from remotesam.visualize.canvas import Scale, above, check_image, check_size, enlarged, line_within, scale_of
from remotesam.visualize.colours import listed_colours, palette
from remotesam.visualize.legend import Entry, legend_strip, short_list
from remotesam.visualize.text import LONGEST_LABEL, shortened

OPACITY = 0.4


@dataclass(frozen=True)
class Patch:
    """A mask to paint, cut to its box.

    Attributes:
        crop: (h, w) bool.
        left: x of the crop's first column, in pixels of the image.
        top: y of the crop's first row, in pixels of the image.
        colour: Index of its colour.
    """

    crop: np.ndarray
    left: int
    top: int
    colour: int

    @classmethod
    def of_instance(cls, instance: Instance, colour: int) -> Patch:
        """The mask of an instance."""
        return cls(instance.crop, instance.left, instance.top, colour)

    @classmethod
    def of_mask(cls, mask: np.ndarray, colour: int) -> Patch:
        """A view into a mask (H, W) with at least one pixel."""
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        top, left = int(rows[0]), int(columns[0])
        return cls(mask[top : rows[-1] + 1, left : columns[-1] + 1], left, top, colour)


def overlay(
    image: np.ndarray,
    results: Sequence[Segmentation],
    *,
    legend: bool = True,
    colours: Mapping[str, str] | None = None,
    text_scale: float = 1.0,
    filled: bool = True,
) -> np.ndarray:
    """Draws the masks of results on their image, a colour each.

    Args:
        image: (H, W, 3) uint8 RGB.
        results: Results on this image, at its own size.
        legend: Whether to add a strip below with each sentence, its score, and "absent" where nothing was found. A
            small image is then enlarged by a whole factor, so that its longer side has at least 480 pixels.
        colours: Sentence -> ``"#rrggbb"``; by place in the list where left out.
        text_scale: Letters are so many times as large, for pictures that will be shown smaller; from 0.5 to 4.
        filled: Whether masks are tinted beside their outlines; without it their own colours can be told.

    Returns:
        uint8 RGB, (H, W, 3) without the legend or without results; with it higher, and at least 320 pixels wide.

    Raises:
        ValueError: A mask has another size than the image, or the image is not (H, W, 3) uint8.

    Example:
        >>> overlay(np.zeros((64, 64, 3), dtype=np.uint8), []).shape
        (64, 64, 3)
    """
    check_image(image)
    for result in results:
        check_size(image, result.mask.shape, f"the mask of {result.expression!r}")
    if not results:
        return image.copy()
    shown = listed_colours([result.expression for result in results], colours)
    scale = scale_of(image, enlarge=legend, text_scale=text_scale)
    # supervision draws in the order blue, green, red.
    scene = np.ascontiguousarray(enlarged(image, scale.factor)[:, :, ::-1])
    patches = [Patch.of_mask(result.mask, place) for place, result in enumerate(results) if result.mask.any()]
    if filled:
        tint(scene, patches, shown, scale)
    for patch in patches:
        _outline(scene, patch, shown, replace(scale, line=line_within(patch.crop, scale)))
    drawn = np.ascontiguousarray(scene[:, :, ::-1])
    if not legend:
        return drawn
    entries = [Entry(_label(result), shown[place], result.present) for place, result in enumerate(results)]
    return above(drawn, legend_strip(short_list(entries), width=scale.strip, size=scale.text))


def tint(scene: np.ndarray, patches: Iterable[Patch], colours: Sequence[str], scale: Scale) -> None:
    """Blends the colour of each patch over the scene, in place, large ones first.

    Args:
        scene: (H, W, 3) uint8, blue first, enlarged by ``scale.factor``.
        patches: Masks in pixels of the image.
        colours: What their colour indices mean.
        scale: How the image was enlarged.
    """
    import supervision as sv

    annotator = sv.MaskAnnotator(palette(colours), opacity=OPACITY, color_lookup=sv.ColorLookup.CLASS)
    _annotate(scene, patches, [annotator], scale, margin=0)


def _outline(scene: np.ndarray, patch: Patch, colours: Sequence[str], scale: Scale) -> None:
    import supervision as sv

    lookup = sv.ColorLookup.CLASS
    annotators = [sv.PolygonAnnotator(palette(colours), thickness=scale.line, color_lookup=lookup)]
    if scale.line > 1:
        annotators.insert(0, sv.PolygonAnnotator(sv.Color.BLACK, thickness=scale.line + 2))
    _annotate(scene, [patch], annotators, scale, margin=scale.line + 2)


def _annotate(
    scene: np.ndarray, patches: Iterable[Patch], annotators: Sequence[object], scale: Scale, *, margin: int
) -> None:
    import supervision as sv

    for patch in sorted(patches, key=lambda patch: -patch.crop.size):
        crop = enlarged(patch.crop, scale.factor)
        left, top = patch.left * scale.factor, patch.top * scale.factor
        x1, y1 = max(0, left - margin), max(0, top - margin)
        x2 = min(scene.shape[1], left + crop.shape[1] + margin)
        y2 = min(scene.shape[0], top + crop.shape[0] + margin)
        mask = np.zeros((1, y2 - y1, x2 - x1), dtype=bool)
        mask[0, top - y1 : top - y1 + crop.shape[0], left - x1 : left - x1 + crop.shape[1]] = crop
        box = np.array([[0, 0, x2 - x1, y2 - y1]], dtype=np.float32)
        detections = sv.Detections(xyxy=box, mask=mask, class_id=np.array([patch.colour]))
        window = scene[y1:y2, x1:x2].copy()
        for annotator in annotators:
            window = annotator.annotate(window, detections)  # type: ignore[attr-defined]
        scene[y1:y2, x1:x2] = window


def _label(result: Segmentation) -> str:
    state = f"{result.score:.2f}" if result.present else "absent"
    return f"{shortened(result.expression, LONGEST_LABEL - 20)} · {state}"
