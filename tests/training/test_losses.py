import math

import pytest
import torch

from remotesam.data.dataset import UNKNOWN_CATEGORY
from remotesam.training.losses import (
    ReferringLoss,
    category_loss,
    contour_loss,
    dice_loss,
    presence_loss,
    sentence_loss,
    weighted_cross_entropy,
)


def logits_of(probability: list[float]) -> torch.Tensor:
    """(1, 2, 1, n) logits whose softmax gives the object these probabilities."""
    p = torch.tensor(probability)
    return torch.stack([torch.zeros_like(p), torch.log(p / (1 - p))])[None, :, None]


def mask_of(*rows: list[int]) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.uint8)[:, None]


def test_no_sample_costs_nothing():
    empty, masks = torch.zeros(0, 2, 4, 4), torch.zeros(0, 4, 4, dtype=torch.uint8)
    assert weighted_cross_entropy(empty, masks, class_weights=(0.9, 1.1)) == 0
    assert dice_loss(empty, masks, reduction="sample") == 0
    assert presence_loss(torch.zeros(0), masks) == 0


def test_without_sentences_the_losses_of_images_remain():
    outputs, contours = {"contour": torch.zeros(2, 1, 4, 4)}, torch.zeros(2, 4, 4)
    no_masks = torch.zeros(0, 4, 4, dtype=torch.uint8)
    total, parts = ReferringLoss(contour=0.5, presence=1.0)(outputs, no_masks, contours)
    assert set(parts) == {"contour"}
    assert total.item() == pytest.approx(0.5 * math.log(2))
    with pytest.raises(ValueError, match="without sentences nothing is learned: give one of contour, categories"):
        ReferringLoss(presence=1.0)(outputs, no_masks, contours)


def test_cross_entropy_weighs_pixels_by_class():
    loss = weighted_cross_entropy(logits_of([0.25, 0.5]), mask_of([0, 1]), class_weights=(0.9, 1.1))
    assert loss.item() == pytest.approx((0.9 * -math.log(0.75) + 1.1 * -math.log(0.5)) / 2.0)


@pytest.mark.parametrize(
    ("probability", "mask", "expected"),
    [
        ([0.5, 0.5], [1, 0], 0.5),  # I = 4 halves of 1, areas 4: 1 - 2 * 1 / 4
        ([0.8, 0.4], [1, 0], 0.3),  # I = 0.8 + 0.6, areas 4: 1 - 2.8 / 4
        ([0.1, 0.1], [0, 0], 0.1),  # right background counts: 1 - 2 * 1.8 / 4
    ],
)
def test_reference_dice_sums_both_classes(probability, mask, expected):
    assert dice_loss(logits_of(probability), mask_of(mask)).item() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("probabilities", "masks", "expected"),
    [
        ([[0.8, 0.4]], [[1, 0]], 1 - 1.6 / 2.2),
        ([[0.8, 0.4], [0.9, 0.9]], [[1, 0], [0, 0]], 1 - 1.6 / 2.2),  # an empty target does not count
        ([[0.9, 0.9]], [[0, 0]], 0.0),
        ([[0.8, 0.4], [0.5, 0.5]], [[1, 0], [1, 1]], (1 - 1.6 / 2.2 + 1 - 2 / 3) / 2),  # mean over samples
    ],
)
def test_sample_dice_averages_targeted_samples(probabilities, masks, expected):
    logits = torch.cat([logits_of(row) for row in probabilities])
    assert dice_loss(logits, mask_of(*masks), reduction="sample").item() == pytest.approx(expected, abs=1e-5)


def test_sample_dice_pushes_nothing_on_empty_targets():
    logits = logits_of([0.7, 0.2]).requires_grad_()
    dice_loss(logits, mask_of([0, 0]), reduction="sample").backward()
    assert logits.grad is not None and not logits.grad.any()


def test_contour_weighs_outlines():
    logits = torch.zeros(1, 1, 1, 4)
    loss = contour_loss(logits, mask_of([1, 0, 0, 0]), positive_weight=5.0)
    assert loss.item() == pytest.approx((5 + 3) * math.log(2) / 4)


def test_contour_ignores_what_is_unknown():
    logits = torch.tensor([0.3, -1.0, 5.0, -7.0]).reshape(1, 1, 1, 4)
    some = contour_loss(logits, mask_of([1, 0, 255, 255]), positive_weight=5.0)
    assert some.item() == pytest.approx(contour_loss(logits[..., :2], mask_of([1, 0]), positive_weight=5.0).item())
    assert contour_loss(logits, mask_of([255, 255, 255, 255]), positive_weight=5.0).item() == 0


def test_presence_asks_whether_a_mask_has_pixels():
    loss = presence_loss(torch.tensor([2.0, -1.0]), mask_of([0, 1], [0, 0]))
    assert loss.item() == pytest.approx((math.log(1 + math.exp(-2)) + math.log(1 + math.exp(-1))) / 2)


