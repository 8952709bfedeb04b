"""Objects: detected, counted, and the one that a sentence names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from remotesam.results import Counts, Instance, Instances
from remotesam.visualize.boxes import draw_boxes
from remotesam.visualize.canvas import above, check_image, check_size, enlarged, scale_of
from remotesam.visualize.colours import listed_colours
from remotesam.visualize.labels import Wording, choose_labels, draw_labels
from remotesam.visualize.legend import Entry, legend_strip, short_list
from remotesam.visualize.masks import Patch, tint


def draw_instances(
    image: np.ndarray,
    instances: Sequence[Instance],
    *,
    legend: bool = True,
    colours: Mapping[str, str] | None = None,
    text_scale: float = 1.0,
) -> np.ndarray:
    """Draws detected objects: mask and box, oriented where there is one, in the colour of the category.

    Labels say category and score where they find room beside all objects, else the object's number within its category,
    else nothing: no label covers another object.

    Args:
        image: (H, W, 3) uint8 RGB.
        instances: ``Instances``, or any instances of this image.
        legend: Whether to add labels, and a strip below with each category asked for and how many were found. A small
            image is then enlarged by a whole factor, so that its longer side has at least 480 pixels.
        colours: Category -> ``"#rrggbb"``; by place in the list of categories where left out.
        text_scale: Letters are so many times as large, for pictures that will be shown smaller; from 0.5 to 4.

    Returns:
        uint8 RGB, (H, W, 3) without the legend; with it higher, and at least 320 pixels wide.

    Raises:
        ValueError: The instances are of an image of another size, or the image is not (H, W, 3) uint8.

    Example:
        >>> ship = Instance.from_mask("ship", 0.9, np.eye(64, dtype=bool))
        >>> draw_instances(np.zeros((64, 64, 3), dtype=np.uint8), [ship]).shape
        (538, 512, 3)
    """
    found = _instances(image, instances)
    counts = Counter(instance.category for instance in found)
    full = [f"{instance.category} {instance.score:.2f}" for instance in found]
    wordings = [Wording(full, 0.8), Wording(_numbers(found), 0.7)]
    entries = [(f"{category} · {counts[category]}", category) for category in found.categories]
    return _drawn(image, found, wordings, entries, legend=legend, colours=colours, text_scale=text_scale)


def draw_counts(
    image: np.ndarray,
    counts: Counts,
    *,
    legend: bool = True,
    colours: Mapping[str, str] | None = None,
    text_scale: float = 1.0,
) -> np.ndarray:
    """Draws what was counted, numbered within each category, with the counts below, zeros included.

    Args:
        image: (H, W, 3) uint8 RGB.
        counts: Of this image.
        legend: As for ``draw_instances``.
        colours: As for ``draw_instances``.
        text_scale: As for ``draw_instances``.

    Returns:
        As ``draw_instances``.

    Raises:
        ValueError: The counts are of an image of another size, or the image is not (H, W, 3) uint8.

    Example:
        >>> nothing = Counts({"ship": 0}, Instances(image_size=(64, 64)))
        >>> draw_counts(np.zeros((64, 64, 3), dtype=np.uint8), nothing).shape
        (538, 512, 3)
    """
    found = Instances(_instances(image, counts.instances), image_size=image.shape[:2], categories=tuple(counts))
    entries = [(f"{category}: {number}", category) for category, number in counts.items()]
    return _drawn(
        image, found, [Wording(_numbers(found), 0.7)], entries, legend=legend, colours=colours, text_scale=text_scale
    )


def draw_grounding(
    image: np.ndarray,
    instance: Instance | None,
    *,
    sentence: str | None = None,
    legend: bool = True,
    colours: Mapping[str, str] | None = None,
    text_scale: float = 1.0,
) -> np.ndarray:
    """Draws the one box that a sentence names, with the sentence below; or says that it was not found.

    Args:
        image: (H, W, 3) uint8 RGB.
        instance: The answer; None where there is none.
        sentence: What was asked; None takes the category of the instance.
        legend: Whether to add the strip below; a small image is then enlarged.
        colours: Sentence -> ``"#rrggbb"``.
        text_scale: As for ``draw_instances``.

    Returns:
        As ``draw_instances``.

    Raises:
        ValueError: The instance is of an image of another size, or the image is not (H, W, 3) uint8.

    Example:
        >>> draw_grounding(np.zeros((64, 64, 3), dtype=np.uint8), None, sentence="the ship").shape
        (538, 512, 3)
    """
    found = _instances(image, [] if instance is None else [instance])
    asked = sentence or (instance.category if instance is not None else "")
    state = f"{instance.score:.2f}" if instance is not None else "not found"
    key = instance.category if instance is not None else asked
    entries = [(f"{asked} · {state}" if asked else state, key)]
    return _drawn(image, found, [], entries, legend=legend, colours=colours, text_scale=text_scale)


def _instances(image: np.ndarray, instances: Sequence[Instance]) -> Instances:
    check_image(image)
    if isinstance(instances, Instances):
        check_size(image, instances.image_size, "the image of the instances")
    for instance in instances:
        check_size(image, instance.image_size, f"the image of an instance of {instance.category!r}")
    if isinstance(instances, Instances):
        return instances
    return Instances(instances, image_size=(int(image.shape[0]), int(image.shape[1])))


def _drawn(
    image: np.ndarray,
    instances: Instances,
    wordings: Sequence[Wording],
    entries: Sequence[tuple[str, str]],
    *,
    legend: bool,
    colours: Mapping[str, str] | None,
    text_scale: float,
) -> np.ndarray:
    # An instance may have a category that was not asked for, where a caller made the list by hand.
    names = list(dict.fromkeys([category for _, category in entries] + [one.category for one in instances]))
    shown = listed_colours(names, colours)
    places = {category: place for place, category in enumerate(names)}
    numbers = [places[instance.category] for instance in instances]
    scale = scale_of(image, enlarge=legend, text_scale=text_scale)
    # supervision draws in the order blue, green, red.
    scene = np.ascontiguousarray(enlarged(image, scale.factor)[:, :, ::-1])
    patches = [Patch.of_instance(instance, number) for instance, number in zip(instances, numbers, strict=True)]
    if patches:
        tint(scene, patches, shown, scale)
        corners = draw_boxes(scene, instances, numbers, shown, scale)
        if legend:
            draw_labels(scene, choose_labels(wordings, patches, corners, scale), shown)
    drawn = np.ascontiguousarray(scene[:, :, ::-1])
    if not legend:
        return drawn
    there = {instance.category for instance in instances}
    lines = [Entry(text, shown[places[category]], category in there) for text, category in entries]
    return above(drawn, legend_strip(short_list(lines), width=scale.strip, size=scale.text))


def _numbers(instances: Sequence[Instance]) -> list[str]:
    seen: Counter[str] = Counter()
    texts = []
    for instance in instances:
        seen[instance.category] += 1
        texts.append(str(seen[instance.category]))
    return texts
