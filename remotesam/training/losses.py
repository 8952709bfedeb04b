"""Losses of referring segmentation, contours and presence.

Every quotient is formed from sums over all processes, so that two processes with batch b give the gradient of one
process with batch 2b (see :func:`remotesam.training.distributed.global_sum`).
"""

from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from remotesam.training.distributed import global_sum

DiceReduction = Literal["batch", "sample"]
SMOOTH = 1e-6
OF_IMAGES = ("contour", "categories")
"""The losses that need no sentence."""


def weighted_cross_entropy(
    logits: Tensor,
    masks: Tensor,
    *,
    class_weights: tuple[float, float],
    focal_gamma: float = 0.0,
    boundary_weight: float = 0.0,
) -> Tensor:
    """Cross-entropy of (background, object), each pixel weighted: sum(w * (1 - p)^gamma * ce) / sum(w).

    Args:
        logits: (K, 2, H, W) float.
        masks: (K, H, W), 0 background, 1 object.
        class_weights: Weights of background and object.
        focal_gamma: Exponent of the focal loss (Lin et al. 2017), >= 0; p is the probability of the true class. 0 is
            plain cross-entropy.
        boundary_weight: Added to the weight of pixels within two pixels of the mask's outline, as a multiple, >= 0.

    Returns:
        Scalar; 0 for K = 0.
    """
    target = masks.long()
    loss = F.cross_entropy(logits.float(), target, reduction="none")
    weight = torch.tensor(class_weights, dtype=torch.float32, device=logits.device)[target]
    if boundary_weight and len(masks):
        mask = masks[:, None].float()
        near = F.max_pool2d(mask, 5, 1, 2) + F.max_pool2d(1 - mask, 5, 1, 2) - 1
        weight = weight * (1 + boundary_weight * near[:, 0])
    if focal_gamma:
        loss = loss * (1 - torch.exp(-loss)) ** focal_gamma
    total, weights = global_sum(torch.stack([(weight * loss).sum(), weight.sum()])).unbind()
    return total / weights.clamp(min=SMOOTH)


def dice_loss(logits: Tensor, masks: Tensor, *, reduction: DiceReduction = "batch") -> Tensor:
    """One minus the Dice coefficient of softmax probabilities.

    ``batch`` is the reference: 1 - (2 I + s) / (A + B + s) with intersection I and areas A, B summed over the batch,
    both classes and all pixels; the background dominates it. ``sample`` takes the object class alone, per sample, and
    averages over the samples whose target is not empty: Dice of an empty target is 0 or 1 whatever the area, which
    would push every prediction to nothing; cross-entropy alone teaches emptiness.

    Args:
        logits: (K, 2, H, W) float.
        masks: (K, H, W), 0 background, 1 object.
        reduction: ``batch`` or ``sample``.

    Returns:
        Scalar in [0, 1]; 0 where no sample counts.
    """
    probability = logits.float().softmax(dim=1)
    target = masks.to(probability.dtype)
    if reduction == "batch":
        both = torch.stack([1 - target, target], dim=1)
        sums = torch.stack([(probability * both).sum(), probability.sum() + both.sum()])
        intersection, areas = global_sum(sums).unbind()
        return 1 - (2 * intersection + SMOOTH) / (areas + SMOOTH)
    intersection = (probability[:, 1] * target).sum(dim=(1, 2))
    areas = probability[:, 1].sum(dim=(1, 2)) + target.sum(dim=(1, 2))
    counts = (target.sum(dim=(1, 2)) > 0).to(probability.dtype)
    per_sample = 1 - (2 * intersection + SMOOTH) / (areas + SMOOTH)
    total, number = global_sum(torch.stack([(per_sample * counts).sum(), counts.sum()])).unbind()
    return total / number.clamp(min=1)


def contour_loss(logits: Tensor, contours: Tensor, *, positive_weight: float) -> Tensor:
    """Binary cross-entropy of the contour map; outlines are a few per cent of the pixels, hence their weight.

    Args:
        logits: (B, 1, H, W) float.
        contours: (B, H, W), 1 on outlines, 0 elsewhere; anything else is ignored.
        positive_weight: Weight of outline pixels, > 0.

    Returns:
        Scalar, the mean over the pixels that are not ignored.
    """
    known = (contours[:, None] <= 1).to(torch.float32)
    target = contours[:, None].to(torch.float32) * known
    weight = torch.tensor(positive_weight, dtype=torch.float32, device=logits.device)
    loss = F.binary_cross_entropy_with_logits(logits.float(), target, known, pos_weight=weight, reduction="sum")
    total, number = global_sum(torch.stack([loss, known.sum()])).unbind()
    return total / number.clamp(min=1)


