"""The training data set: crops of scenes with sentences and masks, the same in every process."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import cv2
import numpy as np
import torch
from torch.utils.data import Dataset

from remotesam.data.expressions import misspell
from remotesam.data.scene import Instance, SceneError, SceneSource
from remotesam.data.transforms import Augmentation, augment, letterbox
from remotesam.data.triplets import CANONICAL_SHARE, KIND_RATIO, Kind, make_triplets
from remotesam.data.vocabulary import CATEGORIES

logger = logging.getLogger(__name__)

_ATTEMPTS = 20
UNKNOWN_CATEGORY = 255
"""Number of an instance in a category map whose category is not in the vocabulary."""


@runtime_checkable
class ItemSource(Protocol):
    """A numbered collection of pictures that come with sentences of their own."""

    def __len__(self) -> int:
        """Number of pictures."""
        ...

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
        """Return an item of :class:`TripletDataset` about picture ``index``, drawn by ``rng`` alone."""
        ...


class TripletDataset(Dataset[dict[str, Any]]):
    """Crops of random scenes with sentences. Item ``i`` is a function of (seed, epoch, i) alone.

    Args:
        sources: Where scenes come from, or pictures that have sentences already (:class:`ItemSource`); both may be
            mixed.
        weights: How often each source is drawn, relative to the others.
        length: Items an epoch.
        size: Side of the square crops in pixels.
        sentences: Sentences a crop (K); 0 where only contours and categories are learned.
        seed: Seed of everything.
        augment: How crops are cut and distorted; None fits the whole scene in, undistorted.
        kind_ratio: Share of the kinds of sentences.
        misspelt: Share of the sentences that get a slip of the pen.
        canonical: Share of "{category} in the image" among the sentences about all or none of a category.

    An item is a dictionary: ``image`` uint8 (3, S, S) RGB; ``expressions`` K strings, or fewer for a picture that comes
    with fewer sentences; ``masks`` uint8 (K, S, S) of 0 and 1; ``contour`` uint8 (S, S), 1 on the outlines of all
    instances, 255 where that is unknown; ``category_map`` uint8 (S, S), see :func:`draw_categories`; ``annotated`` bool
    (C,), which of the vocabulary's categories the source annotates; ``kinds`` and ``categories`` K strings; ``id``
    names the scene.

    A scene that its source marks as skippable is replaced by another one, which too depends on (seed, epoch, i) alone.
    """

    def __init__(
        self,
        *,
        sources: Sequence[SceneSource | ItemSource],
        weights: Sequence[float],
        length: int,
        size: int,
        sentences: int,
        seed: int,
        augment: Augmentation | None,
        kind_ratio: Mapping[Kind, float] = KIND_RATIO,
        misspelt: float = 0.04,
        canonical: float = CANONICAL_SHARE,
    ) -> None:
        if not sources or len(sources) != len(weights):
            raise ValueError(f"one weight per source is needed, got {len(sources)} sources and {len(weights)} weights")
        if min(weights) < 0 or sum(weights) <= 0:
            raise ValueError(f"weights must be non-negative and not all zero, got {list(weights)}")
        for name, value, least in (("length", length, 1), ("size", size, 1), ("sentences", sentences, 0)):
            if value < least:
                raise ValueError(f"{name} must be at least {least}, got {value}")
        if not sentences and any(isinstance(source, ItemSource) for source in sources):
            raise ValueError("sentences is 0, but pictures that come with sentences have nothing else to teach")
        if not 0 <= misspelt <= 1:
            raise ValueError(f"misspelt is a share in [0, 1], got {misspelt}")
        self.sources = list(sources)
        self.probabilities = np.array(weights, np.float64) / sum(weights)
        self.length = length
        self.size = size
        self.sentences = sentences
        self.seed = seed
        self.augment = augment
        self.kind_ratio = dict(kind_ratio)
        self.canonical = canonical
        self.misspelt = misspelt
        self.epoch = 0

    def __len__(self) -> int:
        """Items an epoch."""
        return self.length

    def set_epoch(self, epoch: int) -> None:
        """Draw other items from now on.

        It holds for the process that calls it. Workers copy the data set when they start, so a loader with persistent
        workers has to pass the epoch along with the index and call this there.
        """
        self.epoch = epoch

    def __getitem__(self, index: int) -> dict[str, Any]:
        """Return item ``index``, see the class."""
        if not 0 <= index < self.length:
            raise IndexError(f"item {index} of a data set of {self.length}")
        rng = np.random.default_rng([self.seed, self.epoch, index])
        for _ in range(_ATTEMPTS):
            source = self.sources[int(rng.choice(len(self.sources), p=self.probabilities))]
            number, seed = int(rng.integers(len(source))), int(rng.integers(2**31))
            try:
                item = self._item(source, number, seed, rng)
            except SceneError as error:
                if not error.skip:
                    raise
                logger.warning("skipped: %s", error)
                continue
            item["expressions"] = [
                misspell(expression, rng) if rng.random() < self.misspelt else expression
                for expression in item["expressions"]
            ]
            return item
        raise SceneError(f"{_ATTEMPTS} scenes in a row could not be read; see the log for each of them")

    def _item(
        self, source: SceneSource | ItemSource, number: int, seed: int, rng: np.random.Generator
    ) -> dict[str, Any]:
        if isinstance(source, ItemSource):
            return source.item(
                number,
                size=self.size,
                sentences=self.sentences,
                augment=self.augment,
                kind_ratio=self.kind_ratio,
                rng=rng,
            )
        scene = source.scene(number, seed)
        if self.augment is None:
            crop = letterbox(scene, self.size)
        else:
            donor = None
            if self.augment.copy_paste and rng.random() < self.augment.copy_paste:
                donor = source.scene(int(rng.integers(len(source))), seed)
            crop = augment(scene, self.size, self.augment, rng, donor=donor)
        triplets = make_triplets(
            crop.scene,
            count=self.sentences,
            rng=rng,
            kind_ratio=self.kind_ratio,
            frame=crop.frame,
            canonical=self.canonical,
        )
        masks = np.array([triplet.mask for triplet in triplets], dtype=np.uint8)
        return {
            "image": torch.from_numpy(np.ascontiguousarray(crop.scene.image.transpose(2, 0, 1))),
            "expressions": [triplet.expression for triplet in triplets],
            "masks": torch.from_numpy(masks.reshape(-1, self.size, self.size)),
            "contour": torch.from_numpy(draw_contours(crop.scene.instances, self.size, self.size)),
            "category_map": torch.from_numpy(draw_categories(crop.scene.instances, self.size, self.size)),
            "annotated": torch.tensor([name in scene.annotated for name in CATEGORIES]),
            "kinds": [triplet.kind for triplet in triplets],
            "categories": [triplet.category for triplet in triplets],
            "id": scene.name,
        }


def draw_contours(instances: Sequence[Instance], height: int, width: int) -> np.ndarray:
    """Draw the outlines of all instances, about two pixels wide.

    Returns:
        ``(height, width)`` uint8 of 0 and 1. The border of the image is no outline.
    """
    canvas = np.zeros((height, width), np.uint8)
    shift = 4
    for instance in instances:
        for polygon in (*instance.polygons, *instance.holes):
            points = np.round((polygon - 0.5) * (1 << shift)).astype(np.int32)
            cv2.polylines(canvas, [points], True, 1, 2, cv2.LINE_8, shift)
    return canvas


def draw_categories(instances: Sequence[Instance], height: int, width: int) -> np.ndarray:
    """Draw every instance with the number of its category; smaller instances lie above larger ones.

    Returns:
        ``(height, width)`` uint8: 0 where nothing is, i for the i-th category of the vocabulary (from 1), and
        :data:`UNKNOWN_CATEGORY` for an instance that the vocabulary does not know.
    """
    numbers = {name: number for number, name in enumerate(CATEGORIES, start=1)}
    canvas = np.zeros((height, width), np.uint8)
    masks = [(instance.mask(height, width), instance.category) for instance in instances]
    for mask, category in sorted(masks, key=lambda item: -int(item[0].sum())):
        canvas[mask] = numbers.get(category, UNKNOWN_CATEGORY)
    return canvas


def collate(items: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Join B items of :class:`TripletDataset` with K sentences each.

    Returns:
        ``images`` uint8 (B, 3, S, S), ``expressions`` B * K strings, ``image_index`` int64 (B * K,) that says to which
        image each belongs, ``masks`` uint8 (B * K, S, S), ``contours`` uint8 (B, S, S), ``category_maps`` uint8
        (B, S, S), ``annotated`` bool (B, C), ``sentence_categories`` int64 (B * K,), the number of the category in the
        vocabulary (from 0) or -1, ``kinds`` and ``categories`` B * K strings, ``ids`` B strings.
    """
    numbers = {name: number for number, name in enumerate(CATEGORIES)}
    counts = torch.tensor([len(item["expressions"]) for item in items])
    return {
        "images": torch.stack([item["image"] for item in items]),
        "expressions": [expression for item in items for expression in item["expressions"]],
        "image_index": torch.repeat_interleave(torch.arange(len(items)), counts),
        "masks": torch.cat([item["masks"] for item in items]),
        "contours": torch.stack([item["contour"] for item in items]),
        "category_maps": torch.stack([item["category_map"] for item in items]),
        "annotated": torch.stack([item["annotated"] for item in items]),
        "sentence_categories": torch.tensor(
            [numbers.get(name, -1) for item in items for name in item["categories"]], dtype=torch.long
        ),
        "kinds": [kind for item in items for kind in item["kinds"]],
        "categories": [category for item in items for category in item["categories"]],
        "ids": [item["id"] for item in items],
    }


def worker_init(worker_id: int) -> None:
    """Keep OpenCV and torch to one thread in a data worker (``DataLoader(worker_init_fn=worker_init)``)."""
    del worker_id
    cv2.setNumThreads(0)
    torch.set_num_threads(1)
