"""Masks that stay in their files until asked for are the same masks."""

import copy
import dataclasses
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

from remotesam.data.faults import Fault
from remotesam.data.sources.problems import SourceError
from remotesam.data.sources.records import Annotation
from remotesam.data.sources.stored_masks import MaskFile, RunLengths, StoredAnnotation, decompress, run_lengths
from tests.data_factories.pictures import ring, save
from tests.data_factories.referring import encoded


@pytest.mark.parametrize(
    ("segmentation", "message", "kind"),
    [
        (None, "no run lengths", "format"),
        ([], "no run lengths", "format"),
        ([[1, 2, 3, 4, 5, 6]], "no run lengths", "format"),
        ({"size": [4, 5]}, "without `size`", "format"),
        ({"size": [4, 5], "counts": 3}, "without `size`", "format"),
        ({"size": [5, 4], "counts": "d0"}, "for 4 x 5 pixels in an image of 5 x 4", "size"),
        ({"size": [4, 5], "counts": [3, 4]}, "do not add up", "size"),
        ({"size": [4, 5], "counts": [-20, 40]}, "do not add up", "size"),
        ({"size": [4, 5], "counts": ["a"]}, "whole numbers", "format"),
        ({"size": [4, 5], "counts": "3"}, "do not add up", "size"),
        ({"size": [4, 5], "counts": ""}, "does not use", "format"),
        ({"size": [4, 5], "counts": "ü"}, "no ASCII", "format"),
        ({"size": [4, 5], "counts": "!!"}, "does not use", "format"),
        ({"size": [4, 5], "counts": "oo"}, "cut off", "format"),
        ({"size": [4, 5], "counts": "o" * 12 + "0"}, "beyond any image", "format"),
    ],
)
def test_bad_run_lengths_are_faults(segmentation: Any, message: str, kind: str) -> None:
    with pytest.raises(Fault, match=message) as caught:
        run_lengths(segmentation, 4, 5)
    assert caught.value.kind == kind


@given(st.integers(1, 40), st.integers(1, 40), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_run_lengths_are_those_of_pycocotools(height: int, width: int, share: float, seed: int) -> None:
    mask = np.random.default_rng(seed).random((height, width)) < share
    compressed = encoded(mask)
    lengths = decompress(compressed["counts"].encode())
    assert lengths.sum() == height * width
    for segmentation in (compressed, [compressed], {"size": [height, width], "counts": lengths.tolist()}):
        runs = run_lengths(segmentation, height, width)
        assert (runs.read() == mask).all()
        assert runs.area == mask.sum()
        x, y, wide, high = coco_mask.toBbox(coco_mask.encode(np.asfortranarray(mask, np.uint8)))
        assert runs.box == (x, y, x + wide, y + high)


def stored() -> tuple[StoredAnnotation, np.ndarray]:
    mask = ring(20, 30)
    runs = RunLengths((20, 30), encoded(mask)["counts"].encode())
    return StoredAnnotation("1", "tree", stored=runs), mask


def test_outlines_are_found_when_asked_for() -> None:
    annotation, mask = stored()
    assert annotation.has_mask
    assert "polygons" not in vars(annotation)
    assert (annotation.mask(20, 30) == mask).all()
    assert (Annotation("1", "tree", polygons=annotation.polygons, holes=annotation.holes).mask(20, 30) == mask).all()
    assert len(annotation.polygons) == 2
    assert len(annotation.holes) == 1


@pytest.mark.parametrize(
    "change",
    [copy.copy, copy.deepcopy, lambda a: pickle.loads(pickle.dumps(a)), lambda a: dataclasses.replace(a, id="2")],
)
def test_copies_have_the_same_mask(change: Any) -> None:
    annotation, mask = stored()
    assert (change(annotation).mask(20, 30) == mask).all()
    assert len(change(annotation).polygons) == 2


def test_mask_of_another_size_is_an_error() -> None:
    with pytest.raises(ValueError, match="30 x 20 pixels, not 20 x 20"):
        stored()[0].mask(20, 20)


def test_without_a_stored_mask_it_is_a_plain_annotation() -> None:
    square = np.array([[1, 1], [3, 1], [3, 3], [1, 3]], np.float32)
    assert StoredAnnotation("1", "ship", polygons=(square,)).mask(4, 4).sum() == 4
    assert not StoredAnnotation("1", "ship").has_mask


@pytest.mark.parametrize("form", ["L", "1", "RGB", "P", "L of 0 and 1", "I;16"])
def test_what_is_not_black_belongs_to_a_mask_file(tmp_path: Path, form: str) -> None:
    from PIL import Image

    mask = ring(20, 30)
    path = tmp_path / "mask.png"
    if form == "1":
        Image.fromarray(mask).save(path)
    elif form == "P":
        picture = Image.fromarray(mask.astype(np.uint8))
        picture.putpalette([0, 0, 0, 0, 0, 0])  # black twice: the number counts
        picture.save(path)
    elif form == "RGB":
        save(path, np.stack([mask * 0, mask * 0, mask * 200], axis=2).astype(np.uint8))
    else:
        dtype = np.uint16 if form == "I;16" else np.uint8
        save(path, mask.astype(dtype) * dtype({"L": 255, "I;16": 256}.get(form, 1)))
    assert (MaskFile(path, (20, 30)).read() == mask).all()


@pytest.mark.parametrize(("size", "damage"), [((20, 31), None), ((20, 30), b"\x89PNG none"), ((20, 30), b"")])
def test_mask_file_that_does_not_fit_is_a_source_error(
    tmp_path: Path, size: tuple[int, int], damage: bytes | None
) -> None:
    path = save(tmp_path / "mask.png", ring(20, 30).astype(np.uint8))
    if damage is not None:
        path.write_bytes(damage)
    with pytest.raises(SourceError, match=r"mask\.png"):
        MaskFile(path, size).read()
