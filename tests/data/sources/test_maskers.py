from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from remotesam.data.faults import Fault
from remotesam.data.scene import rasterise_outlines
from remotesam.data.segmentation import Outlines
from remotesam.data.sources import RecordSet, SourceError
from remotesam.data.sources.coco import read_coco
from remotesam.data.sources.dota import read_dota
from remotesam.data.sources.maskers import (
    BoxMasker,
    PolygonFill,
    SamMasker,
    SegmenterMasker,
    make_all_masks,
    make_masks,
    summarise,
)
from remotesam.data.sources.maskers.apply import box_iou
from remotesam.data.sources.maskers.base import outlines_within, region_of, windows
from tests.data_factories.objects import HEIGHT, PICTURES, WIDTH, write_coco, write_dota


def pixels_of(outlines: Outlines, height: int, width: int) -> np.ndarray:
    return rasterise_outlines(*outlines, height, width)


class Fixed:
    """Gives every box the same answer."""

    name = "fixed"

    def __init__(self, outlines: Outlines) -> None:
        self.outlines = outlines

    def mask(self, image: np.ndarray, boxes: np.ndarray, corners: Any, categories: Sequence[str]) -> list[Outlines]:
        return [self.outlines] * len(boxes)


class Bright:
    """Answers each sentence with the brightness of one band."""

    threshold = 0.7

    def __init__(self, bands: dict[str, int]) -> None:
        self.bands = bands
        self.asked: list[tuple[tuple[int, ...], tuple[str, ...]]] = []

    def segment(self, image: np.ndarray, expressions: Sequence[str]) -> np.ndarray:
        self.asked.append((image.shape, tuple(expressions)))
        return np.stack([image[:, :, self.bands[sentence]].astype(np.float32) / 255 for sentence in expressions])


# --- windows and regions


def test_no_box_needs_no_window() -> None:
    assert windows(np.zeros((0, 4)), (10, 10), side=100) == windows(np.zeros((0, 4)), (1000, 10), side=100) == []


@pytest.mark.parametrize("seed", range(4))
def test_every_box_is_in_one_window_with_room_around_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    height, width, side = 900, 1300, 200
    corner = rng.uniform(0, (width - 50, height - 50), (60, 2))
    boxes = np.concatenate([corner, corner + rng.uniform(3, 300, (60, 2))], axis=1).clip(0, (width, height) * 2)
    placed = windows(boxes, (height, width), side=side)
    assert sorted(index for _, members in placed for index in members) == list(range(60))
    assert len(placed) < 60
    for (left, top, right, bottom), members in placed:
        assert 0 <= left < right <= width and 0 <= top < bottom <= height
        for index in members:
            x1, y1, x2, y2 = boxes[index]
            assert left <= x1 and top <= y1 and x2 <= right and y2 <= bottom
            assert left == 0 or x1 > left or x2 - x1 > side / 2


def test_an_oriented_region_grows_along_its_own_sides() -> None:
    corners = np.array([[10, 0], [20, 10], [10, 20], [0, 10]], np.float32)
    assert (region_of(np.zeros(4), corners, 0.5) == [[10, -10], [30, 10], [10, 30], [-10, 10]]).all()


def test_a_mask_of_a_window_is_cut_and_moved() -> None:
    region = np.array([[12, 20], [14, 20], [14, 25], [12, 25]], np.float32)
    found = pixels_of(outlines_within(np.ones((10, 10), bool), region, left=10, top=20), 40, 40)
    expected = np.zeros((40, 40), bool)
    expected[20:25, 12:14] = True
    assert (found == expected).all()
    assert outlines_within(np.zeros((5, 5), bool), None) == ((), ())


# --- maskers


def test_filling_gives_the_oriented_boxes(tmp_path: Path) -> None:
    write_dota(tmp_path)
    masker: BoxMasker = PolygonFill()
    records, agreements = make_all_masks(read_dota(tmp_path), masker)
    for record, objects in zip(records, PICTURES.values(), strict=True):
        for annotation, drawn in zip(record.annotations, objects, strict=True):
            assert annotation.maker == "box fill" and (annotation.mask(HEIGHT, WIDTH) == drawn.mask).all()
    assert {agreement.iou for agreement in agreements} == {1.0} and all(agreement.kept for agreement in agreements)