def test_total_is_the_weighted_sum_of_the_reference():
    logits, masks = logits_of([0.8, 0.4]), mask_of([1, 0])
    total, parts = ReferringLoss()({"logits": logits}, masks, masks)
    assert set(parts) == {"cross_entropy", "dice"}
    assert total.item() == pytest.approx(0.9 * parts["cross_entropy"].item() + 0.1 * 0.3, abs=1e-6)


def test_an_output_without_a_loss_still_gets_a_gradient():
    presence = torch.zeros(1, requires_grad=True)
    total, _ = ReferringLoss()({"logits": logits_of([0.5]), "presence": presence}, mask_of([1]), mask_of([1]))
    total.backward()
    assert presence.grad is not None and presence.grad.item() == 0


def test_a_weight_without_its_output_names_both():
    with pytest.raises(ValueError, match=r"loss\.contour has a weight.*\['logits'\].*set loss\.contour=0"):
        ReferringLoss(contour=0.1)({"logits": logits_of([0.5])}, mask_of([1]), mask_of([1]))


def test_categories_share_a_cell_by_area_and_leave_out_what_is_not_annotated():
    maps = torch.zeros(1, 8, 16, dtype=torch.uint8)
    maps[:, :, 8:] = 2  # the second cell is all of category 2
    annotated = torch.tensor([[False, True]])
    logits = torch.zeros(1, 3, 1, 2)
    # Category 1 is not annotated: two choices are left in each cell, whatever its logit says.
    logits[:, 1] = 50.0
    expected = (1 * math.log(2) + 4 * math.log(2)) / 5
    assert category_loss(logits, maps, annotated).item() == pytest.approx(expected)
    maps[:, :4, 8:] = 0  # half of the cell
    half = (1 * math.log(2) + 2.5 * math.log(2)) / 3.5
    assert category_loss(logits, maps, annotated).item() == pytest.approx(half)


def test_unknown_categories_and_padding_are_not_errors():
    maps = torch.full((1, 8, 12), UNKNOWN_CATEGORY, dtype=torch.uint8)
    annotated = torch.tensor([[True, True]])
    logits = torch.zeros(1, 3, 1, 2)  # 16 pixels wide: the image was padded
    assert category_loss(logits, maps, annotated).item() == pytest.approx(math.log(3), rel=1e-5)  # the padding alone
    assert category_loss(logits[..., :1], maps[..., :8], annotated).item() == 0


def test_another_number_of_categories_is_named():
    with pytest.raises(ValueError, match=r"network\.categories is 2; the vocabulary of the data has 3"):
        category_loss(torch.zeros(1, 3, 1, 1), torch.zeros(1, 8, 8, dtype=torch.uint8), torch.ones(1, 3).bool())


def test_no_loss_at_all_is_refused():
    with pytest.raises(ValueError, match="every weight is 0; give one of cross_entropy, dice"):
        ReferringLoss(cross_entropy=0, dice=0)


def test_the_category_of_a_sentence_counts_where_it_is_known():
    logits = torch.tensor([[0.0, 0.0], [5.0, -5.0], [0.0, math.log(3.0)]])
    assert sentence_loss(logits, torch.tensor([1, -1, 1])).item() == pytest.approx((math.log(2) - math.log(0.75)) / 2)
    assert sentence_loss(logits, torch.tensor([-1, -1, -1])).item() == 0


def test_focal_and_boundary_weights_by_hand():
    logits = torch.zeros(1, 2, 8, 8)
    logits[:, 1] = math.log(3.0)  # probability of the object 3/4 everywhere
    masks = torch.zeros(1, 8, 8, dtype=torch.uint8)
    masks[:, :, :4] = 1
    plain = (32 * -math.log(0.75) + 32 * -math.log(0.25)) / 64
    focal = (32 * -math.log(0.75) * 0.25**2 + 32 * -math.log(0.25) * 0.75**2) / 64
    weights = (1.0, 1.0)
    assert weighted_cross_entropy(logits, masks, class_weights=weights).item() == pytest.approx(plain)
    found = weighted_cross_entropy(logits, masks, class_weights=weights, focal_gamma=2.0).item()
    assert found == pytest.approx(focal)
    # Two columns on each side of the outline count three times: here both sides alike, so the mean stays.
    found = weighted_cross_entropy(logits, masks, class_weights=weights, boundary_weight=2.0).item()
    assert found == pytest.approx(plain)
    logits[:, 1, :, 2:6] = 0.0  # and now the outline is where the loss is log 2
    near, far = 32 * 3 * math.log(2), 16 * -math.log(0.75) + 16 * -math.log(0.25)
    found = weighted_cross_entropy(logits, masks, class_weights=weights, boundary_weight=2.0).item()
    assert found == pytest.approx((near + far) / (32 * 3 + 32))


@pytest.mark.parametrize("name", ["focal_gamma", "boundary_weight"])
def test_negative_weights_of_pixels_are_refused(name):
    with pytest.raises(ValueError, match=f"loss.{name} is -1"):
        ReferringLoss(**{name: -1})