def presence_loss(logits: Tensor, masks: Tensor) -> Tensor:
    """Binary cross-entropy of "the expression has a target here".

    Args:
        logits: (K,) float.
        masks: (K, H, W); a sample is present where its mask has any pixel.

    Returns:
        Scalar, the mean over samples.
    """
    target = masks.flatten(1).any(dim=1).to(torch.float32)
    loss = F.binary_cross_entropy_with_logits(logits.float(), target, reduction="sum")
    total, number = global_sum(torch.stack([loss, loss.new_tensor(target.numel())])).unbind()
    return total / number.clamp(min=1)


def category_loss(logits: Tensor, category_maps: Tensor, annotated: Tensor, *, object_weight: float = 4.0) -> Tensor:
    """Cross-entropy of all categories of an image at once, on a coarse grid with the share of each as soft target.

    Where a source does not annotate a category, its images say nothing about it: that logit takes no part.

    Args:
        logits: (B, C + 1, h, w) float at stride 8, "nothing" first.
        category_maps: (B, H, W) uint8; 0 nothing, 1 to C a category, anything else is ignored.
        annotated: (B, C) bool.
        object_weight: Weight of a cell full of objects; one of "nothing" weighs 1.

    Returns:
        Scalar, the weighted mean over cells.

    Raises:
        ValueError: The network has another number of categories than the data.
    """
    height, width = logits.shape[-2:]
    classes = logits.shape[1]
    if classes != annotated.shape[1] + 1:
        raise ValueError(f"network.categories is {classes - 1}; the vocabulary of the data has {annotated.shape[1]}")
    padding = (0, 8 * width - category_maps.shape[-1], 0, 8 * height - category_maps.shape[-2])
    maps = F.pad(category_maps, padding)[:, 2::4, 2::4].long()
    known = maps < classes
    shares = F.one_hot(maps * known, classes).permute(0, 3, 1, 2).float() * known[:, None]
    target = F.avg_pool2d(shares, 2)
    asked = F.pad(annotated, (1, 0), value=True)[:, :, None, None]
    log_probability = logits.float().masked_fill(~asked, -1e4).log_softmax(dim=1)
    weighted = torch.cat([target[:, :1], object_weight * target[:, 1:]], dim=1)
    total, weights = global_sum(torch.stack([-(weighted * log_probability).sum(), weighted.sum()])).unbind()
    return total / weights.clamp(min=SMOOTH)


def sentence_loss(logits: Tensor, sentence_categories: Tensor) -> Tensor:
    """Cross-entropy of the category that a sentence names.

    Args:
        logits: (K, C) float.
        sentence_categories: (K,) int64, 0 to C - 1, or -1 for a category outside the vocabulary, which does not count.

    Returns:
        Scalar, the mean over the sentences that count; 0 where none does.
    """
    loss = F.cross_entropy(logits.float(), sentence_categories, ignore_index=-1, reduction="sum")
    total, number = global_sum(torch.stack([loss, (sentence_categories >= 0).sum().to(loss.dtype)])).unbind()
    return total / number.clamp(min=1)