def test_a_segmenter_is_asked_once_for_each_category_and_restricted_to_the_boxes() -> None:
    image = np.zeros((40, 60, 3), np.uint8)
    image[5:20, 5:30, 0] = 255
    image[5:20, 40:50, 1] = 150
    segmenter = Bright({"ship in the image": 0, "storage tank in the image": 1})
    masker = SegmenterMasker(segmenter, name="bright")
    boxes = np.array([[0, 0, 10, 10], [20, 10, 60, 40], [35, 0, 60, 40]], float)
    masks = masker.mask(image, boxes, [None] * 3, ["ship", "ship", "storage_tank"])
    assert segmenter.asked == [((40, 60, 3), ("ship in the image", "storage tank in the image"))]
    expected = np.zeros((3, 40, 60), bool)
    expected[0, 5:10, 5:10] = expected[1, 10:20, 20:30] = True
    assert all((pixels_of(mask, 40, 60) == wanted).all() for mask, wanted in zip(masks, expected, strict=True))
    lower = SegmenterMasker(segmenter, name="bright", threshold=0.5)
    assert pixels_of(lower.mask(image, boxes[2:], [None], ["storage_tank"])[0], 40, 60).sum() == 150


def test_large_images_are_answered_in_windows() -> None:
    image = np.zeros((100, 400, 3), np.uint8)
    image[40:60, 10:30, 0] = image[40:60, 350:380, 0] = 255
    segmenter = Bright({"ship in the image": 0})
    boxes = np.array([[350, 40, 380, 60], [5, 35, 35, 65]], float)
    masks = SegmenterMasker(segmenter, name="bright", window=100).mask(image, boxes, [None] * 2, ["ship"] * 2)
    assert [shape for shape, _ in segmenter.asked] == [(100, 100, 3)] * 2
    assert [pixels_of(mask, 100, 400).sum() for mask in masks] == [600, 400]
    assert pixels_of(masks[0], 100, 400)[40:60, 350:380].all()


@pytest.mark.parametrize("threshold", [0.0, 1.0, -1.0])
def test_the_threshold_is_a_probability(threshold: float) -> None:
    with pytest.raises(ValueError, match="threshold is"):
        SegmenterMasker(Bright({}), name="bright", threshold=threshold)


def _tiny_sam() -> tuple[Any, Any]:
    from transformers import SamConfig, SamImageProcessor, SamModel, SamProcessor

    sides = {"image_size": 64, "patch_size": 16}
    vision = {"hidden_size": 16, "output_channels": 16, "num_hidden_layers": 1, "num_attention_heads": 2, **sides}
    config = SamConfig(
        vision_config={**vision, "window_size": 2, "global_attn_indexes": [0], "num_pos_feats": 8, "mlp_dim": 16},
        prompt_encoder_config={"hidden_size": 16, "mask_input_channels": 4, **sides},
        mask_decoder_config=_DECODER,
    )
    images = SamImageProcessor(
        size={"longest_edge": 64},
        pad_size={"height": 64, "width": 64},
        mask_size={"longest_edge": 16},
        mask_pad_size={"height": 16, "width": 16},
    )
    return SamModel(config), SamProcessor(images)


def _tiny_sam2() -> tuple[Any, Any]:
    transformers = pytest.importorskip("transformers", minversion="4.56")
    backbone = {
        "model_type": "sam2_hiera_det_model",
        "hidden_size": 8,
        "image_size": [128, 128],
        "blocks_per_stage": [1, 1, 1, 1],
        "embed_dim_per_stage": [8, 16, 32, 64],
        "num_attention_heads_per_stage": [1, 1, 1, 1],
        "window_size_per_stage": [4, 2, 2, 2],
        "global_attention_blocks": [],
    }
    config = transformers.Sam2Config(
        vision_config={
            "backbone_config": backbone,
            "backbone_channel_list": [64, 32, 16, 8],
            "backbone_feature_sizes": [[32, 32], [16, 16], [8, 8]],
            "fpn_hidden_size": 16,
        },
        prompt_encoder_config={"hidden_size": 16, "image_size": 128, "patch_size": 16, "mask_input_channels": 4},
        mask_decoder_config=_DECODER,
    )
    images = transformers.Sam2ImageProcessor(size={"height": 128, "width": 128}, mask_size={"height": 32, "width": 32})
    return transformers.Sam2Model(config), transformers.Sam2Processor(images, target_size=128)


