"""Data sets of label maps in the layouts of their publishers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tests.data_factories.pictures import save, save_noise

HEIGHT, WIDTH = 12, 16


def drawn_indices(count: int, *, seed: int = 0, unlabelled: bool = False) -> np.ndarray:
    """(HEIGHT, WIDTH) uint8 indices below ``count`` in blocks, all of them there; some 255 where asked for."""
    rng = np.random.default_rng(seed)
    blocks = rng.permutation(np.arange(HEIGHT // 2 * WIDTH // 2) % count).reshape(HEIGHT // 2, WIDTH // 2)
    indices: np.ndarray = np.kron(blocks, np.ones((2, 2))).astype(np.uint8)
    if unlabelled:
        indices[:2, :3] = 255
    return indices


def numbered(indices: np.ndarray, numbers: Sequence[int], unlabelled: int = 0) -> np.ndarray:
    """The map as numbers: ``numbers[i]`` for index i."""
    table = np.full(256, unlabelled, np.uint8)
    table[: len(numbers)] = numbers
    return table[indices]


def coloured(
    indices: np.ndarray, colours: Sequence[tuple[int, int, int]], unlabelled: tuple[int, int, int] = (0, 0, 0)
) -> np.ndarray:
    """The map as colours."""
    table = np.full((256, 3), unlabelled, np.uint8)
    table[: len(colours)] = colours
    return table[indices]


LOVEDA = range(1, 8)
SIX_COLOURS = [(255, 255, 255), (0, 0, 255), (0, 255, 255), (0, 255, 0), (255, 255, 0), (255, 0, 0)]
UDD5 = [(107, 142, 35), (102, 102, 156), (128, 64, 128), (0, 0, 142), (0, 0, 0)]
DEEPGLOBE = [(0, 255, 255), (255, 255, 0), (255, 0, 255), (0, 255, 0), (0, 0, 255), (255, 255, 255)]
ISAID = [
    (0, 0, 0), (0, 0, 63), (0, 63, 63), (0, 63, 0), (0, 63, 127), (0, 63, 191), (0, 63, 255), (0, 127, 63),
    (0, 127, 127), (0, 0, 127), (0, 0, 191), (0, 0, 255), (0, 191, 127), (0, 127, 191), (0, 127, 255), (0, 100, 155),
]  # fmt: skip

Builder = Callable[[Path], Mapping[str, np.ndarray]]
"""Writes a data set and returns the indices of each record."""


def _pair(image: Path, label: Path, pixels: np.ndarray) -> None:
    save_noise(image, HEIGHT, WIDTH)
    save(label, pixels)


def loveda(root: Path) -> Mapping[str, np.ndarray]:
    """LoveDA as published."""
    drawn = {}
    for number, scene in enumerate(("Rural", "Urban")):
        indices = drawn_indices(7, seed=number, unlabelled=True)
        folder = root / "Train" / scene
        _pair(
            folder / "images_png" / f"{number}.png", folder / "masks_png" / f"{number}.png", numbered(indices, LOVEDA)
        )
        drawn[f"{scene}/{number}"] = indices
    save_noise(root / "Test" / "Urban" / "images_png" / "9.png", HEIGHT, WIDTH)
    return drawn


def converted(numbers: Sequence[int], *, unlabelled: int, end: str = "", split: str = "train") -> Builder:
    """Any set as mmsegmentation converts it."""

    def build(root: Path) -> Mapping[str, np.ndarray]:
        indices = drawn_indices(len(numbers), unlabelled=True)
        label = root / "ann_dir" / split / f"a{end}.png"
        _pair(root / "img_dir" / split / "a.png", label, numbered(indices, numbers, unlabelled))
        return {"a": indices}

    return build


def potsdam(images: str, bands: str, labels: str, end: str) -> Builder:
    """Potsdam as published, all scenes of training."""

    def build(root: Path) -> Mapping[str, np.ndarray]:
        columns = {2: (10, 13), 3: (10, 13), 4: (10, 13), 5: (10, 13), 6: (7, 13), 7: (7, 13)}
        scenes = [f"{row}_{column}" for row, ends in columns.items() for column in range(*ends)]
        drawn = {}
        for number, scene in enumerate(scenes):
            name = f"top_potsdam_{scene}"
            drawn[name] = drawn_indices(6, seed=number, unlabelled=True)
            pixels = coloured(drawn[name], SIX_COLOURS)
            _pair(root / images / f"{name}_{bands}.tif", root / labels / f"{name}_{end}.tif", pixels)
        return drawn

    return build


def vaihingen(labels: str, end: str) -> Builder:
    """Vaihingen as published, all scenes of training."""

    def build(root: Path) -> Mapping[str, np.ndarray]:
        drawn = {}
        for number in (1, 3, 5, 7, 11, 13, 15, 17, 21, 23, 26, 28, 30, 32, 34, 37):
            name = f"top_mosaic_09cm_area{number}"
            drawn[name] = drawn_indices(6, seed=number)
            pixels = coloured(drawn[name], SIX_COLOURS)
            _pair(root / "top" / f"{name}.tif", root / labels / f"{name}{end}.tif", pixels)
        return drawn

    return build


def udd5(*, in_colour: bool) -> Builder:
    """UDD5, in either form of its maps."""

    def build(root: Path) -> Mapping[str, np.ndarray]:
        indices = drawn_indices(5)
        pixels = coloured(indices, UDD5) if in_colour else numbered(indices, range(5))
        for split in ("train", "val"):
            _pair(root / split / "src" / "DJI_1.JPG", root / split / "gt" / "DJI_1.png", pixels)
        return {"DJI_1": indices}

    return build


def deepglobe(images: str, masks: str) -> Builder:
    """DeepGlobe with smeared colours."""

    def build(root: Path) -> Mapping[str, np.ndarray]:
        indices = drawn_indices(6, unlabelled=True)
        smear = np.random.default_rng(1).integers(-100, 100, (HEIGHT, WIDTH, 3))
        pixels = np.clip(coloured(indices, DEEPGLOBE) + smear, 0, 255).astype(np.uint8)
        _pair(root / images / "119_sat.jpg", root / masks / "119_mask.png", pixels)
        save_noise(root / "valid" / "7_sat.jpg", HEIGHT, WIDTH)
        return {"119": indices}

    return build


def isaid(*, together: bool, split: str = "train") -> Builder:
    """iSAID's colours, in the folder of the images or in one of their own."""

    def build(root: Path) -> Mapping[str, np.ndarray]:
        indices = drawn_indices(16)
        folder = root / split
        maps = folder / "images" if together else folder / "Semantic_masks" / "images"
        _pair(folder / "images" / "P0003.png", maps / "P0003_instance_color_RGB.png", coloured(indices, ISAID))
        save_noise(maps / "P0003_instance_id_RGB.png", HEIGHT, WIDTH)
        return {"P0003": indices}

    return build


def palette_set(colours: Mapping[str, int | tuple[int, int, int]]) -> Builder:
    """Images and masks of one's own."""

    def build(root: Path) -> Mapping[str, np.ndarray]:
        indices = drawn_indices(len(colours))
        values: list[Any] = list(colours.values())
        pixels = numbered(indices, values) if isinstance(values[0], int) else coloured(indices, values)
        _pair(root / "images" / "a.jpg", root / "masks" / "a.png", pixels)
        return {"a": indices}

    return build
