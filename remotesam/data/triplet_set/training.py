"""Triplet sets as training data: pictures with the sentences that were written about them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch

from remotesam.data.geometry import MIN_PIXELS
from remotesam.data.photometric import distort
from remotesam.data.scene import SceneError
from remotesam.data.transforms import Augmentation, cover, warp
from remotesam.data.triplet_set.choosing import choose, wishes_of
from remotesam.data.triplet_set.freedom import needs_colours
from remotesam.data.triplet_set.grouping import group_by_picture
from remotesam.data.triplet_set.placing import fit, place, place_mask, touches
from remotesam.data.triplet_set.problems import TripletSetError
from remotesam.data.triplet_set.reader import TripletSet
from remotesam.data.triplet_set.schema import TripletRow
from remotesam.data.triplet_set.targets import annotated_categories, draw_known_categories, draw_known_contours, parts
from remotesam.data.triplets import Kind


class TripletPictures:
    """The pictures of a triplet set, each with all its rows; a source for ``remotesam.data.dataset.TripletDataset``.

    Sentences are used as they are written. How far a picture is augmented depends on those that were drawn about it,
    see ``remotesam.data.triplet_set.freedom``: the first decides, and the others are taken from those that allow as
    much, if there are enough of them.

    Args:
        root: Folder of the set.
        split: Only rows of this split, or of these splits.
        source: Likewise for sources.
        kind: Likewise for kinds.
        category: Likewise for categories.
        image_root: Where its pictures are, instead of what the manifest says.
        on_error: What becomes of a picture or mask that cannot be read: "skip" lets the data set log it and draw
            another picture, "raise" stops.

    Raises:
        SceneError: The set cannot be opened or has no such row.

    Example:
        >>> pictures = TripletPictures("ships", split="train")                                      # doctest: +SKIP
        >>> len(pictures), [row.expression for row in pictures.rows(0)]                             # doctest: +SKIP
        (240, ['all ships', 'the ship on the left', 'the largest ship'])
    """

    def __init__(
        self,
        root: str | Path,
        *,
        split: str | Collection[str] | None = None,
        source: str | Collection[str] | None = None,
        kind: Kind | Collection[Kind] | None = None,
        category: str | Collection[str] | None = None,
        image_root: str | Path | None = None,
        on_error: Literal["raise", "skip"] = "skip",
    ) -> None:
        if on_error not in ("raise", "skip"):
            raise ValueError(f"on_error is {on_error!r}; use 'skip' or 'raise'")
        self.on_error = on_error
        wanted = {"split": split, "source": source, "kind": kind, "category": category}
        try:
            self.triplets = TripletSet(root, image_root=image_root)
            chosen = {name: value for name, value in wanted.items() if value is not None}
            if chosen:
                self.triplets = self.triplets.filter(**chosen)
            self.triplets.prepare()
        except TripletSetError as error:
            raise SceneError(str(error)) from error
        if not len(self.triplets):
            raise SceneError(f"{self.triplets!r}: no row has all of {chosen}")
        self._order, self._starts = group_by_picture(self.triplets)

    def __len__(self) -> int:
        """Number of pictures."""
        return len(self._starts) - 1

    def rows(self, index: int) -> list[TripletRow]:
        """All rows about a picture, in the order of the set."""
        return self.triplets.rows(self._order[self._starts[index] : self._starts[index + 1]])

    def item(
        self,
        index: int,
        *,
        size: int,
        sentences: int,
        augment: Augmentation | None,
        kind_ratio: Mapping[Kind, float],
        rng: np.random.Generator,
    ) -> dict[str, Any]:
        """A picture in a square with some of its sentences, see ``remotesam.data.dataset.TripletDataset``.

        Args:
            index: Which picture.
            size: Side of the square in pixels.
            sentences: How many sentences at most: those of a picture are not repeated, and one whose target shrinks
                below 20 pixels, or is cut down to that, is left out.
            augment: Ranges of the changes; None fits the picture in, undistorted.
            kind_ratio: How often each kind is drawn, where a picture has sentences of all kinds.
            rng: Source of all choices.

        Returns:
            The item. ``annotated`` and ``category_map`` know what the rows about all or none of a category say, and
            ``contour`` the outlines of all targets; both are 255 where nothing is known.

        Raises:
            SceneError: The picture or a mask cannot be read, or none of the targets can be seen in it.
        """
        rows = self.rows(index)
        name = rows[0].image if rows[0].window is None else f"{rows[0].image} {rows[0].window}"
        try:
            image, masks = self._read(rows)
        except TripletSetError as error:
            raise SceneError(str(error), skip=self.on_error == "skip") from error
        chosen, allowed = choose(rows, sentences, kind_ratio, rng)
        shape = (rows[0].height, rows[0].width)
        if augment is None:
            matrix = fit(shape, size)
        else:
            wishes = wishes_of(chosen, masks, allowed=allowed, focus=augment.focus, rng=rng)
            matrix = place(shape, size, augment, wishes, rng)
        placed = {row.rle: place_mask(masks[row.rle], row.box, matrix, size) for row in rows if row.box is not None}
        masks[""], placed[""] = np.zeros(shape, bool), np.zeros((size, size), bool)
        asked = [(row, kind) for row in chosen if (kind := _seen(row, masks[row.rle], placed[row.rle], matrix))]
        if not asked:
            raise SceneError(f"{name}: its targets are too small to be seen in {size} x {size} pixels", skip=True)
        shown = [placed[row.rle] for row, _ in asked]
        fill = (124, 116, 104) if augment is not None and rng.random() < augment.grey_border else (0, 0, 0)
        image = warp(image, matrix, (size, size), fill)
        if augment is not None:
            image = _disturb(image, augment, [row for row, _ in asked], shown, rng)
        return {
            "image": torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1))),
            "expressions": [row.expression for row, _ in asked],
            "masks": torch.from_numpy(np.stack(shown).view(np.uint8)),
            "contour": torch.from_numpy(draw_known_contours(rows, placed, size)),
            "category_map": torch.from_numpy(draw_known_categories(rows, placed, size)),
            "annotated": torch.tensor(annotated_categories(rows)),
            "kinds": [kind for _, kind in asked],
            "categories": [row.category for row, _ in asked],
            "id": name,
        }

    def _read(self, rows: Sequence[TripletRow]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        for row in rows[1:]:
            if (row.width, row.height) != (rows[0].width, rows[0].height):
                sizes = f"{rows[0].width} x {rows[0].height} and {row.width} x {row.height}"
                raise TripletSetError(f"{row.image}: its rows say {sizes} pixels", kind="size")
        masks: dict[str, np.ndarray] = {}
        for row in rows:
            if row.rle not in masks and row.box is not None:
                masks[row.rle] = row.mask()
        return self.triplets.picture(rows[0]), masks


def _seen(row: TripletRow, mask: np.ndarray, placed: np.ndarray, matrix: np.ndarray) -> Kind | None:
    """The kind of a row in the square: one-to-zero where a crop left nothing of many; None where it is in doubt."""
    if row.box is None or np.count_nonzero(placed) >= MIN_PIXELS:
        return row.kind
    return "one-to-zero" if row.kind == "one-to-many" and not touches(mask, matrix, len(placed)) else None


def _disturb(
    image: np.ndarray,
    augment: Augmentation,
    rows: Sequence[TripletRow],
    masks: Sequence[np.ndarray],
    rng: np.random.Generator,
) -> np.ndarray:
    if augment.photometric is not None:
        changed, true_colours = distort(image, augment.photometric, rng)
        if true_colours or not any(needs_colours(row) for row in rows):
            image = changed
    if rng.random() < augment.boxes:
        boxes = [box for mask in masks for box in parts(mask)]
        image = cover(image, np.array(boxes, np.float64).reshape(-1, 4), augment.box_size, rng)
    return image