_DECODER = {
    "hidden_size": 16,
    "mlp_dim": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "iou_head_hidden_dim": 16,
    "iou_head_depth": 2,
}
_TINY = {"sam": _tiny_sam, "sam2": _tiny_sam2}


def _random(kind: str) -> tuple[Any, Any]:
    import torch

    torch.manual_seed(0)
    model, processor = _TINY[kind]()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, 0.3)
    return model.eval(), processor


@pytest.mark.parametrize("kind", sorted(_TINY))
@pytest.mark.parametrize("batch", [1, 2, 32])
def test_sam_answers_as_the_model_itself_does(kind: str, batch: int) -> None:
    import torch

    model, processor = _random(kind)
    image = np.random.default_rng(0).integers(0, 255, (50, 80, 3), dtype=np.uint8)
    boxes = np.array([[5, 5, 30, 20], [40, 10, 60, 45], [1, 1, 79, 49]], float)
    inputs = processor(images=image, input_boxes=[boxes.tolist()], return_tensors="pt")
    with torch.inference_mode():
        answer = model(
            pixel_values=inputs["pixel_values"], input_boxes=inputs["input_boxes"].float(), multimask_output=False
        )
    sizes = [inputs[name] for name in ("original_sizes", "reshaped_input_sizes") if name in inputs]
    expected = processor.post_process_masks(answer.pred_masks, *sizes)[0][:, 0].numpy()
    masks = SamMasker(model, processor, name=kind, batch=batch, margin=None).mask(
        image, boxes, [None] * 3, ["ship"] * 3
    )
    assert expected.shape == (3, 50, 80) and 0 < expected.mean() < 1
    for mask, wanted in zip(masks, expected, strict=True):
        # A few pixels at the very threshold may tip over with the size of the batch.
        assert (pixels_of(mask, 50, 80) != wanted).mean() < 0.005


def test_sam_stays_near_the_box_and_works_in_windows() -> None:
    model, processor = _random("sam")
    image = np.random.default_rng(1).integers(0, 255, (90, 400, 3), dtype=np.uint8)
    boxes = np.array([[10, 10, 60, 60], [300, 20, 380, 80]], float)
    corners = [np.array([[35, 10], [60, 35], [35, 60], [10, 35]], np.float32), None]
    masks = SamMasker(model, processor, name="sam", window=128, margin=0.0).mask(image, boxes, corners, ["ship"] * 2)
    inside = [pixels_of(mask, 90, 400) for mask in masks]
    allowed = np.zeros((2, 90, 400), bool)
    allowed[0] = pixels_of(((corners[0],), ()), 90, 400) if corners[0] is not None else False
    allowed[1, 20:80, 300:380] = True
    assert not (np.stack(inside) & ~allowed).any() and any(mask.any() for mask in inside)


@pytest.mark.parametrize("kind", sorted(_TINY))
def test_sam_is_loaded_from_a_folder(tmp_path: Path, kind: str) -> None:
    model, processor = _random(kind)
    model.save_pretrained(tmp_path)
    processor.save_pretrained(tmp_path)
    masker = SamMasker.from_pretrained(str(tmp_path), device="cpu", window=64, name="tiny")
    assert (masker.name, masker.window) == ("tiny", 64)
    image = np.zeros((50, 80, 3), np.uint8)
    assert len(masker.mask(image, np.array([[5, 5, 30, 20.0]]), [None], ["ship"])) == 1


