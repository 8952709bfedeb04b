"""Which sentences are asked about a picture, and what they want of its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from remotesam.data.triplet_set.freedom import Freedom, freedom
from remotesam.data.triplet_set.placing import Wishes
from remotesam.data.triplet_set.schema import TripletRow
from remotesam.data.triplets import Kind


def choose(
    rows: Sequence[TripletRow], count: int, kind_ratio: Mapping[Kind, float], rng: np.random.Generator
) -> tuple[list[TripletRow], Freedom]:
    """Draw sentences about a picture and say how far it may be changed.

    The first is drawn by its kind, the others from those that allow what the first allows; where they are too few, the
    rest of them too. Kinds without a share are left out unless there is nothing else.

    Returns:
        At most ``count`` rows, and what all of them allow.
    """
    rows = list({row.expression: row for row in reversed(rows)}.values())[::-1]  # each sentence once
    kinds = Counter(row.kind for row in rows)
    weights = np.array([kind_ratio.get(row.kind, 0.0) / kinds[row.kind] for row in rows])
    if not weights.any():
        weights = np.array([1 / kinds[row.kind] for row in rows])
    free = np.array([freedom(row) for row in rows])
    chosen = [int(rng.choice(len(rows), p=weights / weights.sum()))]
    for group in (free <= free[chosen[0]], free > free[chosen[0]]):
        candidates = np.flatnonzero(group & (weights > 0) & (np.arange(len(rows)) != chosen[0]))
        wanted = min(count - len(chosen), len(candidates))
        if wanted > 0:
            shares = weights[candidates] / weights[candidates].sum()
            chosen += rng.choice(candidates, wanted, replace=False, p=shares).tolist()
    return [rows[index] for index in chosen], Freedom(max(free[chosen]))


def wishes_of(
    chosen: Sequence[TripletRow],
    masks: Mapping[str, np.ndarray],
    *,
    allowed: Freedom,
    focus: float,
    rng: np.random.Generator,
) -> Wishes:
    """What the place of a picture owes to the sentences that are asked.

    Args:
        chosen: Rows about the picture.
        masks: Their masks by run lengths, (H, W) bool.
        allowed: What all of them allow.
        focus: Probability that a crop is put around a random pixel of a random target, and not anywhere.
        rng: Source of all choices.
    """
    targets = [row for row in chosen if row.box is not None]
    boxes = [row.box for row in targets if row.box is not None and row.kind == "one-to-one"]
    keep = None
    if boxes:
        left, top, right, bottom = zip(*boxes, strict=True)
        keep = (min(left), min(top), max(right), max(bottom))
    point = None
    if targets and rng.random() < focus:
        pixels = np.flatnonzero(masks[targets[int(rng.integers(len(targets)))].rle])
        y, x = divmod(int(pixels[int(rng.integers(len(pixels)))]), targets[0].width)
        point = (x + 0.5, y + 0.5)
    return Wishes(allowed, keep, point, min((row.area for row in targets), default=None))