class ReferringLoss(nn.Module):
    """Weighted sum of the losses that have a weight and whose output the network has.

    The reference recipe is ``cross_entropy=0.9, class_weights=(0.9, 1.1), dice=0.1``.

    Args:
        cross_entropy: Weight of :func:`weighted_cross_entropy`.
        class_weights: Weights of background and object in it.
        dice: Weight of :func:`dice_loss`.
        dice_reduction: ``batch`` (reference) or ``sample``.
        contour: Weight of :func:`contour_loss`; needs the network's ``contour`` output.
        contour_positive_weight: Weight of outline pixels in it.
        focal_gamma: Exponent of the focal form of the cross-entropy; 0 is the plain one.
        boundary_weight: Additional weight of pixels near an outline in the cross-entropy.
        presence: Weight of :func:`presence_loss`; needs the network's ``presence`` output.
        categories: Weight of :func:`category_loss`; needs the network's ``categories`` output.
        sentence: Weight of :func:`sentence_loss`; needs the network's ``sentence`` output.
    """

    def __init__(
        self,
        *,
        cross_entropy: float = 0.9,
        class_weights: tuple[float, float] = (0.9, 1.1),
        dice: float = 0.1,
        dice_reduction: DiceReduction = "batch",
        contour: float = 0.0,
        contour_positive_weight: float = 5.0,
        focal_gamma: float = 0.0,
        boundary_weight: float = 0.0,
        presence: float = 0.0,
        categories: float = 0.0,
        sentence: float = 0.0,
    ) -> None:
        super().__init__()
        self.weights = {
            "cross_entropy": cross_entropy,
            "dice": dice,
            "contour": contour,
            "presence": presence,
            "categories": categories,
            "sentence": sentence,
        }
        if not any(self.weights.values()):
            raise ValueError(f"loss: every weight is 0; give one of {', '.join(self.weights)} a weight")
        self.class_weights = class_weights
        self.dice_reduction: DiceReduction = dice_reduction
        self.contour_positive_weight = contour_positive_weight
        for name, value in (("focal_gamma", focal_gamma), ("boundary_weight", boundary_weight)):
            if value < 0:
                raise ValueError(f"loss.{name} is {value}; it must be at least 0")
        self.focal_gamma, self.boundary_weight = focal_gamma, boundary_weight

    def forward(
        self,
        outputs: Mapping[str, Tensor],
        masks: Tensor,
        contours: Tensor,
        *,
        category_maps: Tensor | None = None,
        annotated: Tensor | None = None,
        sentence_categories: Tensor | None = None,
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Compute the total and its parts.

        A batch without sentences (K = 0, no ``logits``) has only the losses of images: ``contour``, ``categories``.

        Args:
            outputs: ``logits`` (K, 2, H, W), and with a weight on them ``contour`` (B, 1, H, W), ``presence`` (K,),
                ``categories`` (B, C + 1, H/8, W/8), ``sentence`` (K, C).
            masks: (K, H, W) 0/1.
            contours: (B, H, W) 0/1, anything else where unknown.
            category_maps: (B, H, W) uint8, needed with a weight on ``categories``.
            annotated: (B, C) bool, likewise.
            sentence_categories: (K,) int64, needed with a weight on ``sentence``.

        Returns:
            The weighted scalar, and the unweighted, detached parts by name.

        Raises:
            ValueError: A loss has a weight but the network lacks the output, or no loss is left without sentences.
        """
        parts: dict[str, Tensor] = {}
        weights = self.weights
        if not len(masks):
            weights = {name: weight * (name in OF_IMAGES) for name, weight in weights.items()}
            if not any(weights.values()):
                raise ValueError(f"without sentences nothing is learned: give one of {', '.join(OF_IMAGES)} a weight")
        if weights["cross_entropy"]:
            parts["cross_entropy"] = weighted_cross_entropy(
                outputs["logits"],
                masks,
                class_weights=self.class_weights,
                focal_gamma=self.focal_gamma,
                boundary_weight=self.boundary_weight,
            )
        if weights["dice"]:
            parts["dice"] = dice_loss(outputs["logits"], masks, reduction=self.dice_reduction)
        if weights["contour"]:
            logits = _output(outputs, "contour")
            parts["contour"] = contour_loss(logits, contours, positive_weight=self.contour_positive_weight)
        if weights["presence"]:
            parts["presence"] = presence_loss(_output(outputs, "presence"), masks)
        if weights["categories"]:
            if category_maps is None or annotated is None:
                raise ValueError("loss.categories has a weight, but the samples have no category_maps and annotated")
            parts["categories"] = category_loss(_output(outputs, "categories"), category_maps, annotated)
        if weights["sentence"]:
            if sentence_categories is None:
                raise ValueError("loss.sentence has a weight, but the samples have no sentence_categories")
            parts["sentence"] = sentence_loss(_output(outputs, "sentence"), sentence_categories)
        total = torch.stack([weights[name] * value for name, value in parts.items()]).sum()
        for name in outputs.keys() - {"logits", *parts}:
            # Data-parallel training waits for the gradient of every parameter, also of an output without a loss.
            total = total + 0.0 * outputs[name].sum()
        return total, {name: value.detach() for name, value in parts.items()}


def _output(outputs: Mapping[str, Tensor], name: str) -> Tensor:
    if name not in outputs:
        raise ValueError(
            f"loss.{name} has a weight, but the network has no '{name}' output (it has {sorted(outputs)}); "
            f"set loss.{name}=0 or give the network that output"
        )
    return outputs[name]