def test_other_models_are_refused(tmp_path: Path) -> None:
    from transformers import BertConfig

    BertConfig().save_pretrained(tmp_path)
    with pytest.raises(ValueError, match="type 'bert'; it takes 'sam' or 'sam2'"):
        SamMasker.from_pretrained(str(tmp_path))
    with pytest.raises(ValueError, match="at least 1"):
        SamMasker(None, None, name="none", batch=0)


# --- records


def _boxes(tmp_path: Path) -> RecordSet:
    write_coco(tmp_path, form="boxes")
    return read_coco(tmp_path, on_error="raise")


SQUARE: Outlines = ((np.array([[70, 5], [110, 5], [110, 60], [70, 60]], np.float32),), ())


def test_masks_that_disagree_with_their_box_are_dropped(tmp_path: Path) -> None:
    record = _boxes(tmp_path)[0]
    made, agreements = make_masks(record, Fixed(SQUARE), min_agreement=0.5)
    assert [annotation.has_mask for annotation in made.annotations] == [False, True, False]
    assert [agreement.kept for agreement in agreements] == [False, True, False]
    assert [agreement.iou for agreement in agreements] == [0.0, 1.0, 0.0]
    kept, _ = make_masks(record, Fixed(SQUARE))
    assert [annotation.maker for annotation in kept.annotations] == ["fixed"] * 3
    assert not any(annotation.has_mask for annotation in record.annotations)


def test_empty_masks_are_dropped_whatever_is_asked(tmp_path: Path) -> None:
    made, agreements = make_masks(_boxes(tmp_path)[0], Fixed(((), ())))
    assert not any(annotation.has_mask for annotation in made.annotations) and len(agreements) == 3


def test_masks_that_are_there_stay(tmp_path: Path) -> None:
    write_coco(tmp_path)
    record = read_coco(tmp_path)[0]
    assert make_masks(record, Fixed(SQUARE)) == (record, ())


def test_an_image_that_cannot_be_read_is_listed_or_fatal(tmp_path: Path) -> None:
    records = _boxes(tmp_path)
    records[1].image.write_bytes(b"")
    with pytest.raises(Fault, match="cannot be read"):
        make_masks(records[1], PolygonFill())
    made, agreements = make_all_masks(records, PolygonFill())
    assert [record.id for record in made] == ["0", "2"] and made.problems[0].kind == "unreadable"
    assert summarise(agreements)["all"] == {"masks": 3, "kept": 3, "mean": 1.0, "median": 1.0, "below_half": 0.0}
    with pytest.raises(SourceError, match="cannot be read"):
        make_all_masks(records, PolygonFill(), on_error="raise")


def test_pixels_of_another_size_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="the image is 5 x 4 pixels"):
        make_masks(_boxes(tmp_path)[0], PolygonFill(), image=np.zeros((4, 5, 3), np.uint8))


def test_corners_alone_are_enough(tmp_path: Path) -> None:
    record = _boxes(tmp_path)[0]
    corners = PICTURES["0001"][0].corners
    bare = replace(record, annotations=(replace(record.annotations[0], box=None, corners=corners),))
    made, [agreement] = make_masks(bare, PolygonFill())
    assert (made.annotations[0].mask(HEIGHT, WIDTH) == PICTURES["0001"][0].mask).all() and agreement.iou == 1


@pytest.mark.parametrize(
    ("first", "second", "iou"),
    [
        ((0, 0, 10, 10), (0, 0, 10, 10), 1.0),
        ((0, 0, 10, 10), (5, 0, 15, 10), 1 / 3),
        ((0, 0, 10, 10), (20, 0, 30, 10), 0.0),
        ((-50, 0, 10, 10), (0, 0, 10, 10), 1.0),
        ((90, 0, 120, 10), (90, 0, 300, 10), 1.0),
        ((200, 0, 220, 10), (200, 0, 220, 10), 0.0),
    ],
)
def test_boxes_are_compared_inside_the_image(first: Any, second: Any, iou: float) -> None:
    assert box_iou(first, second, 100, 50) == pytest.approx(iou)


def test_nothing_made_is_summarised_as_nothing() -> None:
    assert summarise([]) == {}
